import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'

import type { Test } from 'tap'

/** A request as it came. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What is answered: a status with a body, or one of the ways in which a server is no help. */
export type Reply =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** Takes the request and says nothing; closes the connection at once; never ends its answer; stops in the middle of it. */
  | 'silence'
  | 'reset'
  | 'endless'
  | 'half'

/** A server on 127.0.0.1 that takes POSTs. */
export interface WebhookServer {
  readonly origin: string
  readonly received: readonly Received[]
}

interface WebhookServerOptions {
  readonly reply: (request: Received) => Reply
  /** PEM texts; with them it speaks HTTPS. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

/** Starts a server that ends with the test. */
export async function webhookServer(t: Test, { reply, tls }: WebhookServerOptions): Promise<WebhookServer> {
  const received: Received[] = []
  const sockets = new Set<Socket>()
  const onRequest = (message: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', () => {
      const { method = '', url: path = '', headers } = message
      const request = { method, path, headers, body: Buffer.concat(chunks).toString() }
      received.push(request)
      answer(reply(request), response)
    })
  }
  const server = tls === undefined ? createHttpServer(onRequest) : createHttpsServer(tls, onRequest)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    const closed = new Promise(resolve => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { origin: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`, received }
}

function answer(reply: Reply, response: ServerResponse): void {
  switch (reply) {
    case 'silence':
      return
    case 'reset':
      response.socket?.resetAndDestroy()
      return
    case 'half':
      response.writeHead(200, { 'content-length': '1000' }).write('half of')
      return
    case 'endless':
      response.writeHead(500)
      pour(response)
      return
    default:
      response.writeHead(reply.status, reply.headers).end(reply.body ?? '')
  }
}

function pour(response: ServerResponse): void {
  while (!response.destroyed && response.write('x'.repeat(65_536)));
  if (!response.destroyed) response.once('drain', () => pour(response))
}
