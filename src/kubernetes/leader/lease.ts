import { at, textOf } from '../../json/index.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'

/** What a Lease says of who leads; times as the API server writes them. */
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
