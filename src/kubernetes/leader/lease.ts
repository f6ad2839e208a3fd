import type { KubeConfig } from '@kubernetes/client-node'
import { at, textOf } from '../../json/index.ts'
import { callApi } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'

/** The `spec` of a Lease; times as the API server writes them. */
export interface LeaseRecord {
  /** Empty where it was given back. */
  readonly holder: string
  readonly durationSeconds: number
  readonly acquireTime: string
  readonly renewTime: string
  readonly transitions: number
}

/** A record with the version that a change of it has to name. */
export interface HeldLease {
  readonly record: LeaseRecord
  readonly resourceVersion: string
}

/** An instant (epoch milliseconds) as a MicroTime: the API server takes exactly six digits, and refuses three. */
export function microTime(instant: number): string {
  return new Date(instant).toISOString().replace('Z', '000Z')
}

/** The `spec` of a Lease. */
export function leaseSpec(record: LeaseRecord) {
  return {
    holderIdentity: record.holder,
    leaseDurationSeconds: record.durationSeconds,
    acquireTime: record.acquireTime,
    renewTime: record.renewTime,
    leaseTransitions: record.transitions,
  }
}

/** Reads a Lease; what it does not say is empty or 0. Throws KubernetesError `invalid-answer`. */
export function parseLease(object: unknown, what: string): HeldLease {
  const resourceVersion = textOf(at(object, ['metadata', 'resourceVersion']))
  if (resourceVersion === '') {
    throw new KubernetesError('invalid-answer', { what, why: 'the answer is not an object with a version' })
  }
  const spec = (key: string): unknown => at(object, ['spec', key])
  const record = {
    holder: textOf(spec('holderIdentity')),
    durationSeconds: numberOf(spec('leaseDurationSeconds')),
    acquireTime: textOf(spec('acquireTime')),
    renewTime: textOf(spec('renewTime')),
    transitions: numberOf(spec('leaseTransitions')),
  }
  return { record, resourceVersion }
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

/** Reads and writes one Lease. All reject with KubernetesError; `conflict` where another process was quicker. */
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

/** Creates a store for the Lease of that name. */
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
      // A merge keeps what other clients wrote on the object; the version makes it a compare-and-swap (409).
      const body = { metadata: { resourceVersion }, spec: leaseSpec(record) }
      const patch = { contentType: 'application/merge-patch+json', body }
      return parseLease(await callApi(kubeConfig, { what, path, patch }, signal), what)
    },
  }
}
