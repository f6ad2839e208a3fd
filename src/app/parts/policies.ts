import type { KubeConfigSource } from './access.ts'
import { createBehindSince } from './behind-since.ts'
import type { Shutdown } from '../process/lifecycle.ts'
import type { Config } from '../../config/index.ts'
import { noPolicies, withFilePolicies, type PolicySource } from '../../policy/index.ts'
import { createPolicyWatch, createStateStore, type WatchedPolicies } from '../../kubernetes/index.ts'
import type { Logger } from '../../telemetry/index.ts'

/** With what policies are watched. */
interface PolicyParts {
  readonly log: Logger
  readonly kubeConfig: KubeConfigSource
  /** Exceptions in these namespaces only; empty: in all. */
  readonly namespaces: readonly string[]
}

/** The policies and exceptions of the cluster, to be started; undefined where the configuration alone decides. */
export async function composePolicies(
  { kubernetes, ownNamespace }: Config,
  { log, kubeConfig, namespaces }: PolicyParts,
  shutdown: Shutdown,
): Promise<WatchedPolicies | undefined> {
  const { policies, kubeconfig } = kubernetes
  if (policies === 'off') return undefined
  try {
    const watched = createPolicyWatch({
      kubeConfig: await kubeConfig(),
      namespaces,
      now: Date.now,
      onProblem: problem => log.warn({ reason: problem.message }, 'policies or exceptions not taken'),
    })
    shutdown.defer(() => watched.close())
    const store = createStateStore({
      kubeConfig: await kubeConfig(),
      namespace: ownNamespace,
      name: 'patchline-ages',
    })
    return { ...watched, behindSince: createBehindSince({ store, log, now: Date.now }) }
  } catch (error) {
    if (policies === 'on' || kubeconfig !== undefined) throw error
    const reason = error instanceof Error ? error.message : String(error)
    log.warn({ reason }, 'no cluster found, there are no policies')
    return undefined
  }
}

/** What decides beside the configuration's mode and strategy: its own policies, and those of the cluster where they are watched. */
export function policySourceOf(config: Config, watched: PolicySource | undefined): PolicySource {
  return withFilePolicies(watched ?? { ...noPolicies, now: Date.now }, config)
}
