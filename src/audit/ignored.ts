import { resolvePolicy, type Policy } from '../policy/index.ts'
import type { RunningImage } from '../inventory/index.ts'
import { movedTagsProblem, type MovedTags } from './moved-tag.ts'

/** Collects the labels and annotations that say nothing known, so that what they were to change stays as it is. */
export interface Ignored {
  /** Looks at those of an image's namespace and workload. */
  look(image: RunningImage, labels: Readonly<Record<string, string>>): void
  /** One sentence for each label of a namespace and each annotation of a workload. */
  sentences(): readonly string[]
}

/** A collection of none yet. */
export function createIgnored(defaults: Policy & { readonly movedTags: MovedTags }): Ignored {
  const sentences = new Set<string>()
  const namespaces = new Set<string>()
  return {
    look({ workload, annotations }, labels) {
      const { kind, namespace, name } = workload
      if (!namespaces.has(namespace)) {
        namespaces.add(namespace)
        for (const problem of resolvePolicy(defaults, labels, {}).problems)
          sentences.add(`namespace ${namespace}: ${problem}`)
      }
      // Most workloads have none of ours.
      if (Object.keys(annotations).length === 0) return
      const moved = movedTagsProblem(annotations, defaults.movedTags)
      for (const problem of [...resolvePolicy(defaults, {}, annotations).problems, moved ?? []].flat())
        sentences.add(`${kind} ${namespace}/${name}: ${problem}`)
    },
    sentences: () => [...sentences],
  }
}
