import type { Test } from 'tap'

import { startStandIn, type StandIn, type StandInAnswer, type StandInRequest } from './cloud-stand-in.ts'

/** A tag that the stand-in has; instants in epoch milliseconds. */
export interface HubServerTag {
  readonly name: string
  readonly pushed: number
  readonly digest?: string
}

/** A stand-in for hub.docker.com. */
export interface HubServer extends StandIn {
  /** Replaces the tags of a repository (`library/nginx`). */
  setTags(repository: string, tags: readonly HubServerTag[]): void
  /** Makes every token that was given out invalid. */
  revokeTokens(): void
}

interface HubServerOptions {
  readonly repositories?: Readonly<Record<string, readonly HubServerTag[]>>
  /** Repositories that are shown to who has logged in as one of `accounts` only. */
  readonly hidden?: readonly string[]
  /** Passwords by name. */
  readonly accounts?: Readonly<Record<string, string>>
  /** Seconds that a token says it lives; it says nothing if not given. */
  readonly tokenSeconds?: number
}

/** Starts a stand-in that pages, orders and lets in as the documentation of Docker Hub's API says. */
export async function startHubServer(t: Test, options: HubServerOptions = {}): Promise<HubServer> {
  const repositories = new Map(Object.entries(options.repositories ?? {}))
  const tokens = new Set<string>()
  const standIn = await startStandIn(t, (request, origin) =>
    request.method === 'POST' && request.path === '/v2/auth/token'
      ? login(request, options, tokens)
      : tagsAnswer(request, { ...options, repositories, tokens, origin }),
  )
  return {
    ...standIn,
    setTags: (repository, tags) => void repositories.set(repository, tags),
    revokeTokens: () => tokens.clear(),
  }
}

interface State extends Omit<HubServerOptions, 'repositories'> {
  readonly repositories: ReadonlyMap<string, readonly HubServerTag[]>
  readonly tokens: ReadonlySet<string>
  readonly origin: string
}

function tagsAnswer(request: StandInRequest, { repositories, tokens, hidden, origin }: State): StandInAnswer {
  const [, repository = ''] = /^\/v2\/repositories\/([^/]+\/[^/]+)\/tags$/.exec(request.path) ?? []
  const tags = repositories.get(repository)
  const { authorization } = request.headers
  if (authorization !== undefined && !tokens.has(authorization)) return unauthorized()
  const isHidden = hidden?.includes(repository) === true && authorization === undefined
  return tags === undefined || isHidden ? notFound() : page(request, tags, `${origin}${request.path}`)
}

function login(request: StandInRequest, options: HubServerOptions, tokens: Set<string>): StandInAnswer {
  const given: unknown = JSON.parse(request.body)
  const { identifier, secret } = Object(given)
  if (request.headers['content-type'] !== 'application/json') return { status: 415 }
  if (options.accounts?.[String(identifier)] !== secret || secret === undefined) return unauthorized()
  const issued = 1_700_000_000
  const { tokenSeconds } = options
  const claims = tokenSeconds === undefined ? {} : { iat: issued, exp: issued + tokenSeconds }
  const unique = { sub: identifier, jti: tokens.size, ...claims }
  const token = `${encode({ alg: 'RS256' })}.${encode(unique)}.signature${tokens.size}`
  tokens.add(`Bearer ${token}`)
  return { body: { access_token: token } }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function page(request: StandInRequest, tags: readonly HubServerTag[], address: string): StandInAnswer {
  const size = Math.min(100, Number(request.query.get('page_size') ?? 10))
  const number = Number(request.query.get('page') ?? 1)
  const byTime = request.query.get('ordering') === 'last_updated'
  const sorted = tags.toSorted((a, b) => (byTime ? b.pushed - a.pushed : a.name < b.name ? -1 : 1))
  const start = (number - 1) * size
  if (number > 1 && start >= sorted.length) return notFound()
  const more = start + size < sorted.length
  const at = (page: number): string => `${address}?page=${page}&page_size=${size}&ordering=last_updated`
  return {
    headers: { 'x-ratelimit-limit': '600', 'x-ratelimit-remaining': '599' },
    body: {
      count: sorted.length,
      next: more ? at(number + 1) : null,
      previous: number > 1 ? at(number - 1) : null,
      results: sorted.slice(start, start + size).map(hubTag),
    },
  }
}

function hubTag({ name, pushed, digest = `sha256:${name}` }: HubServerTag): object {
  // Docker Hub gives microseconds.
  const instant = new Date(pushed).toISOString().replace('Z', '123Z')
  return {
    creator: 7,
    id: 1,
    images: [{ architecture: 'amd64', os: 'linux', variant: null, digest, size: 1, status: 'active' }],
    last_updated: instant,
    name,
    repository: 1,
    full_size: 1,
    v2: true,
    tag_status: 'active',
    tag_last_pulled: null,
    tag_last_pushed: instant,
    media_type: 'application/vnd.oci.image.index.v1+json',
    content_type: 'image',
    digest,
  }
}

function unauthorized(): StandInAnswer {
  return { status: 401, body: { detail: 'Incorrect authentication credentials' } }
}

function notFound(): StandInAnswer {
  return { status: 404, body: { message: 'object not found', errinfo: {} } }
}
