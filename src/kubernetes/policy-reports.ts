import { setImmediate as turn } from 'node:timers/promises'
import type { KubeConfig } from '@kubernetes/client-node'
import type { DriftReport } from '../audit/index.ts'
import { firstServed } from './api-discovery.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { workloadReports, type WorkloadReport } from './policy-report.ts'
import {
  listReports,
  reportKinds,
  reportObject,
  sinceKey,
  type HeldReport,
  type ReportKind,
} from './policy-report-objects.ts'
import { ForeignReportError, putReport, removeReport } from './policy-report-writes.ts'

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
  /** Have the name of one of ours, but not our label: another tool keeps them, and they are left alone. */
  readonly foreign: number
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
/** The API server or the kind of reports is gone, not an object: the next cycle looks anew. */
const mostFailuresInARow = 20

/** Workloads between two turns of other work: some 5 ms. */
const turnEvery = 250

/** To be made anew for each term of a leader: what it knows of the cluster is what it listed and wrote itself. */
export function createPolicyReports(options: PolicyReportsOptions): PolicyReports {
  let known: Known | undefined
  return {
    async write(report, signal) {
      if (known === undefined || options.now() - known.at >= knownFor) known = await look(options, signal)
      const { kind, held } = known
      if (kind === undefined) return nothing
      const cycle = createCycle({ ...options, kind }, held, signal)
      const workloads = await writeAll(report, held, cycle)
      if (cycle.gaveUp()) known = undefined
      const { unwritten, ...counts } = cycle.counts()
      const unchanged = workloads - counts.written - unwritten
      return { resource: `${kind.resource}.${kind.group}`, unchanged, ...counts }
    },
  }
}

/** How many workloads there are. */
async function writeAll(
  report: DriftReport,
  held: ReadonlyMap<string, HeldReport>,
  cycle: ReturnType<typeof createCycle>,
): Promise<number> {
  const current = new Set<string>()
  // oxlint-disable eslint/no-await-in-loop -- one after the other, and not too fast
  for (const one of workloadReports(report)) {
    current.add(keyOf(one))
    if (!saysSame(held.get(keyOf(one)), one)) await cycle.put(one)
    else if (current.size % turnEvery === 0) await turn()
  }
  if (report.complete) for (const [key, one] of held) if (!current.has(key)) await cycle.remove(one)
  // oxlint-enable eslint/no-await-in-loop
  return current.size
}

const nothing = { resource: undefined, written: 0, unchanged: 0, removed: 0, failed: 0, foreign: 0 }

function saysSame(held: HeldReport | undefined, report: WorkloadReport): boolean {
  return held !== undefined && (held.content === report.content || report.provisional)
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

/** One cycle's writes, as far as they come through. */
function createCycle(parts: CycleParts, held: Map<string, HeldReport>, signal: AbortSignal) {
  const counts = { written: 0, unwritten: 0, removed: 0, failed: 0, foreign: 0 }
  const told = new Set<string>()
  const wait = pace(parts, signal)
  let failuresInARow = 0
  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    if (failuresInARow >= mostFailuresInARow) return false
    await wait()
    try {
      await work()
      failuresInARow = 0
      return true
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.code === 'superseded' || signal.aborted) throw error
      const isForeign = error instanceof ForeignReportError
      counts[isForeign ? 'foreign' : 'failed'] += 1
      failuresInARow = isForeign ? 0 : failuresInARow + 1
      // A namespace that is being removed, or was since the audit: nobody needs to do anything.
      if (error.code !== 'not-found' && !told.has(error.code)) parts.onProblem(error)
      told.add(error.code)
      return false
    }
  }
  return {
    counts: () => counts,
    gaveUp: () => failuresInARow >= mostFailuresInARow,
    async put(report: WorkloadReport): Promise<void> {
      const done = await attempt(() => put(report, { ...parts, held }, signal))
      counts[done ? 'written' : 'unwritten'] += 1
    },
    async remove(report: HeldReport): Promise<void> {
      if (!(await attempt(() => removeReport(parts, report, signal)))) return
      held.delete(keyOf(report))
      counts.removed += 1
    },
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
  const resourceVersion = await putReport(place, { object, seen: before?.resourceVersion }, signal)
  const { namespace, name, content } = report
  const since = new Map(object.results.map(one => [sinceKey(one), one.timestamp.seconds]))
  held.set(key, { namespace, name, resourceVersion, content, since })
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
