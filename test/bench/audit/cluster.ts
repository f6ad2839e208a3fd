// An API server as the audit sees it, over TLS and with a latency, in a process of its own: lists in pages, watches with bookmarks
// and some churn, leases, config maps, Events, service accounts and pull secrets.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createObjectShelf, type ShelfOptions, type StoredReply } from './shelf.ts'
import { kindsOf, type Kind } from './objects.ts'
import { namespaceCount, type WorldSize } from './world.ts'

/** What to stand for. */
export interface ClusterJob extends WorldSize, ShelfOptions {
  readonly key: string
  readonly cert: string
  /** Milliseconds until an answer begins. */
  readonly latency: number
}

/** How often it was asked, by what for, since it was last asked this. */
export type ClusterCounts = Readonly<Record<string, number>>

export type ClusterMessage = { readonly port: number } | { readonly counts: ClusterCounts }

/** Whose requests do not count: the webhook's. */
export const uncounted = 'webhook'

const bookmarkEvery = 10_000
/** Pods that change in a second: in 100,000, each every hour and a half. */
const churnPerSecond = 20

interface World {
  readonly kinds: ReadonlyMap<string, Kind>
  readonly watchers: Map<ServerResponse, string>
  /** Of the next change, and of the last. */
  readonly versions: { next(): number; last(): number }
}

/** Kinds without objects. */
const emptyKinds: ReadonlySet<string> = new Set(['/api/v1/podtemplates', '/api/v1/replicationcontrollers'])

function listText(url: URL, kind: Kind, { versions }: World): string {
  const limit = Number(url.searchParams.get('limit') ?? kind.count)
  const [start = 0, listed = versions.last()] = (url.searchParams.get('continue') ?? '')
    .split('.')
    .filter(Boolean)
    .map(Number)
  const end = Math.min(kind.count, start + limit)
  const items = Array.from({ length: Math.max(0, end - start) }, (_, at) => kind.object(start + at, 1000))
  const more = end < kind.count ? { continue: `${end}.${listed}`, remainingItemCount: kind.count - end } : {}
  const metadata = JSON.stringify({ resourceVersion: String(listed), ...more })
  return `{"kind":"List","apiVersion":"v1","metadata":${metadata},"items":[${items.join(',')}]}`
}

function watch(url: URL, response: ServerResponse, world: World): void {
  response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
  world.watchers.set(response, url.pathname)
  const end = (): void => void world.watchers.delete(response)
  response.on('close', end)
  const seconds = Number(url.searchParams.get('timeoutSeconds') ?? 300)
  setTimeout(() => response.end(), seconds * 1000).unref()
}

function tellWatchers(world: World): void {
  const pods = '/api/v1/pods'
  const kind = world.kinds.get(pods)
  if (kind === undefined || kind.count === 0) return
  const version = world.versions.next()
  // Prime to the number of pods, so that all have their turn.
  const at = (version * 7_919) % kind.count
  const event = `{"type":"MODIFIED","object":${kind.object(at, version)}}\n`
  for (const [response, path] of world.watchers) if (path === pods) response.write(event)
}

function bookmark({ watchers, versions }: World): void {
  const object = {
    kind: 'Bookmark',
    apiVersion: 'v1',
    metadata: { resourceVersion: String(versions.last()) },
  }
  for (const response of watchers.keys()) response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, { status, text }: StoredReply): void {
  const body = Buffer.from(text)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
}

/** An answer to a request of which the body is there, and what it was for. */
type Answering = (message: IncomingMessage, body: string, response: ServerResponse) => string

function createAnswering(job: ClusterJob, world: World): Answering {
  const shelf = createObjectShelf(job)
  return (message, body, response) => {
    const url = new URL(message.url ?? '', 'https://localhost')
    const kind = emptyKinds.has(url.pathname) ? noObjects : world.kinds.get(url.pathname)
    if (kind === undefined || message.method !== 'GET') {
      const { what, reply } = shelf.answer(message.method ?? '', url.pathname, body)
      send(response, reply)
      return what
    }
    if (url.searchParams.get('watch') === 'true') {
      watch(url, response, world)
      return 'watches'
    }
    send(response, { status: 200, text: listText(url, kind, world) })
    return 'pages'
  }
}

function createWorld(size: WorldSize): World {
  let version = 5_000_000
  const versions = { next: () => ++version, last: () => version }
  return { kinds: kindsOf(size, namespaceCount(size)), watchers: new Map(), versions }
}

async function main(job: ClusterJob): Promise<void> {
  const counts = new Map<string, number>()
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1)
  const world = createWorld(job)
  const answer = createAnswering(job, world)
  const known = new WeakSet()
  async function take(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const isCounted = message.headers.authorization !== `Bearer ${uncounted}`
    if (isCounted && !known.has(message.socket)) count('connections')
    known.add(message.socket)
    const body = await bodyOf(message)
    await sleep(job.latency)
    const what = answer(message, body, response)
    if (isCounted) count(what)
  }
  const { key, cert } = job
  const server = createServer({ key, cert, keepAliveTimeout: 60_000 }, (message, response) => {
    message.on('error', () => response.destroy())
    take(message, response).catch(() => response.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  setInterval(() => tellWatchers(world), 1000 / churnPerSecond)
  setInterval(() => bookmark(world), bookmarkEvery)
  process.on('message', () => {
    process.send?.({ counts: Object.fromEntries(counts) } satisfies ClusterMessage)
    counts.clear()
  })
  process.on('disconnect', () => process.exit())
  const { port }: AddressInfo = Object(server.address())
  process.send?.({ port } satisfies ClusterMessage)
}

const noObjects: Kind = { count: 0, object: () => '{}' }

if (process.argv[1] === import.meta.filename) process.once('message', (job: ClusterJob) => void main(job))
