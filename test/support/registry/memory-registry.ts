import { randomUUID } from 'node:crypto'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'

import { json, manifestReply, problem, tagsReply, type Paging, type Reply } from './memory-replies.ts'

/** What a memory registry serves and how it wants to be asked. */
export interface MemoryRegistryOptions {
  /** Tags by repository: `{ 'library/nginx': ['1.25.1', '1.25.5'] }`. */
  readonly repositories?: Readonly<Record<string, readonly string[]>>
  /** The most tags on a page; a client that asks for fewer gets fewer. 1000 if not given. */
  readonly pageSize?: number
  readonly paging?: Paging
  /** Manifests by `repository:tag`; where there is none, a tag has one of its own. */
  readonly manifests?: Readonly<Record<string, string>>
  readonly authentication?: Authentication
  /** How long each answer takes, in milliseconds; none if not given. */
  readonly latency?: number
  /** PEM texts; with them it speaks HTTPS. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

/** `basic` wants the name and password on every request, `bearer` a token of its own token server (`/token`). */
export type Authentication =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | {
      readonly kind: 'bearer'
      /** What the token server wants; without it anybody gets a token. */
      readonly credentials?: { readonly username: string; readonly password: string }
      /** Seconds that a token holds; 300 if not given. */
      readonly expiresIn?: number
      /** Another token server to name, for a registry that lies. */
      readonly realm?: string
    }

/** A request as it came. */
export interface ReceivedRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
}

/** An answer to give instead of the right one; `pace` says how the body comes. */
export interface Misbehaviour {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
  /** `never` sends nothing at all, `stalled` headers and nothing more, `drip` a byte every 20 ms, `endless` without end. */
  readonly pace?: 'at-once' | 'never' | 'stalled' | 'drip' | 'endless' | 'cut'
}

/** A registry in memory behind a real socket of 127.0.0.1. */
export interface MemoryRegistry {
  /** As in an image reference: `127.0.0.1:PORT`. */
  readonly host: string
  readonly origin: string
  /** Every request since the start, the token server's included. */
  readonly requests: readonly ReceivedRequest[]
  /** How many connections were opened since the start. */
  connections(): number
  /** Replaces the tags of a repository; undefined removes it. */
  setTags(repository: string, tags: readonly string[] | undefined): void
  /** From now on, what this gives for a request is answered in place of the right answer. */
  misbehave(how: ((request: ReceivedRequest) => Misbehaviour | undefined) | undefined): void
  /** Makes every token that was given out invalid. */
  revokeTokens(): void
  close(): Promise<void>
}

/** Starts a registry that answers `/v2/`, tag lists in pages, manifests by HEAD, and tokens. */
export async function startMemoryRegistry(options: MemoryRegistryOptions = {}): Promise<MemoryRegistry> {
  const repositories = new Map(Object.entries(options.repositories ?? {}))
  const requests: ReceivedRequest[] = []
  const tokens = new Set<string>()
  const sockets = new Set<Socket>()
  let misbehaviour: ((request: ReceivedRequest) => Misbehaviour | undefined) | undefined
  let connections = 0

  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    const request = { method: message.method ?? '', path: message.url ?? '', headers: message.headers }
    requests.push(request)
    const wrong = misbehaviour?.(request)
    const give = (): void =>
      send(response, wrong ?? answer(request, { ...options, repositories, tokens, origin }))
    if (options.latency === undefined) give()
    else setTimeout(give, options.latency).unref()
  }
  const server =
    options.tls === undefined ? createHttpServer(listener) : createHttpsServer(options.tls, listener)
  server.on('connection', (socket: Socket) => {
    connections++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the registry has no port')
  const host = `127.0.0.1:${address.port}`
  const origin = `${options.tls === undefined ? 'http' : 'https'}://${host}`

  return {
    host,
    origin,
    requests,
    connections: () => connections,
    setTags(repository, tags) {
      if (tags === undefined) repositories.delete(repository)
      else repositories.set(repository, tags)
    },
    misbehave(how) {
      misbehaviour = how
    },
    revokeTokens: () => tokens.clear(),
    async close() {
      const closed = new Promise(resolve => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

interface State extends Omit<MemoryRegistryOptions, 'repositories'> {
  readonly repositories: ReadonlyMap<string, readonly string[]>
  readonly tokens: Set<string>
  readonly origin: string
}

function answer(request: ReceivedRequest, state: State): Reply {
  const url = new URL(request.path, state.origin)
  if (url.pathname === '/token') return tokenReply(request, url, state)
  const [, repository = '', kind] =
    /^\/v2\/(?:(.+)\/(tags\/list|manifests\/[^/]+))?$/.exec(url.pathname) ?? []
  const refused = refusal(request, repository, state)
  if (refused !== undefined) return refused
  if (url.pathname === '/v2/') return json(200, {})
  const tags = state.repositories.get(repository)
  if (kind === undefined || tags === undefined) return problem(404, 'NAME_UNKNOWN')
  if (kind !== 'tags/list') {
    const reference = kind.slice('manifests/'.length)
    return manifestReply({ repository, tags, manifests: state.manifests }, reference)
  }
  return tagsReply({ url, etag: request.headers['if-none-match'] }, { ...state, name: repository, tags })
}

function refusal(request: ReceivedRequest, repository: string, state: State): Reply | undefined {
  const { authentication } = state
  const { authorization } = request.headers
  if (authentication === undefined) return undefined
  if (authentication.kind === 'basic') {
    if (authorization === basic(authentication)) return undefined
    return challenge('Basic realm="memory"')
  }
  const scope = `repository:${repository}:pull`
  if (state.tokens.has(`${authorization ?? ''} ${scope}`)) return undefined
  const realm = authentication.realm ?? `${state.origin}/token`
  return challenge(`Bearer realm="${realm}",service="memory",scope="${scope}"`)
}

function tokenReply(request: ReceivedRequest, url: URL, { authentication, tokens }: State): Reply {
  if (authentication?.kind !== 'bearer') return problem(404, 'UNSUPPORTED')
  const { credentials, expiresIn = 300 } = authentication
  if (credentials !== undefined && request.headers.authorization !== basic(credentials))
    return problem(401, 'UNAUTHORIZED')
  const token = `memory-token-${randomUUID()}`
  tokens.add(`Bearer ${token} ${url.searchParams.get('scope') ?? ''}`)
  return json(200, { token, expires_in: expiresIn })
}

function basic({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function challenge(text: string): Reply {
  const reply = problem(401, 'UNAUTHORIZED')
  return { ...reply, headers: { ...reply.headers, 'www-authenticate': text } }
}

function send(response: ServerResponse, reply: Misbehaviour): void {
  const { status = 200, headers = {}, body = '', pace = 'at-once' } = reply
  if (pace === 'never') return
  if (pace === 'cut') return void response.socket?.destroy()
  for (const [name, value] of Object.entries(headers)) setHeader(response, name, value)
  response.writeHead(status)
  sendBody(response, Buffer.from(body), pace)
}

function sendBody(response: ServerResponse, body: Buffer, pace: Misbehaviour['pace']): void {
  if (pace === 'at-once') return void response.end(body)
  response.flushHeaders()
  if (pace === 'drip') drip(response, body)
  if (pace === 'endless') flood(response, body)
}

function setHeader(response: ServerResponse, name: string, value: string | readonly string[]): void {
  response.setHeader(name, typeof value === 'string' ? value : [...value])
}

function drip(response: ServerResponse, body: Buffer): void {
  let at = 0
  const timer = setInterval(() => response.write(body.subarray(at, ++at)), 20)
  response.on('close', () => clearInterval(timer))
}

function flood(response: ServerResponse, body: Buffer): void {
  const piece = Buffer.concat(Array.from({ length: 64 }, () => body))
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  }
  response.on('drain', more)
  more()
}
