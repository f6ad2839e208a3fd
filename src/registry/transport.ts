import { Agent, request, type Dispatcher } from 'undici'

import type { Answer } from './answer.ts'
import { connectionFault } from './connection-fault.ts'
import { withDeadline } from './deadline.ts'
import { invalidAnswer, RegistryFault } from './fault.ts'
import { createPublicLookup } from './public-lookup.ts'
import type { Registry } from './registry.ts'
import type { RegistryLimits } from './settings.ts'

/** One request. */
export interface Request {
  /** Whose authorities and addresses are believed. */
  readonly registry: Registry
  readonly url: URL
  /** `GET` if not given. */
  readonly method?: 'GET' | 'HEAD' | 'POST'
  /** Beside those that every request has; never a secret. */
  readonly headers?: Readonly<Record<string, string>>
  readonly authorization: string | undefined
  /** Of a POST. */
  readonly body?: string
  readonly maxBytes: number
}

/** Sends single requests; follows nothing. */
export interface Transport {
  /** @throws RegistryFault where no whole answer came within the limits; the signal's reason where it is aborted. */
  send(request: Request, signal: AbortSignal): Promise<Answer>
  close(): Promise<void>
}

// Errors are a few hundred bytes; of a proxy's page of HTML no more than this is read.
const errorBytes = 64 * 1024

/** A transport with connections of its own for each registry. */
export function createTransport(limits: RegistryLimits, userAgent: string): Transport {
  const agents = new Map<Registry, Agent>()
  const agentOf = (registry: Registry): Agent => {
    const agent = agents.get(registry) ?? createAgent(registry, limits)
    agents.set(registry, agent)
    return agent
  }
  return {
    async send(wanted, signal) {
      const seconds = limits.requestTimeout / 1000
      const late = new RegistryFault('unavailable', `it did not answer in full within ${seconds} s`, {
        next: 'it is asked again later',
      })
      const options = { dispatcher: agentOf(wanted.registry), userAgent }
      return withDeadline({ milliseconds: limits.requestTimeout, late }, [signal], inner =>
        exchange(wanted, options, inner),
      )
    },
    async close() {
      await Promise.all([...agents.values()].map(agent => agent.destroy()))
    },
  }
}

function createAgent(registry: Registry, limits: RegistryLimits): Agent {
  return new Agent({
    connections: limits.requestsPerOrigin,
    allowH2: false, // one request at a time on a connection, so that the limits above mean what they say
    headersTimeout: limits.headersTimeout,
    bodyTimeout: limits.idleTimeout,
    connect: {
      timeout: limits.connectTimeout,
      ...(registry.ca !== undefined && { ca: registry.ca }),
      ...(registry.publicAddressesOnly && { lookup: createPublicLookup() }),
    },
  })
}

async function exchange(
  wanted: Request,
  options: { readonly dispatcher: Agent; readonly userAgent: string },
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const response = await request(wanted.url, {
      dispatcher: options.dispatcher,
      signal,
      method: wanted.method ?? 'GET',
      ...(wanted.body !== undefined && { body: wanted.body }),
      headers: {
        ...wanted.headers,
        accept: 'application/json',
        'accept-encoding': 'identity', // a limit on bytes must be one on decoded bytes
        'user-agent': options.userAgent,
        ...(wanted.authorization !== undefined && { authorization: wanted.authorization }),
      },
    })
    const body = await readBody(response, wanted.maxBytes)
    return { url: wanted.url, status: response.statusCode, headers: response.headers, body }
  } catch (error) {
    signal.throwIfAborted() // its reason says more than the error that it caused
    throw connectionFault(error)
  }
}

async function readBody(response: Dispatcher.ResponseData, maxBytes: number): Promise<Buffer> {
  const { body, statusCode } = response
  body.on('error', () => undefined) // told through the loop; a late one must not end the process
  const encoding = response.headers['content-encoding'] ?? 'identity'
  if (statusCode === 200 && encoding !== 'identity') {
    body.destroy()
    throw invalidAnswer('its answer is compressed although that was not asked for')
  }
  const limit = statusCode === 200 ? maxBytes : errorBytes
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.length
    if (bytes > limit && statusCode === 200) throw invalidAnswer(`its answer is larger than ${limit} bytes`)
    if (bytes > limit) break // leaving the loop destroys the body
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function* chunksOf(body: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  for await (const chunk of body) if (Buffer.isBuffer(chunk)) yield chunk
}
