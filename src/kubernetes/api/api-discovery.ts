import type { KubeConfig } from '@kubernetes/client-node'
import { at, itemsOf, member } from '../../json/index.ts'
import { callApi } from './api-request.ts'
import { KubernetesError } from './kubernetes-error.ts'

/** A kind of resource in one version of its group. */
export interface ServedResource {
  readonly group: string
  readonly version: string
  /** As in paths: `policyreports`. */
  readonly resource: string
  readonly kind: string
}

const answerLimit = 10_000

/** The first of the resources that the API server has; undefined where it has none. Rejects with KubernetesError. */
export async function firstServed<T extends ServedResource>(
  kubeConfig: KubeConfig,
  candidates: readonly T[],
  signal: AbortSignal,
): Promise<T | undefined> {
  for (const candidate of candidates)
    // oxlint-disable-next-line eslint/no-await-in-loop -- the first is nearly always it
    if (await isServed(kubeConfig, candidate, signal)) return candidate
  return undefined
}

async function isServed(
  kubeConfig: KubeConfig,
  { group, version, resource }: ServedResource,
  signal: AbortSignal,
): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(answerLimit)])
  try {
    const request = { what: `discover ${resource}.${group}`, path: `/apis/${group}/${version}` }
    const answer = await callApi(kubeConfig, request, limit)
    return itemsOf(at(answer, ['resources'])).some(one => member(one, 'name') === resource)
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 'not-found') return false
    throw error
  }
}
