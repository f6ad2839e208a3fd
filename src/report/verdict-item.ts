import type { VerdictItem } from '../api/index.ts'
import type { Evaluation } from '../evaluation/index.ts'
import { impliedTag, registryPage, type Reference } from '../image/index.ts'

/** By what an evaluation was made, and when, in epoch milliseconds. */
interface Evaluated {
  readonly strategy: VerdictItem['strategy']
  readonly at: number
}

/** An evaluation as it is shown to clients that may not see secrets. */
export function verdictItemOf(evaluation: Evaluation, { strategy, at }: Evaluated): VerdictItem {
  const { image, reference, verdict, reason, behind, counted, stale, age } = evaluation
  return {
    image,
    ...placeOf(reference),
    newest: orNull(evaluation.newest),
    elsewhere: orNull(evaluation.elsewhere),
    line: orNull(evaluation.line),
    behind,
    counted,
    verdict,
    reason,
    detail: orNull(evaluation.detailForOthers),
    strategy,
    checkedAt: instant(age === undefined ? undefined : at - age),
    stale,
    page: orNull(reference && registryPage(reference, evaluation.newest)),
    source: orNull(evaluation.source),
  }
}

function placeOf(reference: Reference | undefined): Pick<VerdictItem, 'registry' | 'repository' | 'current'> {
  if (reference === undefined) return { registry: null, repository: null, current: null }
  const { registry, repository } = reference
  return { registry, repository, current: orNull(impliedTag(reference)) }
}

/** The text, or the null of JSON. */
export function orNull(text: string | undefined): string | null {
  return text ?? null
}

/** An instant (epoch milliseconds) as RFC 3339. */
export function instant(at: number): string
export function instant(at: number | undefined): string | null
export function instant(at: number | undefined): string | null {
  // oxlint-disable-next-line eslint/no-restricted-globals -- writes a given instant and reads no clock
  return at === undefined ? null : new Date(at).toISOString()
}
