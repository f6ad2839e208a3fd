import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

import type { Test } from 'tap'

import { createBroker } from '../../../src/registry/broker/broker.ts'
import { defaultRegistryLimits } from '../../../src/registry/settings/settings.ts'
import type { RegistryRequest, Send } from '../../../src/registry/transport/send.ts'
import { createTransport } from '../../../src/registry/transport/transport.ts'

/** A request as a stand-in got it. */
export interface StandInRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** The path and query as they came. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What a stand-in answers; an object is sent as JSON. */
export interface StandInAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** An HTTP server that stands for somebody else's. */
export interface StandIn {
  readonly origin: string
  readonly host: string
  readonly requests: readonly StandInRequest[]
  /** From now on, what this gives is answered in place of the right answer. */
  misbehave(how: ((request: StandInRequest) => StandInAnswer | undefined) | undefined): void
}

/** A server on a free port of 127.0.0.1 that ends with the test. */
export async function startStandIn(
  t: Test,
  answer: (request: StandInRequest, origin: string) => StandInAnswer | Promise<StandInAnswer>,
): Promise<StandIn> {
  const requests: StandInRequest[] = []
  const sockets = new Set<Socket>()
  let misbehaviour: ((request: StandInRequest) => StandInAnswer | undefined) | undefined
  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(message)
    requests.push(request)
    send(response, misbehaviour?.(request) ?? (await answer(request, origin)))
  }
  const server = createServer((message, response) => void serve(message, response))
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the stand-in has no port')
  const host = `127.0.0.1:${address.port}`
  const origin = `http://${host}`
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  return {
    origin,
    host,
    requests,
    misbehave(how) {
      misbehaviour = how
    },
  }
}

async function readRequest(message: IncomingMessage): Promise<StandInRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of message) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  const { method = '', headers, url: target = '/' } = message
  const { pathname: path, searchParams: query } = new URL(target, 'http://stand-in')
  return { method, path, query, target, headers, body: Buffer.concat(chunks).toString() }
}

function send(response: ServerResponse, { status = 200, headers = {}, body = {} }: StandInAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** The real way out, ending with the test. */
export function wayOut(t: Test): Send {
  const transport = createTransport(defaultRegistryLimits, { userAgent: 'patchline/test' })
  t.teardown(() => transport.close())
  return createBroker(transport.send, { now: Date.now, elapsed: () => performance.now() }).send
}

/** A way out on which every request to an origin goes to another one in truth; the request that was meant is kept. */
export function diverted(
  send: Send,
  origins: Readonly<Record<string, string>>,
): { readonly send: Send; readonly meant: RegistryRequest[] } {
  const meant: RegistryRequest[] = []
  return {
    meant,
    async send(request, signal) {
      meant.push(request)
      const origin = origins[request.url.origin]
      if (origin === undefined) throw new Error(`nobody stands for ${request.url.origin}`)
      const url = new URL(`${request.url.pathname}${request.url.search}`, origin)
      const registry = {
        ...request.registry,
        host: url.host,
        origin,
        insecure: true,
        addresses: 'named',
      } as const
      return send({ ...request, registry, url }, signal)
    },
  }
}
