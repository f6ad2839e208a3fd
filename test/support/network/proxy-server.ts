import {
  createServer as createHttpServer,
  request,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

import type { Test } from 'tap'

/** How a proxy is to be. */
export interface ProxyOptions {
  /** What it wants in `Proxy-Authorization`: `user:password`. */
  readonly login?: string
  /** The status that it answers with in place of a connection. */
  readonly refuseWith?: number
  /** It takes connections and says nothing. */
  readonly isDead?: boolean
  /** Where it really connects, whatever the name: names of a test are in no DNS. */
  readonly leadsTo?: { readonly host: string; readonly port: number }
  /** PEM texts; with them it speaks HTTPS itself. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** What it sends right after its answer to CONNECT. */
  readonly chatter?: string
}

/** A proxy on 127.0.0.1 for CONNECT and for plain HTTP. */
export interface ProxyServer {
  readonly host: string
  readonly origin: string
  /** `CONNECT host:port` and `GET http://...` as they came. */
  readonly requests: readonly string[]
  readonly headers: readonly IncomingMessage['headers'][]
}

/** Starts a proxy that ends with the test. */
export async function proxyServer(t: Test, options: ProxyOptions = {}): Promise<ProxyServer> {
  const requests: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const sockets = new Set<Duplex>()
  const note = (message: IncomingMessage): void => {
    requests.push(`${message.method ?? ''} ${message.url ?? ''}`)
    headers.push(message.headers)
  }
  const onRequest = (message: IncomingMessage, response: ServerResponse): void => {
    note(message)
    if (options.isDead === true) return
    const status = refusal(message, options)
    if (status !== undefined) return void response.writeHead(status).end()
    forward(message, response, options)
  }
  const server =
    options.tls === undefined ? createHttpServer(onRequest) : createHttpsServer(options.tls, onRequest)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
  })
  server.on('connect', (message: IncomingMessage, client: Duplex) => {
    note(message)
    client.on('error', () => client.destroy())
    if (options.isDead === true) return
    const status = refusal(message, options)
    if (status !== undefined) return void client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
    sockets.add(tunnel(message, client, options))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    const closed = new Promise(resolve => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const host = `127.0.0.1:${address.port}`
  return { host, origin: `${options.tls === undefined ? 'http' : 'https'}://${host}`, requests, headers }
}

function refusal({ headers }: IncomingMessage, { login, refuseWith }: ProxyOptions): number | undefined {
  if (refuseWith !== undefined) return refuseWith
  if (login === undefined) return undefined
  const wanted = `Basic ${Buffer.from(login).toString('base64')}`
  return headers['proxy-authorization'] === wanted ? undefined : 407
}

function tunnel(message: IncomingMessage, client: Duplex, { leadsTo, chatter = '' }: ProxyOptions): Socket {
  const { hostname, port } = new URL(`http://${message.url ?? ''}`)
  const target = leadsTo ?? { host: hostname, port: Number(port) }
  const upstream = connect(target, () => {
    client.write(`HTTP/1.1 200 Connection established\r\n\r\n${chatter}`)
    client.pipe(upstream).pipe(client)
  })
  upstream.on('error', () => client.destroy())
  client.on('close', () => upstream.destroy())
  return upstream
}

function forward(message: IncomingMessage, response: ServerResponse, { leadsTo }: ProxyOptions): void {
  const url = new URL(message.url ?? '')
  const { 'proxy-authorization': _, ...headers } = message.headers
  const target = leadsTo ?? { host: url.hostname, port: Number(url.port) }
  const path = `${url.pathname}${url.search}`
  const onward = request({ ...target, method: message.method, path, headers }, answer => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.writeHead(502).end())
  message.pipe(onward)
}
