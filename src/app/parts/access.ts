import type { RunningImages, WorkloadLister } from '../../admission/index.ts'
import type { Shutdown } from '../process/lifecycle.ts'
import type { Config } from '../../config/index.ts'
import type { AccessSource } from '../../evaluation/index.ts'
import {
  createRunningImages,
  createSecretReader,
  createWorkloadLister,
  loadKubeConfig,
} from '../../kubernetes/index.ts'
import { createPullSecretCredentials } from '../../registry/index.ts'
import type { Logger } from '../../telemetry/index.ts'

/** Gives the kubeconfig; rejects with KubernetesError `no-config`. */
export type KubeConfigSource = () => ReturnType<typeof loadKubeConfig>

/** With what the cluster is asked. */
interface ClusterParts {
  readonly log: Logger
  readonly kubeConfig: KubeConfigSource
}

/** Who reads pull secrets. */
interface AccessReader extends ClusterParts {
  /** Its service account; undefined where it is a person. */
  readonly account: string | undefined
}

/**
 * The kubeconfig that the configuration names, else KUBECONFIG's, else that of the usual places.
 * @throws KubernetesError `no-config`
 */
export function kubeConfigOf({ kubernetes }: Config, context?: string): ReturnType<typeof loadKubeConfig> {
  const { kubeconfig: path, kubeconfigSearchPath: searchPath } = kubernetes
  return loadKubeConfig({ path, searchPath, context })
}

/** The same, read once, when it is first asked for: a configuration may need no cluster. */
export function kubeConfigSource(config: Config): KubeConfigSource {
  let reading: ReturnType<typeof loadKubeConfig> | undefined
  return () => (reading ??= kubeConfigOf(config))
}

/** What workloads may know of registries by their pull secrets. */
export async function composeAccess(
  config: Config,
  { log, account, kubeConfig }: AccessReader,
  shutdown: Shutdown,
): Promise<AccessSource | undefined> {
  const { pullSecrets } = config.kubernetes
  if (pullSecrets === 'off') return undefined
  try {
    const secrets = createSecretReader({ kubeConfig: await kubeConfig() })
    shutdown.defer(async () => secrets.close())
    const reader = account === undefined ? {} : { reader: `${config.ownNamespace}:${account}` }
    return createPullSecretCredentials({ secrets, now: Date.now, ...reader })
  } catch (error) {
    if (pullSecrets === 'on') throw error
    const reason = error instanceof Error ? error.message : String(error)
    log.warn({ reason }, 'no cluster found, pull secrets are not read')
    return undefined
  }
}

/** The access of workloads whose secrets may not be read: all of it is anonymous. */
export const withoutSecrets: AccessSource = {
  accessOf: ({ namespace }) => ({ namespace, credentialsFor: () => noCredentials, problems: [] }),
}
const noCredentials: readonly [] = []

/** What reviews may know of registries, if anything, and how what is only for some namespaces is added to that. */
interface ReviewAccess extends ClusterParts {
  readonly withConfigured: (access: AccessSource) => AccessSource
}

/**
 * The access of the workloads that reviews are about. A review names its own namespace: unless only the API server may send
 * one, no review gets more than anonymous access.
 */
export async function composeReviewAccess(
  config: Config,
  { log, kubeConfig, withConfigured }: ReviewAccess,
  shutdown: Shutdown,
): Promise<AccessSource | undefined> {
  const kept = config.registries.filter(({ namespaces }) => namespaces !== undefined)
  if (!isClosed(config)) {
    const isAsked = config.kubernetes.pullSecrets !== 'off' || kept.length > 0
    if (isAsked)
      log.warn({ hosts: kept.map(({ host }) => host), remedy }, 'anonymous reviews, no credentials')
    return undefined
  }
  const own = await composeAccess(config, { log, kubeConfig, account: 'patchline' }, shutdown)
  return kept.length === 0 ? own : withConfigured(own ?? withoutSecrets)
}

/** Whether only the API server may send reviews: by a secret path, which managed certificates have too, or by its certificate. */
function isClosed({ webhook: { clientCaFile, pathFile, certificates } }: Config): boolean {
  return clientCaFile !== undefined || pathFile !== undefined || certificates.source === 'managed'
}

const remedy =
  'any client that reaches the port may ask in the name of any namespace, so neither pull secrets nor credentials with namespaces are used; set webhook.pathFile (patchline certs --patch makes the path) or webhook.clientCaFile'

/** The workloads for which a change of policies or labels is previewed. Only where the API server alone may ask, as below. */
export async function composeWorkloads(
  config: Config,
  { log, kubeConfig }: ClusterParts,
  shutdown: Shutdown,
): Promise<WorkloadLister | undefined> {
  if (!isClosed(config)) return undefined
  try {
    const lister = createWorkloadLister({
      kubeConfig: await kubeConfig(),
      onProblem: ({ code, message }) => log.warn({ code, reason: message }, 'not previewed'),
    })
    shutdown.defer(async () => lister.close())
    return lister
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    log.warn({ reason }, 'no cluster found, what a policy would refuse is not counted')
    return undefined
  }
}

/**
 * What runs already, by which a copy of it is told from what is new. Only where the API server alone may ask: else any
 * client that reaches the port has the cluster searched.
 */
export async function composeRunning(
  config: Config,
  { log, kubeConfig }: ClusterParts,
  shutdown: Shutdown,
): Promise<RunningImages | undefined> {
  if (config.enforcement.copies === 'refused' || !isClosed(config)) return undefined
  try {
    const running = createRunningImages({
      kubeConfig: await kubeConfig(),
      onProblem: ({ code, message }) => log.warn({ code, reason: message }, 'copies not told apart'),
    })
    shutdown.defer(async () => running.close())
    return running
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    log.warn({ reason }, 'no cluster found, copies of what runs are not told apart')
    return undefined
  }
}
