import { setImmediate as turn } from 'node:timers/promises'
import { createLatest } from '../async/index.ts'
import { createAudit, rememberAges, type Audit, type DriftReport } from '../audit/index.ts'
import { patience, type ComposedCatalog } from './catalog.ts'
import { composeTelling, createNews, type Telling, type TellingDesk, type Term } from './publish-report.ts'
import type { Config } from '../config/index.ts'
import { deliverUntil } from './deliver-until.ts'
import type { AccessSource } from '../evaluation/index.ts'
import {
  createInventory,
  createStateStore,
  KubernetesError,
  type WatchedInventory,
} from '../kubernetes/index.ts'
import { pause } from './pause.ts'
import { createSchedule } from './schedule.ts'
import type { Logger } from '../telemetry/index.ts'

/** What a leader works with. */
export interface Desk extends TellingDesk {
  readonly composed: ComposedCatalog
  readonly access: AccessSource
  /** Shows a report to who asks. */
  publish(report: DriftReport): Promise<void>
  /** Shows none any more: another replica leads. */
  clear(): void
}

/** Looks at what runs until the term is over: at once, then by the schedule. */
export async function lead(desk: Desk, term: Term): Promise<void> {
  const { config, log, metrics } = desk
  const { signal } = term
  metrics.setLeader(true)
  log.info({}, 'leading')
  const inventory = composeInventory(desk)
  const cycle = createCycle(desk, inventory, term)
  try {
    await inventory.start()
    const schedule = createSchedule({ ...config.audit, random: Math.random })
    while (!signal.aborted) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one cycle after the other
      const went = await cycle.run(signal)
      const now = Date.now()
      const next = schedule.next(now)
      const end = went ? next : Math.min(next, now + afterFailure)
      // oxlint-disable-next-line eslint/no-await-in-loop
      await deliverUntil(end, { undelivered: cycle, now: Date.now, pause }, signal)
    }
  } finally {
    await inventory.close()
    await cycle.ended()
  }
}

// A cycle that failed is tried again soon, and not so soon that it adds to the trouble.
const afterFailure = 60_000

function composeInventory({ config, log, kubeConfig }: Desk): WatchedInventory {
  return createInventory({
    kubeConfig,
    namespaces: config.audit.namespaces,
    onProblem: problem => log.warn({ reason: problem.message }, 'inventory: watch failed, taken up again'),
  })
}

interface Cycle extends Pick<Telling, 'hasUndelivered' | 'deliver'> {
  /** One cycle; what it found is told and kept beside the next ones. False where it failed. */
  run(signal: AbortSignal): Promise<boolean>
  /** Resolves when nothing is written any more; to be awaited once the term is over. */
  ended(): Promise<void>
}

function createCycle(desk: Desk, inventory: WatchedInventory, term: Term): Cycle {
  const audit = composeDriftAudit(desk.config, { ...desk, inventory })
  const ages = composeAges(desk, term)
  const telling = composeTelling(desk, term, name => inventory.labelsOf(name))
  const newsOf = createNews()
  return {
    async run(signal) {
      try {
        await ages.load()
        const report = ages.apply(await audit.run(signal))
        desk.metrics.setSynced(inventory.synced)
        record(report, desk)
        warnOfIgnored(newsOf(report.ignored), desk.log)
        await desk.publish(report)
        telling.tell(report)
        ages.save()
        return true
      } catch (error) {
        if (!signal.aborted) desk.log.error({ err: error }, 'audit failed, trying again')
        return false
      }
    },
    hasUndelivered: () => telling.hasUndelivered(),
    deliver: () => telling.deliver(),
    ended: async () => void (await Promise.all([telling.ended(), ages.ended()])),
  }
}

/** Since when images are behind, kept in the cluster: the next leader has another disk. */
function composeAges({ config, kubeConfig, log }: Desk, { mayWrite, signal }: Term) {
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
    retryAfter: afterFailure,
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

function record(report: DriftReport, { log, metrics, config }: Desk): void {
  metrics.audited(report)
  const seconds = (report.finishedAt - report.startedAt) / 1000
  const { rows, problems, complete } = report
  const overdue = rows.filter(({ evaluation }) => evaluation.overdue).length
  const limitSeconds = config.audit.refreshLimitMinutes * 60
  const counts = { containers: rows.length, problems: problems.length, overdue }
  log.info({ ...counts, complete, seconds, limitSeconds }, 'audited')
  for (const problem of problems.slice(0, mostProblems)) log.warn({ problem }, 'not audited')
}

/** Logs the first labels and annotations that are ignored, and how many more there are. */
export function warnOfIgnored(ignored: readonly string[], log: Pick<Logger, 'warn'>): void {
  for (const reason of ignored.slice(0, mostProblems)) log.warn({ reason }, 'label or annotation ignored')
  const more = ignored.length - mostProblems
  if (more > 0) log.warn({ more }, 'more labels and annotations ignored')
}

// The rest is in the summary of the REST interface.
const mostProblems = 20

interface AuditParts {
  readonly inventory: WatchedInventory
  readonly composed: Pick<ComposedCatalog, 'catalog' | 'schemes'>
  readonly access: AccessSource
}

const minute = 60_000

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
    limit: config.audit.refreshLimitMinutes * minute,
  })
}
