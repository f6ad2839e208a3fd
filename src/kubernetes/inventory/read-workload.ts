import type { KubeConfig } from '@kubernetes/client-node'
import type { WorkloadKind } from '../../workload/index.ts'
import { callApi } from '../api/api-request.ts'

/** Which workload; the version is that of Kubernetes' own kinds. */
export interface WorkloadName {
  readonly kind: WorkloadKind
  readonly namespace: string
  readonly name: string
}

// A person waits for it.
const answerLimit = 15_000

/** The object of a workload as it is in the cluster. @throws KubernetesError, `not-found` where it is not there */
export function readWorkload(
  kubeConfig: KubeConfig,
  { kind, namespace, name }: WorkloadName,
): Promise<unknown> {
  const root = kind.group === '' ? '/api/v1' : `/apis/${kind.group}/v1`
  const what = `get ${kind.resource} ${namespace}/${name}`
  const path = `${root}/namespaces/${encodeURIComponent(namespace)}/${kind.resource}/${encodeURIComponent(name)}`
  return callApi(kubeConfig, { what, path }, AbortSignal.timeout(answerLimit))
}
