import type { Test } from 'tap'

import { TagSourceError, type TagAnswer } from '../../../src/evaluation/index.ts'
import { textsOf } from '../../../src/version/index.ts'
import {
  createRegistryClient,
  type RegistryClient,
  type RegistryClientOptions,
  type RegistrySettings,
} from '../../../src/registry/index.ts'
import { startMemoryRegistry, type MemoryRegistry, type MemoryRegistryOptions } from './memory-registry.ts'

/** A memory registry that ends with the test. */
export async function memoryRegistry(t: Test, options: MemoryRegistryOptions = {}): Promise<MemoryRegistry> {
  const registry = await startMemoryRegistry(options)
  t.teardown(() => registry.close())
  return registry
}

type ClientOptions = Partial<Omit<RegistryClientOptions, 'registries' | 'userAgent'>>

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

/** The tags of an answer as texts; throws where it is no list. */
export async function listed(answer: Promise<TagAnswer>): Promise<readonly string[]> {
  const settled = await answer
  if (settled.kind !== 'listed') throw new Error('nothing was held')
  return textsOf(settled.tags)
}
