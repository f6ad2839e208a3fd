import { TagSourceError, type TagSourceCode } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import {
  advice,
  adviceText,
  isListRegistry,
  operatorAdvice,
  type Advice,
  type AdviceTexts,
} from './advice.ts'

interface RegistryErrorOptions {
  /** Advice for the user. */
  readonly next: Advice
  readonly retryAt?: number
  readonly cause?: unknown
  /** The message without the names of pull secrets, if it has any. */
  readonly forOthers?: string
}

/** A request to a registry that failed. The message names no repository; the error never leaves this folder. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: TagSourceCode
  readonly advice: Advice
  readonly retryAt: number | undefined
  readonly forOthers: string

  constructor(code: TagSourceCode, why: string, options: RegistryErrorOptions) {
    super(why, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.advice = options.next
    this.retryAt = options.retryAt
    this.forOthers = options.forOthers ?? why
  }

  /** The advice in the words for an administrator. */
  get next(): string {
    return adviceText(this.advice, operatorAdvice)
  }
}

/** Creates the error of the port: the repository, the reason and the advice, in the words of its readers. */
export function tagSourceError(
  error: RegistryError,
  repository: Repository,
  texts: AdviceTexts,
): TagSourceError {
  const next = adviceText(error.advice, texts)
  const told = (reason: string): string => {
    const why = isListRegistry(error.advice) ? texts['list-registry'](error.advice.host).why : reason
    return `${repository.registry}/${repository.repository}: ${why}; ${next}`
  }
  return new TagSourceError(error.code, told(error.message), {
    messageForOthers: told(error.forOthers),
    ...(error.cause !== undefined && { cause: error.cause }),
    ...(error.retryAt !== undefined && { retryAt: error.retryAt }),
  })
}

/** An error with code `invalid-answer`: the registry, or something before it, does not keep to the specification. */
export function invalidResponse(why: string, cause?: unknown): RegistryError {
  return new RegistryError('invalid-answer', why, {
    next: 'check that this is an OCI registry and that no proxy changes its answers',
    ...(cause !== undefined && { cause }),
  })
}

/** An error with code `unavailable` for what may pass by itself. */
export function unavailable(why: string, cause?: unknown): RegistryError {
  return new RegistryError('unavailable', why, {
    next: advice`${'try-later'}`,
    ...(cause !== undefined && { cause }),
  })
}

/** An instant in epoch milliseconds as messages show it. */
export function isoTime(instant: number): string {
  return new Date(instant).toISOString()
}

/** Hostile text made fit for a message: printable ASCII, at most 100 characters so that the reason stays readable. */
export function shown(text: string): string {
  const printable = text.replaceAll(/[^\x20-\x7e]/g, '?')
  return printable.length > 100 ? `${printable.slice(0, 100)}...` : printable
}
