import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { DriftReport } from '../audit/index.ts'
import { createChannel, type OpenChannel } from '../channels/index.ts'
import { createClosing, type Closing } from './shutdown.ts'
import { composeAccess, withoutSecrets, kubeConfigOf } from './access.ts'
import { composeCatalog, type ComposedCatalog } from './catalog.ts'
import { watchConfiguration, type ConfigurationFile } from './configuration-file.ts'
import { composeDriftAudit, lead, type Desk } from './cycle.ts'
import { composeReaders, metricsLevelOf } from './readers.ts'
import type { Config } from '../config/index.ts'
import { parseReferences } from '../image/index.ts'
import { createOperationsServer, type OperationsServer } from '../http/index.ts'
import {
  assertAnswers,
  createInventory,
  createLeader,
  KubernetesError,
  type Leader,
  type WatchedInventory,
} from '../kubernetes/index.ts'
import { createDockerConfigAccess, createExtendedAccess, type DockerConfigPlaces } from '../registry/index.ts'
import { createDriftExposition, createLogger, type Logger, type Metrics } from '../telemetry/index.ts'
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
export async function composeAudit(config: Config, configuration?: ConfigurationFile): Promise<RunningAudit> {
  const closing = createClosing()
  try {
    return await start(config, configuration, closing)
  } catch (error) {
    await closing.close()
    throw error
  }
}

async function start(
  config: Config,
  configuration: ConfigurationFile | undefined,
  closing: Closing,
): Promise<RunningAudit> {
  const log = createLogger({ level: config.log.level })
  closing.defer(() => log.flush())
  const kubeConfig = await kubeConfigOf(config)
  const composed = composeCatalog(config, log, closing)
  const { metrics } = composed
  watchConfiguration(configuration, { log, metrics }, { closing })
  const own = await composeAccess(
    config,
    { log, kubeConfig: async () => kubeConfig, account: 'patchline-audit' },
    closing,
  )
  const access = composed.withConfigured(own ?? withoutSecrets)
  const shown = composeReports(config, composed.metrics)
  const readers = composeReaders(config, { log, kubeConfig })
  const problems: string[] = ['starting']
  const operations = createOperationsServer({
    readiness: { problems: () => problems },
    metrics: shown.text,
    log,
    ...readers.access,
    drift: readers.isOff ? 'off' : { report: () => shown.report(), version },
  })
  closing.defer(() => operations.close())
  const operationsPort = await listening(config.operations, operations)
  const channels = openChannels(config, { log, closing })
  const leader = composeLeader({ config, log, kubeConfig, composed, access, channels, ...shown })
  leader.start()
  closing.defer(() => leader.close())
  problems.pop()
  log.info({ version, operationsPort, namespaces: config.audit.namespaces }, 'auditing')
  return { operationsPort, close: () => closing.close() }
}

// The system's words (EADDRINUSE, ENOTFOUND) name no key of the configuration.
async function listening({ address, port }: Config['operations'], server: OperationsServer): Promise<number> {
  try {
    return await server.listen(address, port)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`operations.address ${address}, operations.port ${port}: ${why}`, { cause: error })
  }
}

/** Where the last report is shown: as metrics, and to who asks for it. */
function composeReports(config: Config, metrics: Metrics) {
  const { audit, notifications } = config
  const exposition = createDriftExposition({ level: metricsLevelOf(config), mostSeries: audit.maximumSeries })
  const own = metrics.forAudit(notifications.channels.map(({ name }) => name))
  let last: DriftReport | undefined
  return {
    metrics: own,
    text: { contentType: metrics.contentType, text: () => metrics.text(), prepared: exposition },
    report: () => last,
    // Another replica tells now: what this one last saw grows old.
    clear(): void {
      last = undefined
      exposition.clear()
      own.exposed(exposition.size())
    },
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
    onElected: signal => lead(desk, { mayWrite: () => leader.mayWrite(), signal }),
    onLost() {
      desk.clear()
      metrics.setLeader(false)
      log.info({}, 'no longer leading')
    },
    onProblem: problem =>
      problem instanceof KubernetesError
        ? log.warn({ reason: problem.message }, 'leading failed, trying again')
        : log.error({ err: problem }, 'leading failed, trying again'),
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

/** What one look at a cluster needs. */
export interface AuditOnceOptions {
  readonly context: string | undefined
  /** Where the credentials of the person who asks are. */
  readonly personal: Omit<DockerConfigPlaces, 'registries'>
  readonly onProgress: (done: number, all: number) => void
  /** What is wrong with those credentials. */
  readonly onProblem: (problem: string) => void
}

/**
 * The drift report of a cluster as it is now; nothing has to be installed there.
 * @throws Error that says why the cluster cannot be looked at.
 */
export async function auditOnce(config: Config, options: AuditOnceOptions): Promise<DriftReport> {
  const closing = createClosing()
  try {
    // Standard output is the report's.
    const log = createLogger({ level: 'error', destination: 2 })
    const kubeConfig = await kubeConfigOf(config, options.context)
    await assertAnswers(kubeConfig)
    const composed = composeCatalog(config, log, closing)
    const own = await composeAccess(
      config,
      { log, kubeConfig: async () => kubeConfig, account: undefined },
      closing,
    )
    const { namespaces } = config.audit
    const inventory = createInventory({
      kubeConfig,
      namespaces,
      onProblem: () => {},
      timing: { firstListLimit },
    })
    closing.defer(() => inventory.close())
    await inventory.start()
    assertThere(namespaces, inventory)
    const personal = await createDockerConfigAccess({
      ...options.personal,
      registries: registriesOf(inventory, composed),
    })
    const access = createExtendedAccess(composed.withConfigured(own ?? withoutSecrets), (_, repository) =>
      personal.credentialsFor(repository),
    )
    const audit = composeDriftAudit(config, { inventory, composed, access })
    for (const problem of personal.problems) options.onProblem(problem)
    return await audit.run(new AbortController().signal, options.onProgress)
  } finally {
    await closing.close()
  }
}

// Only of these are credential helpers asked.
function registriesOf(inventory: WatchedInventory, { locate }: ComposedCatalog): readonly string[] {
  const images = new Set([...inventory.images()].map(({ image }) => image))
  return [...new Set(parseReferences([...images]).map(reference => locate(reference).registry))]
}

// A hundred thousand pods from a busy API server; whoever waits for it sees that it goes on.
const firstListLimit = 300_000

// A slip of the finger would otherwise pass as a namespace in which all is well.
function assertThere(namespaces: readonly string[], inventory: WatchedInventory): void {
  const missing = inventory.synced
    ? namespaces.find(name => inventory.labelsOf(name) === undefined)
    : undefined
  if (missing !== undefined) throw new Error(`there is no namespace ${JSON.stringify(missing)}`)
}
