import type { KubeConfig } from '@kubernetes/client-node'
import { at, textOf } from '../../json/index.ts'
import { workloadKinds, type WorkloadKind } from '../../workload/index.ts'
import { callApi } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'

/** Which workload. */
export interface WorkloadName {
  readonly kind: WorkloadKind
  readonly namespace: string
  readonly name: string
}

// A person waits for it.
const answerLimit = 15_000

/** The object of a workload as it is in the cluster. @throws KubernetesError, `not-found` where it is not there */
export async function readWorkload(
  kubeConfig: KubeConfig,
  { kind, namespace, name }: WorkloadName,
): Promise<unknown> {
  const signal = AbortSignal.timeout(answerLimit)
  const version = workloadKinds.includes(kind) ? 'v1' : await preferredVersion(kubeConfig, kind, signal)
  const root = kind.group === '' ? `/api/${version}` : `/apis/${kind.group}/${version}`
  const what = `get ${kind.resource} ${namespace}/${name}`
  const path = `${root}/namespaces/${encodeURIComponent(namespace)}/${kind.resource}/${encodeURIComponent(name)}`
  return callApi(kubeConfig, { what, path }, signal)
}

/** The version in which the server itself would show a custom kind: which ones it has is for its definition to say. */
async function preferredVersion(
  kubeConfig: KubeConfig,
  { group }: WorkloadKind,
  signal: AbortSignal,
): Promise<string> {
  const what = `get the versions of ${group}`
  const answer = await callApi(kubeConfig, { what, path: `/apis/${group}` }, signal)
  const version = textOf(at(answer, ['preferredVersion', 'version']))
  if (!/^v[0-9a-z]+$/.test(version))
    throw new KubernetesError('invalid-answer', { what, why: 'the answer names no version' })
  return version
}
