import { Agent } from 'undici'
import {
  agentConnect,
  connectAlong,
  routeOf,
  type Connect,
  type ConnectRules,
  type DnsResolver,
  type Route,
} from '../../egress/index.ts'
import type { Registry } from '../settings/registry.ts'
import type { RegistryLimits } from '../settings/settings.ts'
import type { Egress } from './egress.ts'

/** How one request is sent, with the connections for it. */
export interface RegistryRoute extends Route {
  readonly agent: Agent
}

/** The routes to all registries. */
export interface Routes {
  /** @throws RegistryError where there may be none. */
  to(registry: Registry, url: URL): RegistryRoute
  close(): Promise<void>
}

interface RouteParts {
  readonly limits: RegistryLimits
  readonly egress: Egress
  readonly resolver: DnsResolver
}

/** Routes with connections of their own for each registry: what one believes (authorities, addresses) must not serve another. */
export function createRoutes({ limits, egress, resolver }: RouteParts): Routes {
  const parts = { resolver, timeout: limits.connectTimeout }
  const agents = new Map<string, Agent>()
  const keyOf = createKeys()

  function agentFor(registry: Registry, route: Route): Agent {
    const key = `${route.kind} ${route.proxy?.origin ?? ''} ${keyOf(registry)}`
    const agent =
      agents.get(key) ?? createAgent(registry, limits, connectAlong(route, rulesOf(registry, egress), parts))
    agents.set(key, agent)
    return agent
  }

  return {
    to(registry, url) {
      egress.checkUrl(registry, url)
      const route = routeOf(url, egress.proxyOf(registry, url))
      return { ...route, agent: agentFor(registry, route) }
    },
    async close() {
      await Promise.all([...agents.values()].map(agent => agent.destroy()))
    },
  }
}

function rulesOf(registry: Registry, egress: Egress): ConnectRules {
  return {
    ca: registry.ca,
    // What is public has its name in public DNS: a cluster's search domains must not be able to hold another.
    search: registry.addresses === 'named',
    checkAddresses: (hostname, addresses) => egress.checkAddresses(registry, hostname, addresses),
  }
}

// The text of the authorities is long: it is put into a key once for each registry.
function createKeys(): (registry: Registry) => string {
  const keys = new WeakMap<Registry, string>()
  return registry => {
    const { host, prefix, origin, addresses, insecure, ca } = registry
    const key = keys.get(registry) ?? JSON.stringify([host, prefix, origin, addresses, insecure, ca])
    keys.set(registry, key)
    return key
  }
}

// Tokens and links reach some KB; what is larger is meant to fill the memory.
const mostHeaderBytes = 16 * 1024

function createAgent(registry: Registry, limits: RegistryLimits, connect: Connect): Agent {
  return new Agent({
    connections: registry.limits.concurrency,
    pipelining: 1, // one request at a time on a connection, so that the limits on requests mean what they say
    allowH2: false,
    headersTimeout: limits.headersTimeout,
    bodyTimeout: limits.idleTimeout,
    maxHeaderSize: mostHeaderBytes,
    connect: agentConnect(connect),
  })
}
