import { connect, type TLSSocket } from 'node:tls'
import { readAnswer, requestBytes, type Answer } from './wire.ts'

/** Where to send a request, and its bytes. */
export interface Target {
  readonly port: number
  /** PEM of the authority. */
  readonly authority: string
  readonly body: string
}

/** What a stretch of load saw. */
export interface Load {
  readonly requests: number
  readonly seconds: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** Connections that each ask again as soon as they are answered. */
export interface Generator {
  run(seconds: number): Promise<Load>
  close(): void
}

const mostRequests = 500_000 // in one stretch

/** The answer to one request. */
export async function askOnce(target: Target): Promise<Answer> {
  const connection = await open(target)
  const answered = new Promise<Answer>(resolve => connection.listen(resolve))
  connection.ask()
  const answer = await answered
  connection.close()
  return answer
}

/** Opens the connections; every answer must have status 200. Node's client is dear, so there is none: bytes and their framing. */
export async function openGenerator(target: Target, connections: number): Promise<Generator> {
  const opened = await Promise.all(Array.from({ length: connections }, () => open(target)))
  const latencies = new Float64Array(mostRequests)
  return {
    async run(seconds) {
      const start = performance.now()
      const end = start + seconds * 1000
      let requests = 0
      await Promise.all(
        opened.map(async connection => {
          await new Promise<void>((resolve, reject) => {
            let asked = 0
            connection.listen(({ status }) => {
              const now = performance.now()
              latencies[requests++] = now - asked
              if (status !== 200) return reject(new Error(`answered with ${status}`))
              if (now >= end) return resolve()
              asked = now
              connection.ask()
            })
            asked = performance.now()
            connection.ask()
          })
        }),
      )
      const sorted = latencies.subarray(0, requests).toSorted()
      const at = (share: number): number => sorted[Math.floor(requests * share)] ?? Number.NaN
      return { requests, seconds: (performance.now() - start) / 1000, p50: at(0.5), p99: at(0.99) }
    },
    close() {
      for (const connection of opened) connection.close()
    },
  }
}

interface Connection {
  /** From now on this hears of answers. */
  listen(listener: (answer: Answer) => void): void
  ask(): void
  close(): void
}

async function open({ port, authority, body }: Target): Promise<Connection> {
  const socket = await connected(port, authority)
  const request = requestBytes(port, body)
  let hear: ((answer: Answer) => void) | undefined
  let pending: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    const answer = readAnswer(pending)
    if (answer === undefined) return
    pending = Buffer.alloc(0) // nothing follows: one request at a time
    hear?.(answer)
  })
  socket.on('error', error => {
    throw error
  })
  return {
    listen: listener => void (hear = listener),
    ask: () => void socket.write(request),
    close: () => void socket.destroy(),
  }
}

function connected(port: number, ca: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      ca,
      minVersion: 'TLSv1.3',
      ALPNProtocols: ['http/1.1'],
    } as const
    const socket = connect(options, () => resolve(socket))
    socket.setNoDelay(true)
    socket.once('error', reject)
  })
}
