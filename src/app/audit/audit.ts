import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { DriftReport } from '../../audit/index.ts'
import { createChannel, type OpenChannel } from '../../channels/index.ts'
import { listenAt, startOrUndo, type Shutdown } from '../process/lifecycle.ts'
import { composeAccess, withoutSecrets, kubeConfigOf } from '../parts/access.ts'
import { composeCatalog } from '../parts/catalog.ts'
import { watchConfiguration, type ConfigurationFile } from '../process/configuration-file.ts'
import { runTerm, type AuditDependencies } from './cycle.ts'
import { composePolicies } from '../parts/policies.ts'
import { composeReaders, metricsLevelOf } from './readers.ts'
import type { Config } from '../../config/index.ts'
import { createOperationsServer } from '../../http/index.ts'
import { createLeader, KubernetesError, type Leader } from '../../kubernetes/index.ts'
import { createDriftExposition, createLogger, type Logger, type Metrics } from '../../telemetry/index.ts'
import { version } from '../process/version.ts'

/** A running audit. */
export interface RunningAudit {
  readonly operationsPort: number
  /** Ends the cycle under way, gives the lease back, and ends everything. */
  close(): Promise<void>
}

/**
 * Starts the audit: it campaigns for the lease, and audits again and again while it holds it.
 * @throws Error that says what is missing: a cluster, a free port.
 */
export async function composeAudit(config: Config, configuration?: ConfigurationFile): Promise<RunningAudit> {
  return startOrUndo(shutdown => start(config, configuration, shutdown))
}

async function start(
  config: Config,
  configuration: ConfigurationFile | undefined,
  shutdown: Shutdown,
): Promise<RunningAudit> {
  const log = createLogger({ level: config.log.level })
  shutdown.defer(() => log.flush())
  const kubeConfig = await kubeConfigOf(config)
  const composed = composeCatalog(config, { log, shutdown })
  const { metrics } = composed
  watchConfiguration(configuration, { log, metrics }, { shutdown })
  const own = await composeAccess(
    config,
    { log, kubeConfig: async () => kubeConfig, account: 'patchline-audit' },
    shutdown,
  )
  const access = composed.withConfigured(own ?? withoutSecrets)
  const shown = composeShown(config, composed.metrics)
  const readers = await composeReaders(config, { log, kubeConfig })
  const problems: string[] = ['starting']
  const operations = createOperationsServer({
    readiness: { problems: () => problems },
    metrics: shown.text,
    log,
    ...readers.access,
    drift: readers.isOff ? 'off' : { report: () => shown.report(), version },
  })
  shutdown.defer(() => operations.close())
  const operationsPort = await listenAt({ section: 'operations', ...config.operations }, operations)
  const channels = openChannels(config, { log, shutdown })
  const watching = { log, kubeConfig: async () => kubeConfig, namespaces: config.audit.namespaces }
  // Of the process, and not of a term: who leads next knows the last good version of each object too.
  const policies = await composePolicies(config, watching, shutdown)
  await policies?.start()
  const leader = composeLeader({ config, log, kubeConfig, composed, access, channels, policies, ...shown })
  leader.start()
  shutdown.defer(() => leader.close())
  problems.pop()
  log.info({ version, operationsPort, namespaces: config.audit.namespaces }, 'auditing')
  return { operationsPort, close: () => shutdown.run() }
}

/** The last report as metrics and for the REST interface. */
function composeShown(config: Config, metrics: Metrics) {
  const { audit, notifications } = config
  const exposition = createDriftExposition({ level: metricsLevelOf(config), mostSeries: audit.maximumSeries })
  const own = metrics.forAudit(notifications.channels.map(({ name }) => name))
  let last: DriftReport | undefined
  return {
    metrics: own,
    text: { contentType: metrics.contentType, text: () => metrics.text(), prepared: exposition },
    report: () => last,
    // Another replica leads now: what this one last saw grows old.
    hide(): void {
      last = undefined
      exposition.clear()
      own.exposed(exposition.size())
    },
    async show(report: DriftReport): Promise<void> {
      last = report
      await exposition.update(report)
      own.exposed(exposition.size())
    },
  }
}

function composeLeader(dependencies: AuditDependencies): Leader {
  const { config, log, kubeConfig, metrics } = dependencies
  const leader: Leader = createLeader({
    kubeConfig,
    namespace: config.ownNamespace,
    name: 'patchline-audit',
    identity: `${hostname()}_${randomUUID()}`,
    onElected: signal => runTerm(dependencies, { mayWrite: () => leader.mayWrite(), signal }),
    onLost() {
      dependencies.hide()
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
  { log, shutdown }: { readonly log: Logger; readonly shutdown: Shutdown },
): readonly OpenChannel[] {
  return notifications.channels.map(settings => {
    const channel = createChannel(settings, {
      now: Date.now,
      proxyEnvironment: egress.proxyEnvironment,
      allowedRanges: egress.allowedRanges,
      warn: reason => log.warn({ channel: settings.name, reason }, 'notification'),
    })
    shutdown.defer(() => channel.close())
    return channel
  })
}
