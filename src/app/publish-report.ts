import { hostname } from 'node:os'
import { createLatest } from '../async/index.ts'
import type { DriftReport } from '../audit/index.ts'
import type { Config } from '../config/index.ts'
import type { Undelivered } from './deliver-until.ts'
import {
  createAnnotationCorrection,
  createDriftEvents,
  createPolicyReports,
  createStateStore,
  KubernetesError,
  type DriftEvents,
  type loadKubeConfig,
} from '../kubernetes/index.ts'
import { createNotifier, type Channel, type Notifier, type Route } from '../notification/index.ts'
import { pause } from './pause.ts'
import type { AuditMetrics, Logger } from '../telemetry/index.ts'

/** What reports are told with. */
export interface TellingDesk {
  readonly config: Config
  readonly log: Logger
  readonly kubeConfig: Awaited<ReturnType<typeof loadKubeConfig>>
  readonly metrics: AuditMetrics
  readonly channels: readonly Channel[]
}

/** One time of being the leader: what is written and told in it. */
export interface Term {
  /** Whether it lasts still, to be asked before each write. */
  readonly mayWrite: () => boolean
  /** Aborted when it is over. */
  readonly signal: AbortSignal
}

/** Tells people and the cluster of reports, beside the cycles that find them. */
export interface Telling extends Undelivered {
  /** Takes a report in place of what is not told yet of the one before. Returns at once; failures are logged and tried again. */
  tell(report: DriftReport): void
  /** Resolves when nothing is written any more; to be awaited once the term is over. */
  ended(): Promise<void>
}

type LabelsOf = Parameters<Notifier['tell']>[1]

/** As soon as it may help, and not so soon that it adds to the trouble; milliseconds. */
const retryAfter = 60_000

/** Tells of what was not told before; to be made anew for each term. */
export function composeTelling(desk: TellingDesk, term: Term, labelsOf: LabelsOf): Telling {
  const people = composePeople(desk, term, labelsOf)
  const cluster = composeCluster(desk, term)
  const told = createTold(report => people.tell(report), desk, term)
  const correct = composeCorrection(desk, term)
  const corrected = createTold(correct, desk, term)
  const reported = createTold((report, isSuperseded) => cluster.tell(report, isSuperseded), desk, term)
  let last: DriftReport | undefined
  return {
    tell(report) {
      last = report
      told.give(report)
      if (desk.config.audit.reports) reported.give(report)
      if (desk.config.audit.correctAnnotations) corrected.give(report)
    },
    // A telling that is still under way, or is tried again, may end with messages that wait.
    hasUndelivered: () => people.isWaiting() || !told.isIdle(),
    async deliver() {
      if (last !== undefined && people.isWaiting() && told.isIdle()) told.give(last)
    },
    async ended() {
      await Promise.all([told.ended(), reported.ended(), corrected.ended()])
      // They are given Events while a report is told.
      await people.ended()
      desk.metrics.setReportsPending(0)
    },
  }
}

/** What of one cycle's texts the cycle before did not have: a person reads them once, not once an hour. */
export function createNews(): (texts: readonly string[]) => readonly string[] {
  let before: ReadonlySet<string> = new Set()
  return texts => {
    const news = texts.filter(text => !before.has(text))
    before = new Set(texts)
    return news
  }
}

type Tell = (report: DriftReport, isSuperseded: () => boolean) => Promise<boolean>

/** Tells in the background. A newer report never waits behind an older one. */
function createTold(tell: Tell, { log }: TellingDesk, { signal }: Term) {
  return createLatest<DriftReport>({
    async work(report, isSuperseded) {
      try {
        return await tell(report, isSuperseded)
      } catch (error) {
        // The term is over, or so we learned by the way: another replica goes on with it.
        if (signal.aborted || (error instanceof KubernetesError && error.code === 'superseded')) return true
        log.error({ err: error }, 'report not told, trying again')
        return false
      }
    },
    pause,
    retryAfter,
    signal,
  })
}

function composePeople(desk: TellingDesk, term: Term, labelsOf: LabelsOf) {
  const { config } = desk
  const notifier = composeNotifier(desk, term)
  const events = composeEvents(desk, term)
  let waiting = false
  return {
    isWaiting: () => waiting,
    ended: () => events.ended(),
    async tell(report: DriftReport): Promise<boolean> {
      const told = await notifier.tell(report, labelsOf, term.signal)
      waiting = told.waiting
      if (config.audit.events) events.tell(told.changes, term.signal)
      return true
    },
  }
}

function composeWriting({ kubeConfig, log }: TellingDesk, { mayWrite }: Term) {
  const onProblem = (problem: Error): void =>
    log.warn({ reason: problem.message }, 'report or event not written')
  return { kubeConfig, mayWrite, now: Date.now, onProblem }
}

function composeEvents(desk: TellingDesk, term: Term): DriftEvents {
  return createDriftEvents({ ...composeWriting(desk, term), instance: hostname(), sleep: pause })
}

function composeCluster(desk: TellingDesk, term: Term) {
  const { config, log, metrics } = desk
  const reports = createPolicyReports({
    ...composeWriting(desk, term),
    namespaces: config.audit.namespaces,
    sleep: pause,
    onPending: count => metrics.setReportsPending(count),
  })
  return {
    async tell(report: DriftReport, isSuperseded: () => boolean): Promise<boolean> {
      const outcome = await reports.write(report, term.signal, isSuperseded)
      const { written, removed, failed, pending } = outcome
      metrics.countReportsWritten(written + removed)
      metrics.setForeignReports(outcome.foreign)
      // They are written at a pace: a cycle that changes many takes longer to be told than to come.
      if (pending > 0) log.warn({ written, removed, failed, pending }, 'policy reports are behind')
      return pending === 0 || isSuperseded()
    },
  }
}

function composeCorrection({ kubeConfig, log }: TellingDesk, { mayWrite, signal }: Term): Tell {
  const correction = createAnnotationCorrection({
    kubeConfig,
    mayWrite,
    now: Date.now,
    sleep: pause,
    onProblem: problem => log.warn({ reason: problem.message }, 'annotations not corrected'),
  })
  return async (report, isSuperseded) => {
    const count = await correction.correct(report, signal, isSuperseded)
    if (count > 0) log.info({ count }, 'annotations corrected')
    return true
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
