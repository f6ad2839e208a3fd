import { hostname } from 'node:os'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { createAudit, type Audit, type DriftReport } from './audit/index.ts'
import type { Channel } from './notification/index.ts'
import { patience, type ComposedCatalog } from './compose-catalog.ts'
import type { Config } from './config/index.ts'
import type { AccessSource } from './evaluation/index.ts'
import {
  createDriftEvents,
  createInventory,
  createPolicyReports,
  createStateStore,
  type loadKubeConfig,
  type WatchedInventory,
} from './kubernetes/index.ts'
import { createNotifier, type Route } from './notification/index.ts'
import { createSchedule } from './schedule.ts'
import type { AuditMetrics, Logger } from './telemetry/index.ts'

type KubeConfig = Awaited<ReturnType<typeof loadKubeConfig>>

/** What a leader works with. */
export interface Desk {
  readonly config: Config
  readonly log: Logger
  readonly kubeConfig: KubeConfig
  readonly composed: ComposedCatalog
  readonly access: AccessSource
  readonly metrics: AuditMetrics
  readonly channels: readonly Channel[]
  publish(report: DriftReport): Promise<void>
}

/** Whether it is still the leader, to be asked before each write. */
export interface Term {
  readonly mayWrite: () => boolean
}

/** Looks at what runs until the signal aborts: at once, then by the schedule. */
export async function lead(desk: Desk, term: Term, signal: AbortSignal): Promise<void> {
  const { config, log, metrics } = desk
  metrics.setLeader(true)
  log.info({}, 'leading')
  const inventory = composeInventory(desk)
  try {
    await inventory.start()
    const work = createCycle(desk, inventory, term)
    const schedule = createSchedule(config.audit)
    while (!signal.aborted) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one cycle after the other
      const went = await work(signal)
      const wait = went ? schedule.untilNext() : Math.min(schedule.untilNext(), afterFailure)
      // oxlint-disable-next-line eslint/no-await-in-loop
      await pause(wait, signal)
    }
  } finally {
    await inventory.close()
  }
}

// A cycle that failed is tried again soon, and not so soon that it adds to the trouble.
const afterFailure = 60_000
// setTimeout takes no longer times; a cycle may well be a month away.
const longestTimer = 2 ** 31 - 1

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(Math.min(milliseconds, longestTimer), undefined, { signal })
  } catch {
    // Aborted: the loop sees it.
  }
}

function composeInventory({ config, log, kubeConfig }: Desk): WatchedInventory {
  return createInventory({
    kubeConfig,
    namespaces: config.audit.namespaces,
    onProblem: problem => log.warn({ reason: problem.message }, 'inventory: watch failed, taken up again'),
  })
}

type Cycle = (signal: AbortSignal) => Promise<boolean>

/** One cycle with all that is told of it; false where it failed. */
function createCycle(desk: Desk, inventory: WatchedInventory, term: Term): Cycle {
  const { log, metrics } = desk
  const audit = composeDriftAudit(desk.config, { ...desk, inventory })
  const tell = createTelling(desk, inventory, term)
  return async signal => {
    try {
      const report = await audit.run(signal)
      metrics.audited(report)
      metrics.setSynced(inventory.synced)
      await desk.publish(report)
      const seconds = (report.finishedAt - report.startedAt) / 1000
      const { rows, problems, complete } = report
      log.info({ containers: rows.length, problems: problems.length, complete, seconds }, 'audited')
      for (const problem of problems.slice(0, mostProblems)) log.warn({ problem }, 'not audited')
      await tell(report, signal)
      return true
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, 'audit failed, trying again')
      return false
    }
  }
}

// The rest is in the summary of the REST interface.
const mostProblems = 20

interface AuditParts {
  readonly inventory: WatchedInventory
  readonly composed: Pick<ComposedCatalog, 'catalog' | 'schemes'>
  readonly access: AccessSource
}

/** An audit of an inventory with the configuration's policy. */
export function composeDriftAudit(config: Config, { inventory, composed, access }: AuditParts): Audit {
  const { catalog, schemes } = composed
  return createAudit({
    inventory,
    catalog,
    digests: catalog,
    schemes: repository => schemes.of(repository),
    access,
    patience,
    defaults: { mode: config.mode, strategy: config.strategy, movedTags: config.audit.movedTags },
    now: Date.now,
    turn,
    atOnce: 64,
    // A whole walk over a very large repository, behind others in the same line.
    budget: 120_000,
  })
}

type Telling = (report: DriftReport, signal: AbortSignal) => Promise<void>

function createTelling(desk: Desk, inventory: WatchedInventory, { mayWrite }: Term): Telling {
  const { config, kubeConfig, log, metrics } = desk
  const namespace = config.ownNamespace
  const notifier = composeNotifier(desk, { mayWrite })
  const onProblem = (problem: Error): void =>
    log.warn({ reason: problem.message }, 'report or event not written')
  const reports = createPolicyReports({
    kubeConfig,
    namespaces: config.audit.namespaces,
    mayWrite,
    now: Date.now,
    sleep: pause,
    onProblem,
  })
  const events = createDriftEvents({
    kubeConfig,
    instance: hostname(),
    self: { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'patchline-audit' },
    mayWrite,
    now: Date.now,
    onProblem,
  })
  return async (report, signal) => {
    // First who waits for it; what the cluster is told of must not keep people from hearing.
    const told = await notifier.tell(report, name => inventory.labelsOf(name), signal)
    for (const problem of told.problems) log.warn({ problem }, 'annotation not understood')
    if (config.audit.events) await events.tell(told.changes, signal)
    if (!config.audit.reports) return
    const { written, removed } = await reports.write(report, signal)
    metrics.countReportsWritten(written + removed)
  }
}

const day = 86_400_000
const hour = 3_600_000

function composeNotifier({ config, kubeConfig, log, metrics, channels }: Desk, { mayWrite }: Term) {
  const { notifications, ownNamespace: namespace } = config
  return createNotifier({
    cluster: notifications.cluster,
    channels,
    routes: notifications.routes.map(({ remindAfterDays, heartbeatEveryDays, ...route }): Route => ({
      ...route,
      remindAfter: remindAfterDays === undefined ? undefined : remindAfterDays * day,
      heartbeatEvery: heartbeatEveryDays === undefined ? undefined : heartbeatEveryDays * day,
    })),
    store: createStateStore({ kubeConfig, namespace, name: 'patchline-state', mayWrite }),
    now: Date.now,
    random: Math.random,
    sleep: pause,
    failingAfter: notifications.failingAfterHours * hour,
    onDelivery({ channel, route, outcome, error }) {
      metrics.countDelivery({ channel, outcome })
      if (error === undefined) log.info({ channel, route }, 'notification delivered')
      else log.error({ channel, route, outcome, reason: error.message }, 'notification not delivered')
    },
  })
}
