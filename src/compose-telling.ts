import { hostname } from 'node:os'
import type { DriftReport } from './audit/index.ts'
import type { Config } from './config/index.ts'
import type { Undelivered } from './deliver-until.ts'
import {
  createDriftEvents,
  createPolicyReports,
  createStateStore,
  KubernetesError,
  type loadKubeConfig,
} from './kubernetes/index.ts'
import { createNotifier, type Channel, type Notifier, type Route, type Told } from './notification/index.ts'
import { pause } from './pause.ts'
import type { AuditMetrics, Logger } from './telemetry/index.ts'

/** What reports are told with. */
export interface TellingDesk {
  readonly config: Config
  readonly log: Logger
  readonly kubeConfig: Awaited<ReturnType<typeof loadKubeConfig>>
  readonly metrics: AuditMetrics
  readonly channels: readonly Channel[]
}

/** Whether it is still the leader, to be asked before each write. */
export interface Term {
  readonly mayWrite: () => boolean
}

/** Tells people and the cluster of reports. */
export interface Telling extends Undelivered {
  /** False where something of it failed: it is logged, and the rest was told. Throws only once the term is over. */
  tell(report: DriftReport, signal: AbortSignal): Promise<boolean>
}

type LabelsOf = Parameters<Notifier['tell']>[1]

/** Tells of what was not told before; to be made anew for each term. */
export function composeTelling(desk: TellingDesk, { mayWrite }: Term, labelsOf: LabelsOf): Telling {
  const { config, log } = desk
  let waiting = false
  const notifier = composeNotifier(desk, { mayWrite })
  const tellCluster = composeClusterTelling(desk, { mayWrite })
  let last: DriftReport | undefined
  const attempt = async (work: () => Promise<unknown>, signal: AbortSignal): Promise<boolean> => {
    try {
      await work()
      return true
    } catch (error) {
      if (signal.aborted || (error instanceof KubernetesError && error.code === 'superseded')) throw error
      log.error({ err: error }, 'report not told, trying again')
      return false
    }
  }
  const notify = async (report: DriftReport, signal: AbortSignal): Promise<Told> => {
    const told = await notifier.tell(report, labelsOf, signal)
    waiting = told.waiting
    for (const problem of told.problems) log.warn({ problem }, 'annotation not understood')
    return told
  }
  return {
    async tell(report, signal) {
      last = report
      // First who waits for it; and a state that cannot be read keeps nobody from seeing the reports.
      const people = await attempt(async () => {
        const { changes } = await notify(report, signal)
        if (config.audit.events) tellCluster.ofChanges(changes, signal)
      }, signal)
      const cluster = !config.audit.reports || (await attempt(() => tellCluster.all(report, signal), signal))
      return people && cluster
    },
    hasUndelivered: () => waiting,
    async deliver(signal) {
      const report = last
      if (report === undefined) return
      await attempt(async () => void ({ waiting } = await notifier.tell(report, labelsOf, signal)), signal)
    },
  }
}

function composeClusterTelling({ config, kubeConfig, log, metrics }: TellingDesk, { mayWrite }: Term) {
  const onProblem = (problem: Error): void =>
    log.warn({ reason: problem.message }, 'report or event not written')
  const written = { kubeConfig, mayWrite, now: Date.now, onProblem }
  const { namespaces } = config.audit
  const reports = createPolicyReports({ ...written, namespaces, sleep: pause })
  const events = createDriftEvents({ ...written, instance: hostname(), sleep: pause })
  return {
    ofChanges: (changes: Told['changes'], signal: AbortSignal) => events.tell(changes, signal),
    async all(report: DriftReport, signal: AbortSignal): Promise<void> {
      const outcome = await reports.write(report, signal)
      metrics.countReportsWritten(outcome.written + outcome.removed)
      metrics.setForeignReports(outcome.foreign)
    },
  }
}

const day = 86_400_000
const hour = 3_600_000

function composeNotifier(
  { config, kubeConfig, log, metrics, channels }: TellingDesk,
  { mayWrite }: Term,
): Notifier {
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
    mayTell: mayWrite,
    onDelivery({ channel, route, outcome, error }) {
      metrics.countDelivery({ channel, outcome })
      const fields = { channel, route, outcome, reason: error?.message }
      if (outcome === 'delivered') log.info({ channel, route }, 'notification delivered')
      else if (outcome === 'temporary') log.warn(fields, 'notification not delivered, trying again')
      else log.error(fields, 'notification refused, nothing more is sent to this channel until a restart')
    },
  })
}
