import type { Test } from 'tap'

import { createBroker, type Broker, type RequestEvent } from '../../../src/registry/broker/broker.ts'
import { RegistryError } from '../../../src/registry/response/registry-error.ts'
import type { RegistryResponse } from '../../../src/registry/response/response.ts'
import { createRegistries } from '../../../src/registry/settings/registries.ts'
import type { Registry } from '../../../src/registry/settings/registry.ts'
import {
  defaultRegistryLimits,
  type RegistryLimits,
  type RegistrySettings,
} from '../../../src/registry/settings/settings.ts'
import type { RegistryRequest, Send } from '../../../src/registry/transport/send.ts'
import { createTransport } from '../../../src/registry/transport/transport.ts'

/** A registry as its settings make it. */
export function registryOf(settings: RegistrySettings): Registry {
  const [registry] = createRegistries([settings]).all
  if (registry === undefined) throw new Error('no registry')
  return registry
}

/** A request for the tags of a repository, or for another path. */
export function requestOf(
  registry: Registry,
  path: string,
  more: Partial<Omit<RegistryRequest, 'registry' | 'url'>> = {},
): RegistryRequest {
  const pathname = path.startsWith('/') ? path : `/v2/${path}/tags/list`
  return {
    registry,
    url: new URL(pathname, registry.origin),
    authorization: undefined,
    maxBytes: 100_000,
    ...more,
  }
}

/** A broker over real connections that ends with the test, and what it told. */
export function brokerOf(
  t: Test,
  { now = Date.now, limits = {} }: { now?: () => number; limits?: Partial<RegistryLimits> } = {},
): { readonly broker: Broker; readonly events: RequestEvent[] } {
  const transport = createTransport({ ...defaultRegistryLimits, ...limits }, { userAgent: 'patchline/test' })
  t.teardown(() => transport.close())
  const events: RequestEvent[] = []
  const broker = createBroker(transport.send, {
    now,
    elapsed: () => performance.now(),
    onRequest: event => void events.push(event),
  })
  return { broker, events }
}

/** A send that makes no connections: every request gets what the function says. */
export function sendOf(
  reply: (request: RegistryRequest, signal: AbortSignal) => Promise<RegistryResponse> | RegistryResponse,
): Send {
  return async (request, signal) => reply(request, signal)
}

/** An answer with a status and headers, and nothing in it. */
export function responseOf(
  request: RegistryRequest,
  status: number,
  headers: RegistryResponse['headers'] = {},
): RegistryResponse {
  return { url: request.url, status, headers, body: Buffer.alloc(0) }
}

/** The fault of a promise, which must be one. */
export async function errorOf(promise: Promise<unknown>): Promise<RegistryError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof RegistryError) return error
    throw error
  }
  throw new Error('it did not fail')
}
