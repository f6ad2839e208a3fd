import type { Config } from '../../config/index.ts'
import {
  createNamespaceLabels,
  createPolicyWatch,
  ping,
  readWorkload,
  type KubernetesError,
  type WorkloadName,
} from '../../kubernetes/index.ts'
import type { PolicySource } from '../../policy/index.ts'
import { policySourceOf } from './policies.ts'
import { kubeConfigOf } from './access.ts'
import { createShutdown } from '../process/lifecycle.ts'

/** What a command that explains learns from a cluster. */
export interface ClusterFacts {
  readonly policies: PolicySource
  /** Policies and exceptions that do not count, and why. */
  readonly problems: readonly string[]
  /** Undefined where there is no such namespace. @throws KubernetesError */
  labelsOf(namespace: string): Promise<Readonly<Record<string, string>> | undefined>
  /** @throws KubernetesError */
  workload(name: WorkloadName): Promise<unknown>
  close(): Promise<void>
}

/** The cluster of a kubeconfig as it is now. @throws Error that says why it cannot be looked at */
export async function readCluster(config: Config, context: string | undefined): Promise<ClusterFacts> {
  const shutdown = createShutdown()
  const kubeConfig = await kubeConfigOf(config, context)
  await ping(kubeConfig)
  // Never started: each look-up is a request of its own, and says itself what is wrong.
  const namespaces = createNamespaceLabels({ kubeConfig, onProblem: () => {} })
  shutdown.defer(() => namespaces.close())
  const problems: KubernetesError[] = []
  const policies = createPolicyWatch({
    kubeConfig,
    namespaces: [],
    now: Date.now,
    onProblem: problem => void problems.push(problem),
  })
  shutdown.defer(() => policies.close())
  if (config.kubernetes.policies !== 'off') await policies.start()
  // An object that cannot be read is the trouble of its author; not to be able to list them is ours.
  const failure = problems.find(({ code }) => code !== 'invalid' && code !== 'invalid-answer')
  if (failure !== undefined) {
    await shutdown.run()
    throw failure
  }
  return {
    problems: problems.map(({ message }) => message),
    policies: policySourceOf(config, config.kubernetes.policies === 'off' ? undefined : policies),
    labelsOf: async namespace => namespaces.labelsOf(namespace),
    workload: name => readWorkload(kubeConfig, name),
    close: () => shutdown.run(),
  }
}
