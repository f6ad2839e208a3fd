import { TagSourceError, type TagSourceCode } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'

interface FaultOptions {
  /** What a person can do about it. */
  readonly next: string
  readonly retryAt?: number
  readonly cause?: unknown
  /** Why, without the names of pull secrets, where the text has some. */
  readonly forOthers?: string
}

/** What went wrong, before it is known for which repository; it never leaves this folder. */
export class RegistryFault extends Error {
  override readonly name = 'RegistryFault'
  readonly code: TagSourceCode
  readonly next: string
  readonly retryAt: number | undefined
  readonly forOthers: string

  constructor(code: TagSourceCode, why: string, options: FaultOptions) {
    super(why, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.next = options.next
    this.retryAt = options.retryAt
    this.forOthers = options.forOthers ?? why
  }
}

/** The fault as the port's error: which repository, why, and what to do next. */
export function tagSourceError(fault: RegistryFault, repository: Repository): TagSourceError {
  const told = (why: string): string =>
    `${repository.registry}/${repository.repository}: ${why}; ${fault.next}`
  return new TagSourceError(fault.code, told(fault.message), {
    messageForOthers: told(fault.forOthers),
    ...(fault.cause !== undefined && { cause: fault.cause }),
    ...(fault.retryAt !== undefined && { retryAt: fault.retryAt }),
  })
}

/** A fault of the kind `invalid-answer`: the registry, or something before it, does not keep to the specification. */
export function invalidAnswer(why: string, cause?: unknown): RegistryFault {
  return new RegistryFault('invalid-answer', why, {
    next: 'check that this is an OCI registry and that no proxy changes its answers',
    ...(cause !== undefined && { cause }),
  })
}

/** A fault of the kind `unavailable` that may pass by itself. */
export function unavailable(why: string, cause?: unknown): RegistryFault {
  return new RegistryFault('unavailable', why, {
    next: 'it is asked again later',
    ...(cause !== undefined && { cause }),
  })
}

/** Hostile text made fit for a message: printable ASCII, at most 100 characters so that the reason stays readable. */
export function shown(text: string): string {
  const printable = text.replaceAll(/[^\x20-\x7e]/g, '?')
  return printable.length > 100 ? `${printable.slice(0, 100)}...` : printable
}
