import { RegistryFault } from '../response/fault.ts'

const until = (instant: number): string => new Date(instant).toISOString()

/** A 429; `subject` is who said so: `the registry`. */
export function rateLimited(subject: string, retryAt: number): RegistryFault {
  return new RegistryFault('rate-limited', `${subject} asked to wait until ${until(retryAt)}`, {
    next: 'it is asked again then; credentials often raise the limit',
    retryAt,
  })
}

/** A 503 with a time. */
export function outOfService(subject: string, retryAt: number): RegistryFault {
  return new RegistryFault('unavailable', `${subject} is out of service until ${until(retryAt)}`, {
    next: 'it is asked again then',
    retryAt,
  })
}

/** Nothing is left of what the host lets pass. */
export function usedUp(subject: string, limit: number | undefined, retryAt: number): RegistryFault {
  const all = limit === undefined ? 'the requests' : `the ${limit} requests`
  const why = `${all} that ${subject} allows are used up until ${until(retryAt)}`
  return new RegistryFault('rate-limited', why, {
    next: 'it is asked again then; credentials often raise the limit',
    retryAt,
  })
}

/** Little is left, and it is kept for those who wait for an answer. */
export function keptBack(subject: string, retryAt: number): RegistryFault {
  const why = `what ${subject} still allows until ${until(retryAt)} is kept for admissions`
  return new RegistryFault('rate-limited', why, {
    next: 'it is asked again then; credentials often raise the limit',
    retryAt,
  })
}

/** Too many wait already. */
export function crowded(subject: string, waiting: number): RegistryFault {
  return new RegistryFault('unavailable', `${waiting} requests to ${subject} are waiting already`, {
    next: 'it is asked again later; if its limits are higher, say so as limits under registries',
  })
}
