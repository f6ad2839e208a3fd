import { setImmediate as turn } from 'node:timers/promises'
import { createLatest } from '../../async/index.ts'
import {
  auditLoop,
  createAudit,
  isOverdue,
  rememberAges,
  type Audit,
  type Cycle,
  type DriftReport,
} from '../../audit/index.ts'
import { timeLimit, type ComposedCatalog } from '../parts/catalog.ts'
import { createPublisher, type ReportDependencies, type Term } from './publish-report.ts'
import type { Config } from '../../config/index.ts'
import type { AccessSource } from '../../evaluation/index.ts'
import {
  createInventory,
  createStateStore,
  KubernetesError,
  type WatchedInventory,
  type WatchedPolicies,
} from '../../kubernetes/index.ts'
import type { Channel } from '../../notification/index.ts'
import { createSchedule, pause } from '../process/timing.ts'
import { policySourceOf } from '../parts/policies.ts'
import { bookOf } from '../../policy/index.ts'
import type { Logger } from '../../telemetry/index.ts'

/** What an audit that leads depends on. */
export interface AuditDependencies extends ReportDependencies {
  readonly composed: ComposedCatalog
  readonly access: AccessSource
  /** Shows a report as metrics and in the REST interface. */
  show(report: DriftReport): Promise<void>
  /** Shows none any more: another replica leads. */
  hide(): void
}

/** Audits again and again until the term is over. */
export async function runTerm(dependencies: AuditDependencies, term: Term): Promise<void> {
  const { config, log, metrics, kubeConfig } = dependencies
  metrics.setLeader(true)
  log.info({}, 'leading')
  const inventory = createInventory({
    kubeConfig,
    namespaces: config.audit.namespaces,
    onProblem: problem => log.warn({ reason: problem.message }, 'inventory: watch failed, taken up again'),
  })
  const cycle = createCycle(dependencies, inventory, term)
  const schedule = createSchedule({ ...config.audit, random: Math.random })
  await auditLoop({ inventory, cycle, schedule, now: Date.now, pause }, term.signal)
}

function createCycle(dependencies: AuditDependencies, inventory: WatchedInventory, term: Term): Cycle {
  const { log, metrics } = dependencies
  const audit = composeDriftAudit(dependencies.config, { ...dependencies, inventory })
  const ages = composeAges(dependencies, term)
  const publisher = createPublisher(dependencies, term, name => inventory.labelsOf(name))
  const unseen = createUnseen()
  return {
    async run(signal) {
      try {
        await ages.load()
        const report = ages.apply(await audit.run(signal))
        metrics.setSynced(inventory.synced)
        record(report, dependencies)
        warnOfIgnored(unseen(report.ignored), log)
        await dependencies.show(report)
        publisher.publish(report)
        ages.save()
        return true
      } catch (error) {
        if (!signal.aborted) log.error({ err: error }, 'audit failed, trying again')
        return false
      }
    },
    hasUndelivered: () => publisher.hasUndelivered(),
    deliver: () => publisher.deliver(),
    ended: async () => void (await Promise.all([publisher.ended(), ages.ended()])),
  }
}

/** Which texts of one cycle the cycle before did not have: a person reads them once, not once an hour. */
export function createUnseen(): (texts: readonly string[]) => readonly string[] {
  let before: ReadonlySet<string> = new Set()
  return texts => {
    const unseen = texts.filter(text => !before.has(text))
    before = new Set(texts)
    return unseen
  }
}

const retryAfter = 60_000

/** Since when images are behind, kept in the cluster: the next leader has another disk. */
function composeAges({ config, kubeConfig, log }: AuditDependencies, { mayWrite, signal }: Term) {
  const ages = rememberAges(
    createStateStore({ kubeConfig, namespace: config.ownNamespace, name: 'patchline-ages', mayWrite }),
  )
  const attempt = async (work: () => Promise<void>, what: string): Promise<boolean> => {
    try {
      await work()
      return true
    } catch (error) {
      if (signal.aborted || (error instanceof KubernetesError && error.code === 'superseded')) return true
      log.error({ err: error }, what)
      return false
    }
  }
  const saving = createLatest<DriftReport | undefined>({
    work: () => attempt(() => ages.save(signal), 'ages of images not kept, trying again'),
    pause,
    retryAfter,
    signal,
  })
  return {
    // Without them a cycle is still worth more than none: what was stored is joined as soon as it can be read.
    load: () => attempt(() => ages.load(signal), 'ages of images not read, going on without them'),
    apply: (report: DriftReport) => ages.apply(report),
    save: () => saving.give(undefined),
    ended: () => saving.ended(),
  }
}

function record(report: DriftReport, { log, metrics, config }: AuditDependencies): void {
  metrics.audited(report)
  const seconds = (report.finishedAt - report.startedAt) / 1000
  const { rows, problems, complete } = report
  const overdue = rows.filter(isOverdue).length
  const limitSeconds = config.audit.refreshLimitMinutes * 60
  const counts = { containers: rows.length, problems: problems.length, overdue }
  log.info({ ...counts, complete, seconds, limitSeconds }, 'audited')
  for (const problem of problems.slice(0, mostProblems)) log.warn({ problem }, 'not audited')
}

/** Logs the first labels, annotations and channels of policies that are ignored, and how many more there are. */
export function warnOfIgnored(ignored: readonly string[], log: Pick<Logger, 'warn'>): void {
  for (const reason of ignored.slice(0, mostProblems)) log.warn({ reason }, 'setting ignored')
  const more = ignored.length - mostProblems
  if (more > 0) log.warn({ more }, 'more settings ignored')
}

// The rest is in the summary of the REST interface.
const mostProblems = 20

interface AuditParts {
  readonly inventory: WatchedInventory
  readonly composed: Pick<ComposedCatalog, 'catalog' | 'schemes' | 'channelRules'>
  readonly access: AccessSource
  /** The policies and exceptions of the cluster; undefined: there are none. */
  readonly policies: WatchedPolicies | undefined
  /** The channels of the configuration; where missing, nothing is told. */
  readonly channels?: readonly Pick<Channel, 'name'>[]
}

const minute = 60_000

/** An audit of an inventory with the configuration's policy. */
export function composeDriftAudit(
  config: Config,
  { inventory, composed, access, policies, channels }: AuditParts,
): Audit {
  const { catalog, schemes, channelRules } = composed
  const source = policySourceOf(config, policies)
  const audit = createAudit({
    inventory,
    catalog,
    digests: catalog,
    schemes: repository => schemes.of(repository),
    channelRules,
    access,
    timeLimit,
    book: () => bookOf({ defaults: config, ownNamespace: config.ownNamespace }, source),
    movedTags: config.audit.movedTags,
    behindSince: (reference, strategy) => policies?.behindSince?.(reference, strategy),
    ...(channels !== undefined && { channels: new Set(channels.map(({ name }) => name)) }),
    now: Date.now,
    turn,
    atOnce: 64,
    // A whole walk over a very large repository, behind others in the same line.
    budget: 120_000,
    limit: config.audit.refreshLimitMinutes * minute,
  })
  return {
    async run(signal, onProgress) {
      const report = await audit.run(signal, onProgress)
      // All that runs was looked at, but some of it may have been judged by the configuration in place of a policy.
      return { ...report, problems: [...report.problems, ...(policies?.problems() ?? [])] }
    },
  }
}
