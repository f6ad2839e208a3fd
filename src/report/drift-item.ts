import type { DriftItem } from '../api/index.ts'
import { impliedTag, registryPage, type Reference } from '../image/index.ts'
import type { Drift } from '../audit/index.ts'

/** A row as it is shown to who may see all namespaces, but not their secrets; `finishedAt` is that of its report, in epoch milliseconds. */
export function driftItemOf(drift: Drift, finishedAt: number): DriftItem {
  const { image, evaluation, policy, moved, newestOverall, since } = drift
  const { workload, container, field, origin, pods } = image
  const { reason, behind, counted, stale, overdue, age } = evaluation
  const { namespace, apiVersion, kind, name } = workload
  return {
    namespace,
    workload: { apiVersion, kind, name },
    container,
    field,
    origin,
    image: image.image,
    ...placeOf(evaluation.reference),
    newest: orNull(evaluation.newest),
    newestOverall: orNull(newestOverall),
    elsewhere: orNull(evaluation.elsewhere),
    line: orNull(evaluation.line),
    behind,
    counted,
    since: instant(since),
    moved,
    verdict: shownVerdict(drift),
    reason,
    detail: orNull(evaluation.detailForOthers),
    mode: policy.mode,
    strategy: policy.strategy,
    policy: orNull(drift.decidedBy),
    wouldRefuse: drift.enforced.action === 'refuse',
    exception: orNull(drift.outcome.exception?.name),
    breakGlass: orNull(drift.emergency?.reason),
    waiting: waitingOf(evaluation),
    pods,
    checkedAt: instant(age === undefined ? undefined : finishedAt - age),
    stale,
    overdue,
    page: orNull(evaluation.reference && registryPage(evaluation.reference, evaluation.newest)),
    source: orNull(evaluation.source),
  }
}

function waitingOf({ waiting }: Drift['evaluation']): DriftItem['waiting'] {
  return waiting === undefined ? null : { tag: waiting.tag, until: instant(waiting.until) }
}

function placeOf(reference: Reference | undefined): Pick<DriftItem, 'registry' | 'repository' | 'current'> {
  if (reference === undefined) return { registry: null, repository: null, current: null }
  const { registry, repository } = reference
  return { registry, repository, current: orNull(impliedTag(reference)) }
}

function orNull(text: string | undefined): string | null {
  return text ?? null
}

/** The verdict with the exemption, which is stronger. */
export function shownVerdict({ evaluation, exempt }: Drift): DriftItem['verdict'] {
  return exempt ? 'exempt' : evaluation.verdict
}

/** An instant (epoch milliseconds) as RFC 3339. */
export function instant(at: number): string
export function instant(at: number | undefined): string | null
export function instant(at: number | undefined): string | null {
  // oxlint-disable-next-line eslint/no-restricted-globals -- writes a given instant and reads no clock
  return at === undefined ? null : new Date(at).toISOString()
}
