import { hostname } from 'node:os'
import { createLatest } from '../../async/index.ts'
import type { Cycle, DriftReport } from '../../audit/index.ts'
import type { Config } from '../../config/index.ts'
import {
  createAnnotationCorrection,
  createDriftEvents,
  createPolicyReports,
  createPolicyStatuses,
  createStateStore,
  KubernetesError,
  type DriftEvents,
  type loadKubeConfig,
  type WatchedPolicies,
} from '../../kubernetes/index.ts'
import {
  createNotifier,
  type Channel,
  type EventQueue,
  type Notifier,
  type Route,
} from '../../notification/index.ts'
import { pause } from '../process/timing.ts'
import type { AuditMetrics, Logger } from '../../telemetry/index.ts'

/** What the publication of reports depends on. */
export interface ReportDependencies {
  readonly config: Config
  readonly log: Logger
  readonly kubeConfig: Awaited<ReturnType<typeof loadKubeConfig>>
  readonly metrics: AuditMetrics
  readonly channels: readonly Channel[]
  /** Those that are told what came of them; undefined where none count. */
  readonly policies: WatchedPolicies | undefined
}

/** One time of being the leader: what is written and sent in it. */
export interface Term {
  /** Whether it still lasts, to be asked before each write. */
  readonly mayWrite: () => boolean
  /** Aborted when it is over. */
  readonly signal: AbortSignal
}

/** Publishes reports to people and to the cluster, beside the cycles that make them. */
export interface Publisher extends Pick<Cycle, 'hasUndelivered' | 'deliver' | 'ended'> {
  /** Takes a report in place of what is not published yet of the one before. Returns at once; failures are logged and tried again. */
  publish(report: DriftReport): void
}

type LabelsOf = Parameters<Notifier['tell']>[1]

/** As soon as it may help, and not so soon that it adds to the trouble; milliseconds. */
const retryAfter = 60_000

/** Creates the publisher of one term. */
export function createPublisher(dependencies: ReportDependencies, term: Term, labelsOf: LabelsOf): Publisher {
  const people = composePeople(dependencies, term, labelsOf)
  const messages = inBackground(report => people.publish(report), dependencies, term)
  const reports = inBackground(composePolicyReports(dependencies, term), dependencies, term)
  const corrections = inBackground(composeCorrection(dependencies, term), dependencies, term)
  const statuses = inBackground(composeStatuses(dependencies, term), dependencies, term)
  const { reports: hasReports, correctAnnotations } = dependencies.config.audit
  let last: DriftReport | undefined
  void followChanges(dependencies, term, () => {
    if (last !== undefined) statuses.give(last)
  })
  return {
    publish(report) {
      last = report
      messages.give(report)
      if (hasReports) reports.give(report)
      statuses.give(report)
      if (correctAnnotations) corrections.give(report)
    },
    // What is still under way, or is tried again, may end with messages that wait.
    hasUndelivered: () => people.isWaiting() || !messages.isIdle(),
    async deliver() {
      if (last !== undefined && people.isWaiting() && messages.isIdle()) messages.give(last)
    },
    async ended() {
      await Promise.all([messages.ended(), reports.ended(), statuses.ended(), corrections.ended()])
      // They are given Events while messages are sent.
      await people.ended()
      dependencies.metrics.setReportsPending(0)
    },
  }
}

/** Publishes one report; false where that is to be tried again. */
type Publish = (report: DriftReport, isSuperseded: () => boolean) => Promise<boolean>

/** Publishes in the background. A newer report never waits behind an older one. */
function inBackground(publish: Publish, { log }: ReportDependencies, { signal }: Term) {
  return createLatest<DriftReport>({
    async work(report, isSuperseded) {
      try {
        return await publish(report, isSuperseded)
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

function composePeople(dependencies: ReportDependencies, term: Term, labelsOf: LabelsOf) {
  const events = composeEvents(dependencies, term)
  const queue: EventQueue = {
    add: changes => events.tell(changes, term.signal),
    isWaiting: workload => events.isWaiting(workload),
  }
  const notifier = composeNotifier(dependencies, term, dependencies.config.audit.events ? queue : undefined)
  let waiting = false
  return {
    isWaiting: () => waiting,
    ended: () => events.ended(),
    async publish(report: DriftReport): Promise<boolean> {
      waiting = (await notifier.tell(report, labelsOf, term.signal)).waiting
      return true
    },
  }
}

function composeWriting({ kubeConfig, log }: ReportDependencies, { mayWrite }: Term) {
  const onProblem = (problem: Error): void =>
    log.warn({ reason: problem.message }, 'report or event not written')
  return { kubeConfig, mayWrite, now: Date.now, onProblem }
}

function composeEvents(dependencies: ReportDependencies, term: Term): DriftEvents {
  return createDriftEvents({ ...composeWriting(dependencies, term), instance: hostname(), sleep: pause })
}

function composePolicyReports(dependencies: ReportDependencies, term: Term): Publish {
  const { config, log, metrics } = dependencies
  const reports = createPolicyReports({
    ...composeWriting(dependencies, term),
    namespaces: config.audit.namespaces,
    sleep: pause,
    onPending: count => metrics.setReportsPending(count),
  })
  return async (report, isSuperseded) => {
    const outcome = await reports.write(report, term.signal, isSuperseded)
    const { written, removed, failed, pending } = outcome
    metrics.countReportsWritten(written + removed)
    metrics.setForeignReports(outcome.foreign)
    // They are written at a pace: a cycle that changes many takes longer to be published than to come.
    if (pending > 0) log.warn({ written, removed, failed, pending }, 'policy reports are behind')
    return pending === 0 || isSuperseded()
  }
}

function composeStatuses(dependencies: ReportDependencies, term: Term): Publish {
  const { policies, log } = dependencies
  if (policies === undefined) return async () => true
  const statuses = createPolicyStatuses({
    ...composeWriting(dependencies, term),
    objects: () => policies.objects(),
    sleep: pause,
    onProblem: problem =>
      log.warn({ reason: problem.message }, 'status of a policy or exception not written'),
  })
  return async (report, isSuperseded) => {
    const { pending } = await statuses.write(report, term.signal, isSuperseded)
    return pending === 0
  }
}

// What is applied together is told together.
const settling = 2000

/** Has statuses written soon after a change: whether an object can be read is not for the next cycle to say. */
async function followChanges(
  { policies }: ReportDependencies,
  { signal }: Term,
  give: () => void,
): Promise<void> {
  if (policies === undefined) return
  while (!signal.aborted) {
    // oxlint-disable eslint/no-await-in-loop -- one change after the other
    await policies.changed(signal)
    await pause(settling, signal)
    // oxlint-enable eslint/no-await-in-loop
    if (!signal.aborted) give()
  }
}

function composeCorrection({ kubeConfig, log }: ReportDependencies, { mayWrite, signal }: Term): Publish {
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
  { config, kubeConfig, log, metrics, channels }: ReportDependencies,
  { mayWrite }: Term,
  events: EventQueue | undefined,
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
    ...(events !== undefined && { events }),
    onDelivery({ channel, route, outcome, error }) {
      metrics.countDelivery({ channel, outcome })
      const fields = { channel, route, outcome, reason: error?.message }
      if (outcome === 'delivered') log.info({ channel, route }, 'notification delivered')
      else if (outcome === 'temporary') log.warn(fields, 'notification not delivered, trying again')
      else log.error(fields, 'notification refused, nothing more is sent to this channel until a restart')
    },
  })
}
