import { createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

import type { Test } from 'tap'

import { hostileKinds } from './hostile-answers.ts'
import { reply, type HostileAnswer } from './hostile-reply.ts'

/** A registry that answers every repository `kind/seed` as that kind does. */
export interface HostileServer {
  readonly port: number
  readonly requests: () => number
}

const kinds = new Map(hostileKinds.map(kind => [kind.name, kind]))

/** Starts a server that ends with the test. It speaks bare TCP: no HTTP server would send what it sends. */
export async function hostileServer(t: Test, forbidden: readonly string[]): Promise<HostileServer> {
  const sockets = new Set<Socket>()
  let requests = 0
  const server = createServer(socket => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    let text = ''
    socket.on('data', data => {
      text += data.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = text.slice(0, end)
      text = ''
      requests++
      void send(socket, answerOf(head, forbidden))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    const closed = new Promise(resolve => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { port: address.port, requests: () => requests }
}

const digests = [
  `docker-content-digest: sha256:${'a'.repeat(64)}\r\n`,
  `docker-content-digest: sha256:${'A'.repeat(64)}\r\n`,
  'docker-content-digest: md5:x\r\n',
  '',
] as const

function answerOf(head: string, forbidden: readonly string[]): HostileAnswer {
  const [, path = ''] = head.split(' ')
  const host = /^host: (.*)$/im.exec(head)?.[1] ?? ''
  const [, name = '', seed = '0'] =
    /\/v2\/([a-z0-9-]+)\/(\d+)\//.exec(path) ?? /scope=repository%3A([a-z0-9-]+)%2F(\d+)/.exec(path) ?? []
  const kind = kinds.get(name)
  if (kind === undefined) return reply(404, '')
  // With a body behind what has none.
  if (path.includes('/manifests/'))
    return reply(200, 'x'.repeat(Number(seed) % 99), digests[Number(seed) % 4])
  return kind.answer({ seed: Number(seed), path, host, forbidden })
}

async function send(socket: Socket, { chunks, end, pause }: HostileAnswer): Promise<void> {
  for (const chunk of chunks) {
    if (socket.destroyed) return
    if (!socket.write(chunk)) await drained(socket)
    if (pause !== undefined) await delay(pause)
  }
  if (end === 'close') socket.end()
  if (end === 'reset') socket.resetAndDestroy()
}

function drained(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    const go = (): void => {
      socket.off('drain', go)
      socket.off('close', go)
      resolve()
    }
    socket.on('drain', go)
    socket.on('close', go)
  })
}
