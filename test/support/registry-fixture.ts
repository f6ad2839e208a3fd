import type { Test } from 'tap'

import { TagSourceError } from '../../src/evaluation/index.ts'
import { createRegistryClient, type RegistryClient, type RegistrySettings } from '../../src/registry/index.ts'
import type { RegistryLimits } from '../../src/registry/index.ts'
import { startMemoryRegistry, type MemoryRegistry, type MemoryRegistryOptions } from './memory-registry.ts'

/** A memory registry that ends with the test. */
export async function memoryRegistry(t: Test, options: MemoryRegistryOptions = {}): Promise<MemoryRegistry> {
  const registry = await startMemoryRegistry(options)
  t.teardown(() => registry.close())
  return registry
}

interface ClientOptions {
  readonly limits?: Partial<RegistryLimits>
  readonly now?: () => number
}

/** A registry client that ends with the test. */
export function registryClient(
  t: Test,
  registries: readonly RegistrySettings[],
  options: ClientOptions = {},
): RegistryClient {
  const client = createRegistryClient({ registries, userAgent: 'patchline/test', now: Date.now, ...options })
  t.teardown(() => client.close())
  return client
}

/** The error of a promise, which must be one of the port. */
export async function portError(promise: Promise<unknown>): Promise<TagSourceError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof TagSourceError) return error
    throw error
  }
  throw new Error('it did not fail')
}

/** A signal that is never aborted. */
export const never = new AbortController().signal
