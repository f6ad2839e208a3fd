import { setImmediate as nextTurn } from 'node:timers/promises'
import { timeLimit, type ComposedCatalog } from './catalog.ts'
import {
  evaluateImages,
  rememberChoices,
  type Evaluation,
  type EvaluationPorts,
} from '../../evaluation/index.ts'
import type { VerdictSource } from '../../http/index.ts'

/** The verdicts of the catalog, for programs that ask without a namespace: by anonymous access, and the credentials of the configuration for all. */
export function composeVerdicts({
  catalog,
  schemes,
}: Pick<ComposedCatalog, 'catalog' | 'schemes'>): VerdictSource {
  const ports: EvaluationPorts = {
    catalog,
    digests: catalog,
    schemes: repository => schemes.of(repository),
    timeLimit,
    choose: rememberChoices(),
  }
  return {
    async evaluate({ images, strategy, budget }) {
      const deadline = performance.now() + budget
      const underWay: Promise<ReadonlyMap<string, Evaluation>>[] = []
      for (const image of new Set(images)) {
        const left = Math.max(0, deadline - performance.now())
        underWay.push(evaluateImages({ images: [image], strategy, budget: left }, ports))
        // A choice among 50,000 tags takes tens of milliseconds: reviews get their turns in between.
        // oxlint-disable-next-line eslint/no-await-in-loop
        await nextTurn()
      }
      const all = await Promise.all(underWay)
      return new Map(all.flatMap(one => [...one]))
    },
  }
}
