import type { Socket } from 'node:net'

import { RegistryFault } from '../response/fault.ts'
import type { Registry } from '../settings/registry.ts'
import { openTcp, openTls, tlsMemory, type Peer } from './connector.ts'
import type { Egress } from './egress.ts'
import { createLookup } from './lookup.ts'
import type { Proxy } from './proxy.ts'
import type { NameResolver } from './resolve.ts'
import { proxyFault, tunnelThrough } from './tunnel.ts'

/** Makes a connection, with TLS where that is wanted. @throws RegistryFault */
export type Connect = (target: Target) => Promise<Socket>

/** Where a connection leads. */
export interface Target extends Peer {
  readonly isTls: boolean
}

/** What connections are made with; `timeout` in milliseconds for each of its steps. */
export interface WayParts {
  readonly timeout: number
  readonly egress: Egress
  readonly resolver: NameResolver
}

/** Connections straight to a registry, to addresses that were checked. */
export function directly(registry: Registry, { timeout, egress, resolver }: WayParts): Connect {
  const memory = tlsMemory(registry.ca)
  const lookup = createLookup(async hostname => {
    // What is public has its name in public DNS: a cluster's search domains must not be able to hold another.
    const addresses = await resolver.resolve(hostname, { search: registry.addresses === 'named' })
    egress.checkAddresses(registry, hostname, addresses)
    return addresses
  })
  return async peer => {
    const socket = await openTcp(peer, lookup, timeout)
    return peer.isTls ? openTls(socket, { peer, memory, timeout }) : socket
  }
}

/** Connections to a proxy, which a person has named: any address is meant. */
export function toProxy(proxy: Proxy, { timeout, resolver }: WayParts): Connect {
  const memory = tlsMemory(proxy.ca)
  const lookup = createLookup(hostname => resolver.resolve(hostname, { search: true }))
  return async () => {
    try {
      const socket = await openTcp(proxy, lookup, timeout)
      return proxy.protocol === 'https:' ? await openTls(socket, { peer: proxy, memory, timeout }) : socket
    } catch (error) {
      throw error instanceof RegistryFault ? proxyFault(proxy, error.message, error) : error
    }
  }
}

/** Connections to a registry through a proxy, which resolves the name; TLS is with the registry itself. */
export function throughTunnel(registry: Registry, proxy: Proxy, parts: WayParts): Connect {
  const { timeout } = parts
  const memory = tlsMemory(registry.ca)
  const open = toProxy(proxy, parts)
  return async peer => {
    const socket = await tunnelThrough(await open(peer), { proxy, peer, timeout })
    return peer.isTls ? openTls(socket, { peer, memory, timeout }) : socket
  }
}
