// Registries that want a token for each repository, over TLS and with a latency, in a process of their own.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { digestOf, indexOf, indexType, tagsOfRepository } from './world.ts'

/** What to stand for. */
export interface RegistriesJob {
  readonly key: string
  readonly cert: string
  readonly hosts: number
  /** Of each repository. */
  readonly tags: number
  /** Milliseconds until an answer begins. */
  readonly latency: number
}

/** How often they were asked since they were last asked this. */
export interface RegistryCounts {
  readonly pages: number
  readonly tokens: number
  readonly challenges: number
  readonly digests: number
  /** By GET and digest. */
  readonly indexes: number
  /** What is not there. */
  readonly wrong: number
  readonly connections: number
  /** Notifications: they go to the first host too. */
  readonly notifications: number
  /** Repositories whose tags were asked for. */
  readonly repositories: number
}

export type RegistriesMessage = { readonly ports: readonly number[] } | { readonly counts: RegistryCounts }

type What = Exclude<keyof RegistryCounts, 'repositories' | 'connections'>

interface Reply {
  readonly what: What
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** The most tags on a page, as ECR and GHCR have it. */
export const pageSize = 1_000

// About as long as GitHub's or Google's.
const tokenFilling = 'x'.repeat(700)

function tokenOf(scope: string): string {
  return `${Buffer.from(scope).toString('base64url')}.${tokenFilling}`
}

interface Desk {
  readonly tags: number
  readonly seen: Set<number>
}

function answer(message: IncomingMessage, url: URL, { tags, seen }: Desk): Reply {
  if (message.method === 'POST') return { what: 'notifications', status: 200 }
  if (url.pathname === '/token') return token(url.searchParams.get('scope') ?? '')
  const [, repository, number, kind] = places.exec(url.pathname) ?? []
  if (repository === undefined) return { what: 'wrong', status: 404 }
  const scope = `repository:${repository}:pull`
  if (message.headers.authorization !== `Bearer ${tokenOf(scope)}`) {
    const challenge = `Bearer realm="${url.origin}/token",service="bench",scope="${scope}"`
    return { what: 'challenges', status: 401, headers: { 'www-authenticate': challenge } }
  }
  if (kind !== undefined) return manifest(message.method ?? '', Number(number), kind)
  seen.add(Number(number))
  return page(repository, tagsOfRepository(Number(number), { tags }), url)
}

const places = /^\/v2\/(team-\d+\/app-(\d+))\/(?:tags\/list|manifests\/(.+))$/

function token(scope: string): Reply {
  return {
    what: 'tokens',
    status: 200,
    body: JSON.stringify({ token: tokenOf(scope), expires_in: 300 }),
  }
}

const indexes = new Map<string, string>()

function manifest(method: string, repository: number, reference: string): Reply {
  const type = { 'content-type': indexType }
  if (method !== 'HEAD') {
    const body = indexes.get(reference)
    return body === undefined
      ? { what: 'wrong', status: 404 }
      : { what: 'indexes', status: 200, headers: type, body }
  }
  const digest = digestOf(repository, reference)
  indexes.set(digest, indexOf(repository, reference))
  return { what: 'digests', status: 200, headers: { 'docker-content-digest': digest, ...type } }
}

interface Page {
  /** JSON. */
  readonly tags: string
  /** Undefined: nothing follows. */
  readonly last: string | undefined
}

const pages = new Map<readonly string[], Map<string, Page>>()

function page(name: string, all: readonly string[], url: URL): Reply {
  const known = pages.get(all) ?? new Map<string, Page>()
  pages.set(all, known)
  const size = Math.min(Number(url.searchParams.get('n') ?? pageSize), pageSize)
  const after = url.searchParams.get('last') ?? ''
  const key = `${size} ${after}`
  const made = known.get(key) ?? makePage(all, size, after)
  known.set(key, made)
  const next = `/v2/${name}/tags/list?n=${size}&last=${made.last ?? ''}`
  return {
    what: 'pages',
    status: 200,
    ...(made.last !== undefined && { headers: { link: `<${next}>; rel="next"` } }),
    body: `{"name":"${name}","tags":${made.tags}}`,
  }
}

function makePage(all: readonly string[], size: number, after: string): Page {
  const start = after === '' ? 0 : all.findIndex(tag => tag > after)
  const tags = start < 0 ? [] : all.slice(start, start + size)
  const hasMore = start >= 0 && start + size < all.length
  return { tags: JSON.stringify(tags), last: hasMore ? tags.at(-1) : undefined }
}

const none = {
  pages: 0,
  tokens: 0,
  challenges: 0,
  digests: 0,
  indexes: 0,
  wrong: 0,
  connections: 0,
  notifications: 0,
}

function send(response: ServerResponse, { status, headers, body = '' }: Reply): void {
  const length = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  response.writeHead(status, { ...length, ...headers }).end(body)
}

async function main({ key, cert, hosts, latency, tags }: RegistriesJob): Promise<void> {
  let counts = { ...none }
  const seen = new Set<number>()
  const listen = async (): Promise<number> => {
    let origin = ''
    const server = createServer({ key, cert, keepAliveTimeout: 60_000 }, (message, response) => {
      const reply = answer(message, new URL(message.url ?? '', origin), { tags, seen })
      counts[reply.what] += 1
      message.resume()
      setTimeout(send, latency, response, reply)
    })
    server.on('secureConnection', () => (counts.connections += 1))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port }: AddressInfo = Object(server.address())
    origin = `https://localhost:${port}`
    return port
  }
  const ports = await Promise.all(Array.from({ length: hosts }, listen))
  process.on('message', () => {
    process.send?.({ counts: { ...counts, repositories: seen.size } } satisfies RegistriesMessage)
    counts = { ...none }
    seen.clear()
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ ports } satisfies RegistriesMessage)
}

if (process.argv[1] === import.meta.filename) process.once('message', (job: RegistriesJob) => void main(job))
