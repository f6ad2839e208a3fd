import type { DriftItem } from '../api/index.ts'
import type { Drift } from '../audit/index.ts'
import { instant, orNull, verdictItemOf } from './verdict-item.ts'

/** A row as it is shown to who may see all namespaces, but not their secrets; `finishedAt` is that of its report, in epoch milliseconds. */
export function driftItemOf(drift: Drift, finishedAt: number): DriftItem {
  const { image, evaluation, policy, moved, newestOverall, since } = drift
  const { workload, container, field, origin, pods } = image
  const { namespace, apiVersion, kind, name } = workload
  const { mode, strategy } = policy
  return {
    namespace,
    workload: { apiVersion, kind, name },
    container,
    field,
    origin,
    ...verdictItemOf(evaluation, { strategy, at: finishedAt }),
    image: image.image,
    newestOverall: orNull(newestOverall),
    since: instant(since),
    moved,
    verdict: shownVerdict(drift),
    mode,
    policy: orNull(drift.decidedBy),
    wouldRefuse: drift.enforced.action === 'refuse',
    exception: orNull(drift.outcome.exception?.name),
    breakGlass: orNull(drift.emergency?.reason),
    waiting: waitingOf(evaluation),
    pods,
    overdue: evaluation.overdue,
  }
}

function waitingOf({ waiting }: Drift['evaluation']): DriftItem['waiting'] {
  return waiting === undefined ? null : { tag: waiting.tag, until: instant(waiting.until) }
}

/** The verdict with the exemption, which is stronger. */
export function shownVerdict({ evaluation, exempt }: Drift): DriftItem['verdict'] {
  return exempt ? 'exempt' : evaluation.verdict
}
