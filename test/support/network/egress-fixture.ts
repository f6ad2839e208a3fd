import type { Test } from 'tap'

import { RegistryError } from '../../../src/registry/response/registry-error.ts'
import { readRegistry, type Registry } from '../../../src/registry/settings/registry.ts'
import {
  defaultRegistryLimits,
  type RegistryLimits,
  type RegistrySettings,
} from '../../../src/registry/settings/settings.ts'
import { createDnsResolver, type DnsResolver } from '../../../src/egress/dns-resolver.ts'
import type { EgressSettings } from '../../../src/registry/transport/egress.ts'
import type { RegistryRequest } from '../../../src/registry/transport/send.ts'
import { createTransport, type Transport } from '../../../src/registry/transport/transport.ts'
import type { DnsServer } from './dns-server.ts'
import {
  startMemoryRegistry,
  type MemoryRegistry,
  type MemoryRegistryOptions,
} from '../registry/memory-registry.ts'

const never = new AbortController().signal

/** A server that ends with the test. */
export async function testServer(t: Test, options: MemoryRegistryOptions = {}): Promise<MemoryRegistry> {
  const server = await startMemoryRegistry(options)
  t.teardown(() => server.close())
  return server
}

interface Options {
  readonly egress?: EgressSettings
  readonly resolver?: DnsResolver
  readonly limits?: Partial<RegistryLimits>
}

/** A transport that ends with the test. */
export function testTransport(t: Test, { limits = {}, ...options }: Options = {}): Transport {
  const transport = createTransport(
    { ...defaultRegistryLimits, ...limits },
    { userAgent: 'patchline/test', ...options },
  )
  t.teardown(() => transport.close())
  return transport
}

/** A registry as the configuration would name it. */
export function testRegistry(settings: RegistrySettings): Registry {
  return readRegistry(settings, () => {
    throw new Error('no provider in this test')
  })
}

/** A resolver that asks this server and knows no hosts file. */
export function resolverAt(server: DnsServer, options: { readonly now?: () => number } = {}): DnsResolver {
  return createDnsResolver({
    now: Date.now,
    servers: [server.address],
    hostsFile: '/nonexistent',
    resolvConf: '/nonexistent',
    ...options,
  })
}

/** A request for a path of a registry. */
export function requestTo(
  registry: Registry,
  path = '/v2/',
  more: Partial<RegistryRequest> = {},
): RegistryRequest {
  return {
    registry,
    url: new URL(path, registry.origin),
    authorization: undefined,
    maxBytes: 10_000,
    ...more,
  }
}

/** Why a request was not answered, with what to do next; its answer's status where it was. */
export async function outcomeOf(transport: Transport, request: RegistryRequest): Promise<string> {
  try {
    const { status } = await transport.send(request, never)
    return String(status)
  } catch (error) {
    if (error instanceof RegistryError) return `${error.code}: ${error.message}; ${error.next}`
    throw error
  }
}
