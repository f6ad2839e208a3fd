import type { KubeConfig } from '@kubernetes/client-node'
import type { DriftReport } from '../audit/index.ts'
import { firstServed } from './api-discovery.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { workloadReports, type WorkloadReport } from './policy-report.ts'
import {
  listReports,
  putReport,
  removeReport,
  reportKinds,
  reportObject,
  sinceKey,
  type HeldReport,
  type ReportKind,
} from './policy-report-objects.ts'

/** What reports are written with; times in milliseconds. */
export interface PolicyReportsOptions {
  readonly kubeConfig: KubeConfig
  /** Only in these namespaces; empty: all. */
  readonly namespaces: readonly string[]
  readonly mayWrite: () => boolean
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** The first failure of each kind in a cycle. */
  readonly onProblem: (problem: KubernetesError) => void
  /** Writes in a second, default 10. */
  readonly perSecond?: number
}

/** What came of one cycle. */
export interface PolicyReportOutcome {
  /** `policyreports.wgpolicyk8s.io`; undefined where the cluster has no kind of reports. */
  readonly resource: string | undefined
  readonly written: number
  readonly unchanged: number
  readonly removed: number
  readonly failed: number
}

/** Keeps one report for each workload, where the cluster has a kind for them. */
export interface PolicyReports {
  /**
   * Writes what changed since the last cycle, and removes what is no more if the report is complete. A failure of one object
   * ends nothing. @throws KubernetesError `superseded` or `closed`, and where the reports cannot be listed.
   */
  write(report: DriftReport, signal: AbortSignal): Promise<PolicyReportOutcome>
}

/** What is known of the cluster's reports, and since when. */
interface Known {
  readonly at: number
  readonly kind: ReportKind | undefined
  readonly held: Map<string, HeldReport>
}

/** Definitions come and go, and somebody may remove reports: an hour later we have seen it. */
const knownFor = 3_600_000
/** The API server is gone, not an object: the next cycle goes on with it. */
const mostFailuresInARow = 20

/** To be made anew for each term of a leader: what it knows of the cluster is what it listed and wrote itself. */
export function createPolicyReports(options: PolicyReportsOptions): PolicyReports {
  let known: Known | undefined
  return {
    async write(report, signal) {
      if (known === undefined || options.now() - known.at >= knownFor) known = await look(options, signal)
      const { kind, held } = known
      if (kind === undefined) return { resource: undefined, written: 0, unchanged: 0, removed: 0, failed: 0 }
      const cycle = createCycle({ ...options, kind }, signal)
      const current = new Set<string>()
      let unchanged = 0
      for (const one of workloadReports(report)) {
        const key = keyOf(one)
        current.add(key)
        const before = held.get(key)
        const isSame = before?.content === one.content || (before !== undefined && one.provisional)
        // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other, and not too fast
        if (isSame || !(await cycle.put(one, held))) unchanged += isSame ? 1 : 0
      }
      const gone = report.complete ? [...held].filter(([key]) => !current.has(key)) : []
      // oxlint-disable-next-line eslint/no-await-in-loop
      for (const [key, one] of gone) if (await cycle.remove(one)) held.delete(key)
      return { resource: `${kind.resource}.${kind.group}`, unchanged, ...cycle.counts() }
    },
  }
}

function keyOf({ namespace, name }: Pick<HeldReport, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`
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
    for (const one of await listReports({ kubeConfig, kind }, namespace, signal)) held.set(keyOf(one), one)
  return { at, kind, held }
}

type CycleParts = PolicyReportsOptions & { readonly kind: ReportKind }

/** One cycle's writes. Each tells whether it came through. */
function createCycle(parts: CycleParts, signal: AbortSignal) {
  const counts = { written: 0, removed: 0, failed: 0 }
  const told = new Set<string>()
  const wait = pace(parts, signal)
  let failuresInARow = 0
  const attempt = async (count: 'written' | 'removed', work: () => Promise<void>): Promise<boolean> => {
    if (failuresInARow >= mostFailuresInARow) return false
    await wait()
    try {
      await work()
      counts[count] += 1
      failuresInARow = 0
      return true
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error
      if (error.code === 'superseded' || signal.aborted) throw error
      counts.failed += 1
      failuresInARow += 1
      if (!told.has(error.code)) parts.onProblem(error)
      told.add(error.code)
      return false
    }
  }
  return {
    counts: () => ({ ...counts }),
    put: (report: WorkloadReport, held: Map<string, HeldReport>) =>
      attempt('written', () => put(report, { ...parts, held }, signal)),
    remove: (report: HeldReport) => attempt('removed', () => removeReport(parts, report, signal)),
  }
}

async function put(
  report: WorkloadReport,
  { held, now, ...place }: CycleParts & { readonly held: Map<string, HeldReport> },
  signal: AbortSignal,
): Promise<void> {
  const key = keyOf(report)
  const before = held.get(key)
  const written = { held: before, now: Math.floor(now() / 1000) }
  const object = reportObject(place.kind, report, written)
  await putReport(place, { object, exists: before !== undefined }, signal)
  const { namespace, name, content } = report
  const since = new Map(object.results.map(one => [sinceKey(one), one.timestamp.seconds]))
  held.set(key, { namespace, name, content, since })
}

/** Waits until the next write may begin. */
function pace({ now, sleep, perSecond = 10 }: PolicyReportsOptions, signal: AbortSignal) {
  let next = 0
  return async (): Promise<void> => {
    const wait = next - now()
    next = Math.max(next, now()) + 1000 / perSecond
    // A clock that was set back must not stop it.
    if (wait > 0) await sleep(Math.min(wait, 1000), signal)
  }
}
