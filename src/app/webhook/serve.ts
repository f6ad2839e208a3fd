import {
  createReviewer,
  type NamespaceLabels,
  type Reviewer,
  type RunningImages,
  type WorkloadLister,
} from '../../admission/index.ts'
import { listenAt, startOrUndo, type Shutdown } from '../process/lifecycle.ts'
import {
  composeReviewAccess,
  composeRunning,
  composeWorkloads,
  kubeConfigSource,
  type KubeConfigSource,
} from '../parts/access.ts'
import { watchConfiguration, type ConfigurationFile } from '../process/configuration-file.ts'
import { composeCatalog, timeLimit, type ComposedCatalog } from '../parts/catalog.ts'
import { composeApi } from '../parts/api.ts'
import { composePolicies, policySourceOf } from '../parts/policies.ts'
import {
  composeManagedCertificates,
  type ManagedCertificates,
  type ManagedParts,
} from './managed-certificates.ts'
import { composeWebhookFiles } from './webhook-files.ts'
import type { AuthorityTiming } from '../../certificates/index.ts'
import type { Config } from '../../config/index.ts'
import type { AccessSource } from '../../evaluation/index.ts'
import { createOperationsServer, createWebhookServer, type WebhookServer } from '../../http/index.ts'
import { createNamespaceLabels } from '../../kubernetes/index.ts'
import type { PolicySource } from '../../policy/index.ts'
import { createLogger, createRecorder, type Logger } from '../../telemetry/index.ts'
import { version } from '../process/version.ts'
import { createWorkloadKinds, customKinds, shippedKinds } from '../../workload/index.ts'

export { composeCommandCatalog, composeTagSource } from '../parts/catalog.ts'
export { createLocalCredentials as composeDockerConfig } from '../../registry/index.ts'

/** A running server. */
export interface RunningServer {
  readonly webhookPort: number
  readonly operationsPort: number
  /** Where the configuration has one. */
  readonly apiPort?: number
  /** Drains for as long as the configuration says, or not at all; answers what is under way, and ends everything. */
  close(options?: { readonly drain: boolean }): Promise<void>
}

/** What a server may be given in place of its own parts. */
export interface ServerParts {
  readonly namespaces?: NamespaceLabels
  /** Looked at for changes; where missing, nothing is. */
  readonly configuration?: ConfigurationFile
  /** How long managed certificates last and the steps of their rotation take. */
  readonly timing?: Partial<AuthorityTiming>
  /** How often the files of the webhook are read again; every ten seconds where missing. */
  readonly filesIntervalMilliseconds?: number
}

/**
 * Starts the webhook and the operations port.
 * @throws Error that says what is missing: a serving pair, a free port, a cluster that the configuration insists on.
 */
export async function composeServer(config: Config, parts: ServerParts = {}): Promise<RunningServer> {
  return startOrUndo(shutdown => start(config, parts, shutdown))
}

async function start(config: Config, parts: ServerParts, shutdown: Shutdown): Promise<RunningServer> {
  const log = createLogger({ level: config.log.level })
  shutdown.defer(() => log.flush())
  const composed = composeCatalog(config, { log, shutdown })
  const { metrics } = composed
  watchConfiguration(parts.configuration, { log, metrics }, { shutdown })
  const intervalMilliseconds = parts.filesIntervalMilliseconds
  const files = await composeWebhookFiles(config, { log, metrics, intervalMilliseconds }, shutdown)
  const kubeConfig = kubeConfigSource(config)
  const managed = await composeManaged(config, { log, metrics, kubeConfig, timing: parts.timing }, shutdown)
  const cluster = await composeCluster(config, { ...composed, ...parts, log, kubeConfig }, shutdown)
  const reviewer = composeReviewer(config, { ...composed, ...cluster })
  const webhook = createWebhookServer({
    reviewer,
    ...files.options,
    recorder: createRecorder({ log, metrics }),
    log,
    now: monotonic,
    limits: { lookupBudget: config.webhook.lookupBudgetMilliseconds },
  })
  files.follow(webhook)
  managed?.follow(webhook)
  const problems: string[] = ['starting']
  const readiness = { problems: () => [...problems, ...(managed?.problems() ?? [])] }
  const operations = createOperationsServer({ readiness, metrics, log })
  shutdown.defer(() => operations.close())
  const operationsPort = await listenAt({ section: 'operations', ...config.operations }, operations)
  const apiPort = await composeApi(config, { ...composed, log }, shutdown)
  shutdown.defer(() => webhook.close())
  const webhookPort = await listenAt({ section: 'webhook', ...config.webhook }, webhook)
  problems.pop()
  const ports = { webhookPort, operationsPort, ...(apiPort !== undefined && { apiPort }) }
  log.info({ version, ...ports, mode: config.mode, strategy: config.strategy }, 'serving')
  const end = endOf(config, { log, problems, webhook, shutdown })
  return { ...ports, close: ({ drain } = { drain: true }) => end(drain) }
}

interface Ending {
  readonly log: Logger
  readonly problems: string[]
  readonly webhook: Pick<WebhookServer, 'drain'>
  readonly shutdown: Shutdown
}

function endOf(config: Config, { log, problems, webhook, shutdown }: Ending) {
  return async (drain: boolean): Promise<void> => {
    problems.push('draining')
    log.info({ seconds: drain ? config.webhook.drainSeconds : 0 }, 'draining')
    webhook.drain()
    // Endpoints and API servers learn late that this replica is going: until they have, it serves on.
    if (drain) await sleep(config.webhook.drainSeconds * 1000)
    await shutdown.run()
  }
}

async function composeManaged(
  config: Config,
  parts: ManagedParts,
  shutdown: Shutdown,
): Promise<ManagedCertificates | undefined> {
  if (config.webhook.certificates.source === 'files') return undefined
  return composeManagedCertificates(config, parts, shutdown)
}

type AskedCluster = Pick<ReviewerParts, 'namespaces' | 'policies' | 'access' | 'running' | 'workloads'>

type ClusterParts = Pick<ServerParts, 'namespaces'> &
  Pick<ComposedCatalog, 'withConfigured'> &
  Pick<ManagedParts, 'log' | 'kubeConfig'>

/** What reviews learn from the cluster. */
async function composeCluster(
  config: Config,
  parts: ClusterParts,
  shutdown: Shutdown,
): Promise<AskedCluster> {
  const asking = { ...parts, namespaces: [] }
  const policies = await composePolicies(config, asking, shutdown)
  // Beside the namespaces: an API server that does not answer is waited for once.
  const started = policies?.start()
  const namespaces = parts.namespaces ?? (await composeNamespaces(config, asking, shutdown))
  const access = await composeReviewAccess(config, asking, shutdown)
  const running = await composeRunning(config, asking, shutdown)
  const workloads = await composeWorkloads(config, asking, shutdown)
  await started
  return { namespaces, policies: policySourceOf(config, policies), access, running, workloads }
}

interface ReviewerParts extends Pick<ComposedCatalog, 'catalog' | 'schemes' | 'channelRules'> {
  readonly namespaces: NamespaceLabels
  readonly policies: PolicySource
  readonly access: AccessSource | undefined
  readonly running: RunningImages | undefined
  readonly workloads: WorkloadLister | undefined
}

function composeReviewer(
  config: Config,
  { catalog, schemes, channelRules, namespaces, policies, access, running, workloads }: ReviewerParts,
): Reviewer {
  const { ownNamespace, controllers, enforcement, warnings } = config
  return createReviewer({
    catalog,
    digests: catalog,
    schemes: repository => schemes.of(repository),
    channelRules,
    timeLimit,
    now: () => performance.now(),
    namespaces,
    kinds: createWorkloadKinds([...customKinds(shippedKinds), ...customKinds(config.workloads)]),
    settings: { defaults: config, ownNamespace, controllers, enforcement, warnings },
    policies,
    ...(access !== undefined && { access }),
    ...(running !== undefined && { running }),
    ...(workloads !== undefined && { workloads }),
  })
}

// Without a cluster there are no labels: the configured mode applies everywhere.
async function composeNamespaces(
  config: Config,
  { log, kubeConfig }: { readonly log: Logger; readonly kubeConfig: KubeConfigSource },
  shutdown: Shutdown,
): Promise<NamespaceLabels> {
  const { namespaceLabels, kubeconfig } = config.kubernetes
  if (namespaceLabels === 'off') return { labelsOf: () => ({}) }
  try {
    const namespaces = createNamespaceLabels({
      kubeConfig: await kubeConfig(),
      onProblem: problem => log.warn({ err: problem }, 'namespaces not watched'),
    })
    shutdown.defer(() => namespaces.close())
    await namespaces.start()
    return namespaces
  } catch (error) {
    if (namespaceLabels === 'on' || kubeconfig !== undefined) throw error
    const reason = error instanceof Error ? error.message : String(error)
    log.warn({ reason }, 'no cluster found, the labels of namespaces are not read')
    return { labelsOf: () => ({}) }
  }
}

function monotonic(): number {
  return performance.now()
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}
