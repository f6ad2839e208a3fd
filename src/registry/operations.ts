import { withDeadline } from '../async/index.ts'
import type { Repository } from '../image/index.ts'
import { operatorAdvice, type AdviceTexts } from './response/advice.ts'
import { RegistryError, tagSourceError, unavailable } from './response/registry-error.ts'
import type { Registries } from './settings/registries.ts'
import type { Registry } from './settings/registry.ts'

/** A repository whose aliases are resolved, and its registry. */
export interface Located {
  readonly registry: Registry
  readonly located: Repository
}

/** One operation of a registry client. */
export interface Operation {
  readonly repository: Repository
  /** The message if the time is up: `its tags were not listed`. */
  readonly what: string
  readonly signal: AbortSignal
}

/**
 * Runs work for a repository within a time limit.
 * @throws TagSourceError where the work throws a RegistryError, the time is up, or the signal is aborted.
 */
export type RunOperation = <T>(
  operation: Operation,
  work: (found: Located, signal: AbortSignal) => Promise<T>,
) => Promise<T>

/** Creates the runner of a client's operations; all of them end once `closing` is aborted. */
export function createOperationRunner(parts: {
  readonly registries: Registries
  readonly milliseconds: number
  readonly closing: AbortSignal
  readonly advice: AdviceTexts
}): RunOperation {
  const { registries, milliseconds, closing, advice } = parts
  return async ({ repository, what, signal }, work) => {
    try {
      const found = allowed(registries, repository)
      const late = (): RegistryError => unavailable(`${what} within ${milliseconds / 1000} s`)
      return await withDeadline({ milliseconds, late }, [signal, closing], inner => work(found, inner))
    } catch (error) {
      throw portError(error, repository, { signal, advice })
    }
  }
}

function allowed(registries: Registries, repository: Repository): Located {
  const located = registries.locate(repository)
  const registry = registries.find(located)
  if (registry === undefined) throw notAllowed(located)
  return { registry, located }
}

/** The error for a registry that the configuration does not list. */
export function notAllowed({ registry: host }: Repository): RegistryError {
  const { why } = operatorAdvice['list-registry'](host)
  return new RegistryError('not-allowed', why, { next: { code: 'list-registry', host } })
}

// Only the error that the port names leaves this folder; an error of the program stays as it is.
function portError(
  error: unknown,
  repository: Repository,
  { signal, advice }: { readonly signal: AbortSignal; readonly advice: AdviceTexts },
): unknown {
  if (error instanceof RegistryError) return tagSourceError(error, repository, advice)
  return signal.aborted ? tagSourceError(unavailable('the look-up was stopped'), repository, advice) : error
}
