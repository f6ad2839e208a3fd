import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { DriftReport } from './audit/index.ts'
import { createChannel, type OpenChannel } from './channels/index.ts'
import { createClosing, type Closing } from './closing.ts'
import { composeAccess, composeCatalog } from './compose-catalog.ts'
import { composeDriftAudit, lead, type Desk } from './compose-cycle.ts'
import type { Config } from './config/index.ts'
import type { AccessSource } from './evaluation/index.ts'
import { createOperationsServer } from './http/index.ts'
import { createInventory, createLeader, loadKubeConfig, type Leader } from './kubernetes/index.ts'
import { createDriftExposition, createLogger, type Logger, type Metrics } from './telemetry/index.ts'
import { version } from './version.ts'

/** A running audit. */
export interface RunningAudit {
  readonly operationsPort: number
  /** Ends the cycle under way, gives the lease back, and ends everything. */
  close(): Promise<void>
}

/**
 * Starts the audit: it campaigns for the lease, and whoever holds it looks at what runs, again and again.
 * @throws Error that says what is missing: a cluster, a free port.
 */
export async function composeAudit(config: Config): Promise<RunningAudit> {
  const closing = createClosing()
  try {
    return await start(config, closing)
  } catch (error) {
    await closing.close()
    throw error
  }
}

async function start(config: Config, closing: Closing): Promise<RunningAudit> {
  const log = createLogger({ level: config.log.level })
  closing.defer(() => log.flush())
  const kubeConfig = await loadKubeConfig({ path: config.kubernetes.kubeconfig })
  const composed = composeCatalog(config, log, closing)
  const access = (await composeAccess(config, { log, account: 'patchline-audit' }, closing)) ?? nobody
  const shown = composeReports(config, composed.metrics)
  const problems: string[] = ['starting']
  const operations = createOperationsServer({
    readiness: { problems: () => problems },
    metrics: shown.text,
    log,
    drift: { report: () => shown.report(), version },
  })
  closing.defer(() => operations.close())
  const operationsPort = await operations.listen(config.operations.address, config.operations.port)
  const channels = openChannels(config, { log, closing })
  const leader = composeLeader({ config, log, kubeConfig, composed, access, channels, ...shown })
  leader.start()
  closing.defer(() => leader.close())
  problems.pop()
  log.info({ version, operationsPort, namespaces: config.audit.namespaces }, 'auditing')
  return { operationsPort, close: () => closing.close() }
}

/** Where the last report is shown: as metrics, and to who asks for it. */
function composeReports({ audit, notifications }: Config, metrics: Metrics) {
  const exposition = createDriftExposition({ level: audit.metrics, mostSeries: audit.maximumSeries })
  const own = metrics.forAudit(notifications.channels.map(({ name }) => name))
  let last: DriftReport | undefined
  return {
    metrics: own,
    text: { contentType: metrics.contentType, text: () => metrics.text(), prepared: exposition },
    report: () => last,
    async publish(report: DriftReport): Promise<void> {
      last = report
      await exposition.update(report)
      own.exposed(exposition.size())
    },
  }
}

function composeLeader(desk: Desk): Leader {
  const { config, log, kubeConfig, metrics } = desk
  const leader: Leader = createLeader({
    kubeConfig,
    namespace: config.ownNamespace,
    name: 'patchline-audit',
    identity: `${hostname()}_${randomUUID()}`,
    onElected: signal => lead(desk, { mayWrite: () => leader.mayWrite() }, signal),
    onLost() {
      metrics.setLeader(false)
      log.info({}, 'no longer leading')
    },
    onProblem: problem => log.warn({ err: problem }, 'leading failed, trying again'),
  })
  return leader
}

function openChannels(
  { notifications, egress }: Config,
  { log, closing }: { readonly log: Logger; readonly closing: Closing },
): readonly OpenChannel[] {
  return notifications.channels.map(settings => {
    const channel = createChannel(settings, {
      now: Date.now,
      proxyEnvironment: egress.proxyEnvironment,
      warn: reason => log.warn({ channel: settings.name, reason }, 'notification'),
    })
    closing.defer(() => channel.close())
    return channel
  })
}

// Without the right to read secrets everybody knows what everybody may know.
const nobody: AccessSource = {
  accessOf: ({ namespace }) => ({ namespace, credentialsFor: () => noCredentials, problems: [] }),
}
const noCredentials: readonly [] = []

/** What one look at a cluster needs. */
export interface AuditOnceOptions {
  readonly context: string | undefined
  readonly onProgress: (done: number, all: number) => void
}

/**
 * The drift report of a cluster as it is now; nothing has to be installed there.
 * @throws Error that says why the cluster cannot be looked at.
 */
export async function auditOnce(config: Config, options: AuditOnceOptions): Promise<DriftReport> {
  const closing = createClosing()
  try {
    const log = createLogger({ level: 'error' })
    const kubeConfig = await loadKubeConfig({ path: config.kubernetes.kubeconfig, context: options.context })
    const composed = composeCatalog(config, log, closing)
    const access = (await composeAccess(config, { log, account: 'patchline' }, closing)) ?? nobody
    const inventory = createInventory({
      kubeConfig,
      namespaces: config.audit.namespaces,
      onProblem: () => {},
    })
    closing.defer(() => inventory.close())
    await inventory.start()
    return await composeDriftAudit(config, { inventory, composed, access }).run(
      new AbortController().signal,
      options.onProgress,
    )
  } finally {
    await closing.close()
  }
}
