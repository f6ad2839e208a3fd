// Registries that count and enforce, over TLS and with 50 ms latency, in a process of their own.
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tagsOf } from '../memory/tags.ts'

export type RegistryName = 'ghcr' | 'quay' | 'hub' | 'plain'

/** What a registry was asked since it was last asked what it was asked. */
export interface Counts {
  readonly pages: number
  readonly challenges: number
  readonly tokens: number
  readonly heads: number
  readonly manifestGets: number
  readonly tooMany: number
  readonly unknown: number
  /** Milliseconds from the first request to the last. */
  readonly milliseconds: number
}

export type ServerMessage =
  | { readonly ports: Readonly<Record<RegistryName, number>> }
  | { readonly counts: Readonly<Record<RegistryName, Counts>> }

/** How many tags the repositories of each registry have, one after the other. */
export const sizes: Readonly<Record<RegistryName, readonly number[]>> = {
  ghcr: [900, 2_000],
  quay: [90, 200, 290],
  hub: [90, 200, 290],
  plain: [2_000],
}

/** How many of its tags a page holds at most. */
export const pageSizes: Readonly<Record<RegistryName, number>> = {
  ghcr: 1_000,
  quay: 100,
  hub: 100,
  plain: 10_000,
}

/** The tags of a repository `team/NUMBER`. */
export function tagsAt(name: RegistryName, number: number): readonly string[] {
  const all = sizes[name]
  const count = all[number % all.length] ?? 0
  const tags = new Set<string>()
  for (const tag of tagsOf(count * 2, number + 1)) if (tags.size < count) tags.add(tag)
  return name === 'ghcr' ? [...tags] : [...tags].toSorted((a, b) => (a < b ? -1 : 1))
}

interface Reply {
  readonly kind: Exclude<keyof Counts, 'milliseconds'>
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

type Answer = (url: URL, message: IncomingMessage, origin: string) => Reply

const latency = 50
const second = 1_000

/** Lets so many pass in any window of so many milliseconds. */
function window(most: number, milliseconds: number): () => boolean {
  const passed: number[] = []
  return () => {
    const now = performance.now()
    while ((passed[0] ?? now) < now - milliseconds) passed.shift()
    return passed.length < most && passed.push(now) > 0
  }
}

/** As nginx's limit_req with `nodelay` does it: Quay's sources have 5 a second with a burst of 2. */
function limitReq(perSecond: number, burst: number): () => boolean {
  let excess = 0
  let last = -Infinity
  return () => {
    const now = performance.now()
    const next = Math.max(0, excess - ((now - last) * perSecond) / second + 1)
    const wanted = last === -Infinity ? 0 : next
    if (wanted > burst) return false
    excess = wanted
    last = now
    return true
  }
}

const pages = new Map<string, Reply>()

function pageOf(name: RegistryName, url: URL): Reply {
  const known = pages.get(`${name} ${url.href}`)
  if (known !== undefined) return known
  const number = Number(/\/team\/(\d+)\//.exec(url.pathname)?.[1])
  const tags = tagsAt(name, number)
  const last = url.searchParams.get('last')
  const sorted = name !== 'ghcr'
  const place = last === null ? 0 : tags.indexOf(last) + 1 || tags.findIndex(tag => sorted && tag > last)
  const start = place < 0 ? tags.length : place
  const size = Math.min(Number(url.searchParams.get('n') ?? 100), pageSizes[name])
  const page = tags.slice(start, start + size)
  const next = start + size < tags.length ? `${url.pathname}?n=${size}&last=${page.at(-1) ?? ''}` : undefined
  const reply: Reply = {
    kind: 'pages',
    status: 200,
    headers: next === undefined ? {} : { link: `<${next}>; rel="next"` },
    body: JSON.stringify({ name: `team/${number}`, tags: page }),
  }
  pages.set(`${name} ${url.href}`, reply)
  return reply
}

function hubPage(url: URL): Reply {
  const number = Number(/\/team\/(\d+)\//.exec(url.pathname)?.[1])
  const tags = tagsAt('hub', number)
  const page = Number(url.searchParams.get('page') ?? 1)
  const results = tags.slice((page - 1) * 100, page * 100).map((name, at) => {
    const pushed = new Date(1.7e12 - ((page - 1) * 100 + at) * 60_000).toISOString()
    const digest = `sha256:${'0'.repeat(64)}`
    return { name, last_updated: pushed, tag_last_pushed: pushed, tag_status: 'active', digest, images: [] }
  })
  const more = page * 100 < tags.length
  const next = more ? `${url.origin}${url.pathname}?page=${page + 1}&page_size=100` : null
  return {
    kind: 'pages',
    status: 200,
    body: JSON.stringify({ count: tags.length, next, previous: null, results }),
  }
}

function withToken(url: URL, message: IncomingMessage, origin: string): Reply | undefined {
  if (url.pathname === '/token') {
    const token = `t ${url.searchParams.get('scope') ?? ''}`.replaceAll(' ', '.')
    return { kind: 'tokens', status: 200, body: JSON.stringify({ token, expires_in: 300 }) }
  }
  const repository = /^\/v2\/(.+)\/(?:tags|manifests)\//.exec(url.pathname)?.[1] ?? ''
  const scope = `repository:${repository}:pull`
  if (message.headers.authorization === `Bearer t.${scope}`) return undefined
  const challenge = `Bearer realm="${origin}/token",service="bench",scope="${scope}"`
  return { kind: 'challenges', status: 401, headers: { 'www-authenticate': challenge } }
}

function manifest(message: IncomingMessage, pulls: () => boolean): Reply {
  const headers = {
    'docker-content-digest': `sha256:${'0'.repeat(64)}`,
    'content-type': 'application/vnd.oci.image.index.v1+json',
  }
  if (message.method === 'HEAD') return { kind: 'heads', status: 200, headers }
  return pulls() ? { kind: 'manifestGets', status: 200, headers, body: '{}' } : tooMany
}

const tooMany: Reply = { kind: 'tooMany', status: 429, headers: { 'retry-after': '60' } }
const unknown: Reply = { kind: 'unknown', status: 404 }

function answers(): Readonly<Record<RegistryName, Answer>> {
  const perMinute = { ghcr: window(2_000, 60 * second), hub: window(1_000, 60 * second) }
  const perSecond = limitReq(5, 2)
  const pulls = window(100, 6 * 3_600 * second)
  return {
    ghcr: (url, message, origin) =>
      perMinute.ghcr() ? (withToken(url, message, origin) ?? pageOf('ghcr', url)) : tooMany,
    quay: url => (perSecond() ? pageOf('quay', url) : tooMany),
    hub(url, message, origin) {
      if (!perMinute.hub()) return tooMany
      if (url.pathname.startsWith('/v2/repositories/')) return hubPage(url)
      const refused = withToken(url, message, origin)
      if (refused !== undefined) return refused
      return url.pathname.includes('/manifests/') ? manifest(message, pulls) : unknown
    },
    plain: url => pageOf('plain', url),
  }
}

function createCounter() {
  const counts = new Map<Reply['kind'], number>()
  let [first, last] = [0, 0]
  const of = (kind: Reply['kind']): number => counts.get(kind) ?? 0
  return {
    count(kind: Reply['kind']): void {
      counts.set(kind, of(kind) + 1)
      last = performance.now()
      if (first === 0) first = last
    },
    take(): Counts {
      const all = {
        pages: of('pages'),
        challenges: of('challenges'),
        tokens: of('tokens'),
        heads: of('heads'),
      }
      const bad = { manifestGets: of('manifestGets'), tooMany: of('tooMany'), unknown: of('unknown') }
      const taken = { ...all, ...bad, milliseconds: last - first }
      counts.clear()
      first = 0
      return taken
    },
  }
}

interface Tls {
  readonly key: string
  readonly cert: string
}

async function listen(answer: Answer, tls: Tls, milliseconds: number) {
  const counter = createCounter()
  let origin = ''
  const server = createServer({ ...tls, keepAliveTimeout: 60 * second }, (message, response) => {
    const reply = answer(new URL(message.url ?? '', origin), message, origin)
    counter.count(reply.kind)
    const type = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(reply.body ?? '') }
    const send = (): void =>
      void response.writeHead(reply.status, { ...type, ...reply.headers }).end(reply.body)
    if (milliseconds === 0) send()
    else setTimeout(send, milliseconds)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port }: AddressInfo = Object(server.address())
  origin = `https://localhost:${port}`
  return { port, take: () => counter.take() }
}

async function main(tls: Tls): Promise<void> {
  const all = answers()
  const names: readonly RegistryName[] = ['ghcr', 'quay', 'hub', 'plain']
  const servers = await Promise.all(
    names.map(async name => [name, await listen(all[name], tls, name === 'plain' ? 0 : latency)] as const),
  )
  process.send?.({ ports: Object.fromEntries(servers.map(([name, { port }]) => [name, port])) })
  process.on('message', () => {
    process.send?.({ counts: Object.fromEntries(servers.map(([name, { take }]) => [name, take()])) })
  })
}

if (process.argv[1] === import.meta.filename) process.once('message', (tls: Tls) => void main(tls))
