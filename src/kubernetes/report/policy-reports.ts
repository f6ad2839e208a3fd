import type { KubeConfig } from '@kubernetes/client-node'
import type { DriftReport } from '../../audit/index.ts'
import { createApiAgent } from '../api/connection.ts'
import type { KubernetesError } from '../api/kubernetes-error.ts'
import { firstServed } from '../api/resources.ts'
import { createCycle } from './policy-report-cycle.ts'
import { heldKeyOf, planFor, sizeOf, type ReportPlan } from './policy-report-plan.ts'
import { listReports, reportKinds, type HeldReport, type ReportKind } from './policy-report-store.ts'

/** The options of policy reports; times in milliseconds. */
export interface PolicyReportsOptions {
  readonly kubeConfig: KubeConfig
  /** Only in these namespaces; empty: all. */
  readonly namespaces: readonly string[]
  readonly mayWrite: () => boolean
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** Called for the first failure of each kind in a cycle. */
  readonly onProblem: (problem: KubernetesError) => void
  /** Called with the number of writes that are left, at the beginning and after each. */
  readonly onPending?: (pending: number) => void
  /** Writes in a second, default 10. */
  readonly perSecond?: number
}

/** The outcome of one cycle. */
export interface PolicyReportOutcome {
  /** `policyreports.wgpolicyk8s.io`; undefined where the cluster has no kind of reports. */
  readonly resource: string | undefined
  readonly written: number
  readonly unchanged: number
  readonly removed: number
  /** Refused, or not tried because others of their namespace were refused: they come last in the next call. */
  readonly failed: number
  /** Reports of another tool (without our label) that have the name of one of ours; they are left alone. */
  readonly foreign: number
  /** Left to the next call, as a newer report has come or the API server takes nothing. */
  readonly pending: number
}

/** Keeps one report for each workload, where the cluster has a kind for them. */
export interface PolicyReports {
  /**
   * Removes the reports of workloads that are gone, if the drift report is complete, and writes those that changed since the last
   * cycle: first new ones, then those written longest ago, so that each gets written even if newer drift reports keep superseding
   * this one, and last those that failed before. The failure of one object does not end the cycle.
   * @throws KubernetesError `superseded` or `closed`, and where the reports cannot be listed.
   */
  write(report: DriftReport, signal: AbortSignal, isSuperseded?: () => boolean): Promise<PolicyReportOutcome>
}

/** The cluster's reports as they were listed and written, and when they were listed. */
interface Known {
  readonly at: number
  readonly kind: ReportKind | undefined
  readonly held: Map<string, HeldReport>
}

/** Custom resource definitions come and go, and reports may be removed: that is noticed within an hour. */

const knownFor = 3_600_000
/** Creates a writer of policy reports for one term of a leader: it knows the cluster only by its own lists and writes. */
export function createPolicyReports(options: PolicyReportsOptions): PolicyReports {
  let known: Known | undefined
  /** The keys of reports that could not be written. */
  const failing = new Set<string>()
  return {
    async write(report, signal, isSuperseded = () => false) {
      if (known === undefined || options.now() - known.at >= knownFor) known = await look(options, signal)
      const { kind, held } = known
      if (kind === undefined) return nothing
      const plan = await planFor(report, held, failing)
      forgetOthers(failing, plan)
      const agent = createApiAgent(options.kubeConfig, 1)
      const cycle = createCycle({ ...options, kind, agent }, { held, failing }, signal)
      const isOver = (): boolean => isSuperseded() || cycle.gaveUp()
      const onPending = (pending: number): void => options.onPending?.(pending)
      const pending = await writeAll(plan, cycle, { isOver, onPending }).finally(() => agent.destroy())
      if (cycle.gaveUp() || cycle.isKindMissing()) known = undefined
      const { written, removed, failed, foreign } = cycle.counts()
      return {
        resource: `${kind.resource}.${kind.group}`,
        written,
        unchanged: plan.unchanged,
        removed,
        failed,
        foreign,
        pending,
      }
    },
  }
}

/** Forgets failures of reports that are not to be written any more. */
function forgetOthers(failing: Set<string>, { changed }: ReportPlan): void {
  const keys = new Set(changed.map(({ key }) => key))
  for (const key of failing) if (!keys.has(key)) failing.delete(key)
}

interface Passing {
  readonly isOver: () => boolean
  readonly onPending: (pending: number) => void
}

/** Writes a plan; resolves to how many writes are left. */
async function writeAll(
  plan: ReportPlan,
  cycle: ReturnType<typeof createCycle>,
  { isOver, onPending }: Passing,
): Promise<number> {
  let left = sizeOf(plan)
  onPending(left)
  // oxlint-disable eslint/no-await-in-loop -- one after the other, and not too fast
  for (const one of plan.gone) {
    if (isOver()) return left
    await cycle.remove(one)
    onPending((left -= 1))
  }
  for (const one of plan.changed) {
    if (isOver()) return left
    await cycle.put(one, plan.finishedAt)
    onPending((left -= 1))
  }
  // oxlint-enable eslint/no-await-in-loop
  return left
}

const nothing = {
  resource: undefined,
  written: 0,
  unchanged: 0,
  removed: 0,
  failed: 0,
  foreign: 0,
  pending: 0,
}

async function look(
  { kubeConfig, namespaces, now }: PolicyReportsOptions,
  signal: AbortSignal,
): Promise<Known> {
  const at = now()
  const held = new Map<string, HeldReport>()
  const kind = await firstServed(kubeConfig, reportKinds, signal)
  if (kind === undefined) return { at, kind, held }
  for (const namespace of namespaces.length === 0 ? [undefined] : namespaces)
    // oxlint-disable-next-line eslint/no-await-in-loop -- not as many requests at a time as there are namespaces
    for (const one of await listReports({ kubeConfig, kind }, namespace, signal))
      held.set(heldKeyOf(one), one)
  return { at, kind, held }
}
