import type { KubeConfig } from '@kubernetes/client-node'
import { callApi } from '../api/api-request.ts'
import { leaseSpec, parseLease, type HeldLease, type LeaseRecord } from './lease.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'

/** One Lease. All reject with KubernetesError; `conflict` where somebody else was quicker. */
export interface LeaseStore {
  /** Undefined where there is none. */
  read(signal: AbortSignal): Promise<HeldLease | undefined>
  create(record: LeaseRecord, signal: AbortSignal): Promise<HeldLease>
  /** Writes only over the lease as it was read. */
  update(lease: HeldLease, signal: AbortSignal): Promise<HeldLease>
}

/** Which Lease, and where. */
export interface LeasePlace {
  readonly kubeConfig: KubeConfig
  readonly namespace: string
  readonly name: string
}

/** The Lease of that name. */
export function createLeaseStore({ kubeConfig, namespace, name }: LeasePlace): LeaseStore {
  const all = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`
  const path = `${all}/${encodeURIComponent(name)}`
  const place = `lease ${namespace}/${name}`
  return {
    async read(signal) {
      const what = `get ${place}`
      try {
        return parseLease(await callApi(kubeConfig, { what, path }, signal), what)
      } catch (error) {
        if (error instanceof KubernetesError && error.code === 'not-found') return undefined
        throw error
      }
    },
    async create(record, signal) {
      const what = `create ${place}`
      const metadata = { name, namespace, labels: { 'app.kubernetes.io/name': 'patchline' } }
      const body = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata,
        spec: leaseSpec(record),
      }
      return parseLease(
        await callApi(kubeConfig, { what, path: all, write: { method: 'POST', body } }, signal),
        what,
      )
    },
    async update({ record, resourceVersion }, signal) {
      const what = `patch ${place}`
      // A merge leaves what others wrote on the object; the version makes it a compare-and-swap (409).
      const body = { metadata: { resourceVersion }, spec: leaseSpec(record) }
      const patch = { contentType: 'application/merge-patch+json', body }
      return parseLease(await callApi(kubeConfig, { what, path, patch }, signal), what)
    },
  }
}
