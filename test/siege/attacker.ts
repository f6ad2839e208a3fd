import { connect as connectTcp } from 'node:net'
import { Agent, request as httpsRequest } from 'node:https'
import { request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { reviewOf } from './reviews.ts'

// All that can reach the ports does so, until the time is over: `node attacker.ts WEBHOOK_PORT OPERATIONS_PORT SECONDS REGISTRY`.
// Nothing of it holds a certificate, and every loop ends with the time.

const [webhook = 0, operations = 0, seconds = 0] = process.argv.slice(2, 5).map(Number)
const registry = process.argv[5] ?? ''
const end = performance.now() + seconds * 1000
const host = '127.0.0.1'
const counts: Record<string, number> = {}
const count = (what: string): void => void (counts[what] = (counts[what] ?? 0) + 1)
const goesOn = (): boolean => performance.now() < end

const MiB = 1024 * 1024
const secure = { host, port: webhook, rejectUnauthorized: false } as const

/** Every loop by itself, so many at once; an attacker whose connection is closed comes back. */
async function forever(clients: number, attack: (client: number) => Promise<void>): Promise<void> {
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      while (goesOn()) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other, that is a client
        await attack(client)
      }
    }),
  )
}

function open(): Promise<TLSSocket | undefined> {
  return new Promise(resolve => {
    const socket = connect(secure, () => resolve(socket))
    socket.on('error', () => resolve(undefined))
    socket.resume()
  })
}

/** Holds a connection until it is closed; then waits for a second, as a client that is turned away would. */
async function hold(what: string, onOpen: (socket: TLSSocket) => void): Promise<void> {
  const socket = await open()
  if (socket !== undefined) {
    count(what)
    onOpen(socket)
    while (!socket.destroyed && goesOn()) {
      // oxlint-disable-next-line eslint/no-await-in-loop
      await sleep(200)
    }
    socket.destroy()
  }
  await sleep(1000)
}

const silent = () => hold('silent', () => {})

const slow = () =>
  hold('slow', socket => {
    socket.write(
      `POST /validate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${7 * MiB}\r\n\r\n{`,
    )
    const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write(' ')), 500)
    socket.on('close', () => clearInterval(timer))
  })

const agent = new Agent({ keepAlive: true, maxSockets: 200 })

function post(what: string, path: string, body: string | Buffer): Promise<void> {
  return new Promise(resolve => {
    const request = httpsRequest(
      { ...secure, agent, path, method: 'POST', headers: { 'content-type': 'application/json' } },
      response => {
        count(`${what} ${response.statusCode}`)
        response.resume()
        response.on('close', () => resolve())
      },
    )
    request.on('error', () => {
      count(`${what} closed`)
      resolve()
    })
    request.end(body)
  })
}

const largeOf = (size: number): Buffer =>
  Buffer.from(
    reviewOf('large', [`${registry}/nginx:1.25.5`]).replace(
      '"name":"web",',
      `"name":"web","annotations":{"a":"${'x'.repeat(size)}"},`,
    ),
  )
const large = largeOf(7 * MiB)
const largePosts = () => post('7 MiB', '/validate', large)
const largest = largeOf(39 * MiB)
const largestPosts = () => post('39 MiB', '/mutate', largest)
const tooLarge = largeOf(60 * MiB)
const tooLargePosts = () => post('60 MiB', '/validate', tooLarge)

let made = 0
const distinct = (length: number): string[] =>
  Array.from({ length }, () => `${registry}/made/up-${made++}:1.0.${made % 7}`)
const manyImages = () =>
  post(
    '300,000 images',
    '/validate',
    reviewOf(
      'many',
      Array.from({ length: 300_000 }, (_, at) => `A${at}`),
    ),
  )
const someImages = () =>
  post(
    '90 made-up images',
    made % 2 === 0 ? '/mutate' : '/validate',
    reviewOf('some', distinct(90), `n${made % 50}`),
  )
const values = Buffer.from(
  reviewOf('values', ['a']).replace('"replicas":1', `"replicas":[${'{},'.repeat(2_000_000)}1]`),
)
const manyValues = () => post('2,000,000 values', '/mutate', values)
const garbage = () => post('garbage', '/validate', '{'.repeat(1000))

function get(path: string): Promise<void> {
  return new Promise(resolve => {
    const request = httpRequest({ host, port: operations, path }, response => {
      count(`GET ${path} ${response.statusCode}`)
      response.resume()
      response.on('close', () => resolve())
    })
    request.on('error', () => resolve())
    request.end()
  })
}

/** Half a request on the operations port. */
async function half(): Promise<void> {
  const socket = connectTcp(operations, host)
  socket.on('error', () => {})
  socket.write('GET /metrics HTTP/1.1\r\nhost')
  count('half a request')
  await sleep(5000)
  socket.destroy()
}

await Promise.all([
  forever(500, silent),
  forever(500, slow),
  forever(100, largePosts),
  forever(4, largestPosts),
  forever(2, tooLargePosts),
  forever(2, manyImages),
  forever(4, someImages),
  forever(2, manyValues),
  forever(4, garbage),
  forever(8, () => get('/metrics')),
  forever(8, () => get('/healthz')),
  forever(8, () => get('/nowhere')),
  forever(100, half),
])
agent.destroy()
process.stdout.write(JSON.stringify(counts))
process.exit()
