import { callbackify } from 'node:util'
import { Agent, type buildConnector } from 'undici'
import type { Proxy } from '../../egress/index.ts'
import type { Registry } from '../settings/registry.ts'
import type { RegistryLimits } from '../settings/settings.ts'
import {
  connectDirect,
  connectThroughProxy,
  connectToProxy,
  type Connect,
  type Destination,
} from './connect.ts'
import type { DnsResolver } from './dns-resolver.ts'
import { unbracketed, type Egress } from './egress.ts'

/** How one request is sent: over which connections, and in which form. */
export interface Route {
  readonly agent: Agent
  /** To which the agent connects: the URL's own origin, or that of a proxy which is asked in its place. */
  readonly origin: string
  /** What the request line says. */
  readonly path: string
  /** What the request carries beside its own headers. */
  readonly headers: Readonly<Record<string, string>>
  /** Whose a 407 is. */
  readonly forwardedBy: Proxy | undefined
}

/** The routes to all registries. */
export interface Routes {
  /** @throws RegistryError where there may be none. */
  to(registry: Registry, url: URL): Route
  close(): Promise<void>
}

interface RouteParts {
  readonly limits: RegistryLimits
  readonly egress: Egress
  readonly resolver: DnsResolver
}

/** Routes with connections of their own for each registry: what one believes (authorities, addresses) must not serve another. */
export function createRoutes({ limits, egress, resolver }: RouteParts): Routes {
  const parts = { egress, resolver, timeout: limits.connectTimeout }
  const agents = new Map<string, Agent>()
  const keyOf = createKeys()

  function agentFor(registry: Registry, way: string, connect: () => Connect): Agent {
    const key = `${way} ${keyOf(registry)}`
    const agent = agents.get(key) ?? createAgent(registry, limits, connect())
    agents.set(key, agent)
    return agent
  }

  return {
    to(registry, url) {
      egress.checkUrl(registry, url)
      const proxy = egress.proxyOf(registry, url)
      if (proxy === undefined)
        return { ...whole(url), agent: agentFor(registry, 'direct', () => connectDirect(registry, parts)) }
      if (url.protocol === 'https:') {
        const way = `tunnel ${proxy.origin}`
        return {
          ...whole(url),
          agent: agentFor(registry, way, () => connectThroughProxy(registry, proxy, parts)),
        }
      }
      // Plain HTTP is handed to the proxy whole: many proxies let CONNECT through to port 443 only.
      const agent = agentFor(registry, `forward ${proxy.origin}`, () => connectToProxy(proxy, parts))
      return { ...forwarded(url, proxy), agent }
    },
    async close() {
      await Promise.all([...agents.values()].map(agent => agent.destroy()))
    },
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

function whole(url: URL): Omit<Route, 'agent'> {
  return { origin: url.origin, path: `${url.pathname}${url.search}`, headers: {}, forwardedBy: undefined }
}

function forwarded(url: URL, proxy: Proxy): Omit<Route, 'agent'> {
  const { authorization } = proxy
  return {
    origin: proxy.origin,
    path: `${url.origin}${url.pathname}${url.search}`,
    headers: { host: url.host, ...(authorization !== undefined && { 'proxy-authorization': authorization }) },
    forwardedBy: proxy,
  }
}

// Tokens and links reach some KB; what is larger is meant to fill the memory.
const mostHeaderBytes = 16 * 1024

function createAgent(registry: Registry, limits: RegistryLimits, connect: Connect): Agent {
  const open = callbackify(connect)
  return new Agent({
    connections: registry.limits.concurrency,
    pipelining: 1, // one request at a time on a connection, so that the limits on requests mean what they say
    allowH2: false,
    headersTimeout: limits.headersTimeout,
    bodyTimeout: limits.idleTimeout,
    maxHeaderSize: mostHeaderBytes,
    connect(options, callback) {
      open(targetOf(options), (error, socket) =>
        error === null ? callback(null, socket) : callback(error, null),
      )
    },
  })
}

function targetOf({ hostname, port, protocol }: buildConnector.Options): Destination {
  const isTls = protocol === 'https:'
  const standard = isTls ? 443 : 80
  return { hostname: unbracketed(hostname), port: port === '' ? standard : Number(port), isTls }
}
