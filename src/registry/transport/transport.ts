import { Agent, type Dispatcher } from 'undici'
import { withDeadline } from '../../async/index.ts'
import {
  agentConnect,
  connectAlong,
  createDnsResolver,
  refusedBy,
  routeOf,
  type Connect,
  type ConnectRules,
  type DnsResolver,
  type EgressRoute,
} from '../../egress/index.ts'
import { invalidResponse, unavailable, type RegistryError } from '../response/registry-error.ts'
import type { RegistryResponse } from '../response/response.ts'
import type { Registry } from '../settings/registry.ts'
import type { RegistryLimits } from '../settings/settings.ts'
import { asRegistryError } from './connection-error.ts'
import { createEgress, isOwnOrigin, type Egress, type EgressSettings } from './egress.ts'
import type { RegistryRequest, Send } from './send.ts'

/** Sends single requests over HTTP; follows no redirect. */
export interface Transport {
  readonly send: Send
  close(): Promise<void>
}

/** The options of a transport. */
export interface TransportOptions {
  readonly userAgent: string
  readonly egress?: EgressSettings
  /** In place of the system's DNS. */
  readonly resolver?: DnsResolver
}

// Errors are a few hundred bytes; of a proxy's page of HTML no more than this is read.
const errorBytes = 64 * 1024

/**
 * The one way out: every request to a registry, its API or its token server goes through here.
 * @throws EgressSettingsError
 */
export function createTransport(limits: RegistryLimits, options: TransportOptions): Transport {
  const { userAgent, egress: settings, resolver = createDnsResolver({ now: Date.now }) } = options
  const egress = createEgress(settings)
  const routes = createRoutes({ limits, egress, resolver })
  return {
    async send(wanted, signal) {
      const { maxBytes = limits.responseBytes } = wanted
      const milliseconds = wanted.registry.limits.requestTimeout ?? limits.requestTimeout
      const late = (): RegistryError =>
        unavailable(`it did not answer in full within ${milliseconds / 1000} s`)
      const route = routes.to(wanted.registry, wanted.url)
      return withDeadline({ milliseconds, late }, [signal], inner =>
        exchange(wanted, { route, headers: headersOf(wanted, userAgent), maxBytes, signal: inner }),
      )
    },
    async close() {
      resolver.close()
      await routes.close()
    },
  }
}

type Headers = Readonly<Record<string, string>>

/** The headers of a request. A foreign host sees nothing by which this process could be recognised. */
function headersOf(wanted: RegistryRequest, userAgent: string): Headers {
  const given = Object.entries(wanted.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
  const own: Headers = { accept: 'application/json', ...Object.fromEntries(given) }
  const always = { 'accept-encoding': 'identity' } // a limit on bytes must be one on decoded bytes
  if (wanted.foreign === true || !isOwnOrigin(wanted.registry, wanted.url))
    return { accept: own['accept'] ?? '*/*', ...always }
  const { authorization } = wanted
  return { ...own, ...always, 'user-agent': userAgent, ...(authorization !== undefined && { authorization }) }
}

interface Exchange {
  readonly route: RegistryRoute
  readonly headers: Headers
  readonly maxBytes: number
  readonly signal: AbortSignal
}

async function exchange(
  wanted: RegistryRequest,
  { route, headers, maxBytes, signal }: Exchange,
): Promise<RegistryResponse> {
  try {
    const { agent, origin, path, kind, proxy } = route
    const method = wanted.method ?? 'GET'
    const body = method === 'POST' && wanted.body !== undefined ? { body: wanted.body } : {}
    const response = await agent.request({
      origin,
      path,
      method,
      signal,
      headers: { ...headers, ...route.headers },
      // Otherwise undici closes the connection after each HEAD: a handshake for each digest.
      reset: false,
      ...body,
    })
    response.body.on('error', () => undefined) // thrown where it is read; a late one must not end the process
    if (response.statusCode === 407 && kind === 'forward' && proxy !== undefined) {
      response.body.destroy()
      throw refusedBy(proxy, 407)
    }
    return {
      url: wanted.url,
      status: response.statusCode,
      headers: response.headers,
      body: await readBody(response, method === 'HEAD' ? 0 : maxBytes),
    }
  } catch (error) {
    signal.throwIfAborted() // its reason says more than the error that it caused
    throw asRegistryError(error)
  }
}

async function readBody(response: Dispatcher.ResponseData, maxBytes: number): Promise<Buffer> {
  const { body, statusCode } = response
  const isWanted = statusCode === 200
  const limit = isWanted ? maxBytes : errorBytes
  if (isWanted && maxBytes > 0) checkHeaders(response, limit) // of a HEAD they describe what is not sent
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.length
    if (bytes > limit && isWanted) throw tooLarge(limit)
    if (bytes > limit) break // leaving the loop destroys the body
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

// A body that announces too many bytes is not read at all.
function checkHeaders({ body, headers }: Dispatcher.ResponseData, limit: number): void {
  const isEncoded = String(headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity'
  if (!isEncoded && !(Number(headers['content-length']) > limit)) return
  body.destroy()
  throw isEncoded
    ? invalidResponse('its answer is compressed although that was not asked for')
    : tooLarge(limit)
}

function tooLarge(limit: number): RegistryError {
  return invalidResponse(`its answer is larger than ${limit} bytes`)
}

async function* chunksOf(body: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  for await (const chunk of body) if (Buffer.isBuffer(chunk)) yield chunk
}

/** The route of a request, with the connections for it. */
export interface RegistryRoute extends EgressRoute {
  readonly agent: Agent
}

/** The routes to all registries. */
export interface Routes {
  /** @throws RegistryError if the URL may not be contacted. */
  to(registry: Registry, url: URL): RegistryRoute
  close(): Promise<void>
}

interface RouteParts {
  readonly limits: RegistryLimits
  readonly egress: Egress
  readonly resolver: DnsResolver
}

/** Creates routes with separate connections for each registry: a connection that one trusts (authorities, addresses) never serves another. */
export function createRoutes({ limits, egress, resolver }: RouteParts): Routes {
  const parts = { resolver, timeout: limits.connectTimeout }
  const agents = new Map<string, Agent>()
  const keyOf = createKeys()

  function agentFor(registry: Registry, route: EgressRoute): Agent {
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
