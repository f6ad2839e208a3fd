import { request as requestHttp, type Agent, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as requestHttps, type RequestOptions } from 'node:https'
import { TLSSocket } from 'node:tls'
import type { KubeConfig } from '@kubernetes/client-node'
import { member } from '../../json/index.ts'
import { printable } from '../../text/index.ts'
import { createResponseBuffer, credentialsFor, type ResponseBuffer } from './connection.ts'
import {
  connectionError,
  KubernetesError,
  notJson,
  reasonOf,
  refusedBy,
  retryAfterOf,
} from './kubernetes-error.ts'

/** One request to the API server. `what` says in words what it is for; errors begin with it. */
export interface ApiRequest {
  readonly what: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** The media types that are accepted; JSON of the whole objects if not given. */
  readonly accept?: string
  /** A PATCH; with neither this nor `write` the request is a GET. */
  readonly patch?: { readonly contentType: string; readonly body: unknown }
  readonly write?: { readonly method: 'POST' | 'PUT' | 'DELETE'; readonly body?: unknown }
  /**
   * Called when the connection stands, right before anything is sent: a process that was stopped meanwhile may not be the leader
   * any more. False: KubernetesError `superseded`, and nothing is sent.
   */
  readonly mayWrite?: (() => boolean) | undefined
  /** Keeps the connection for further requests; without it, or through a proxy, each has its own. */
  readonly agent?: Agent
}

/** A page of 100 namespaces with annotations of the largest legal size (256 KiB each) fits. */
const mostBytes = 33_554_432
/** A Status object; what does not fit is not worth reading. */
const mostErrorBytes = 65_536

/**
 * Sends a request; resolves to the parsed JSON of the response. `signal` bounds the whole exchange. Throws KubernetesError.
 * Not through the library's generated clients: they have no time or size limit, make a dispatcher with its own
 * connection pool per request, and drop fields that their model does not know.
 */
export async function callApi(
  kubeConfig: KubeConfig,
  request: ApiRequest,
  signal: AbortSignal,
): Promise<unknown> {
  return parseJson(
    await readApi(kubeConfig, { ...request, buffer: createResponseBuffer() }, signal),
    request.what,
  )
}

/** Resolves where an API server accepts these credentials; throws KubernetesError that says what is wrong. */
export async function ping(kubeConfig: KubeConfig): Promise<void> {
  const what = 'ask the API server for its version'
  const noServer = (): KubernetesError => {
    const { origin } = new URL(kubeConfig.getCurrentCluster()?.server ?? '')
    const why = `${origin} is not a Kubernetes API server`
    return new KubernetesError('invalid-answer', { what, why, next: 'check the server of the kubeconfig' })
  }
  try {
    const version = await callApi(kubeConfig, { what, path: '/version' }, AbortSignal.timeout(pingLimit))
    if (member(version, 'gitVersion') === undefined) throw noServer()
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error
    if (error.code === 'not-found' || error.code === 'invalid-answer') throw noServer()
    // An administrator may have taken that right away from all users: it is an API server all the same.
    if (error.code !== 'forbidden') throw error
  }
}

/** A person waits for it; milliseconds. */
const pingLimit = 10_000

/** The bytes of the response, in the given buffer. `signal` bounds the whole exchange. Throws KubernetesError. */
export async function readApi(
  kubeConfig: KubeConfig,
  { buffer, ...request }: ApiRequest & { readonly buffer: ResponseBuffer },
  signal: AbortSignal,
): Promise<Buffer> {
  const response = await openApi(kubeConfig, request, signal)
  try {
    return await buffer.read(response, mostBytes)
  } catch (error) {
    throw connectionError(request.what, error, signal)
  }
}

/** The response, its status known to be a success. The caller reads it to the end or destroys it. */
export async function openApi(
  kubeConfig: KubeConfig,
  request: ApiRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const credentials = await prepare(kubeConfig, request.what, signal)
  const response = await exchange(kubeConfig, request, { ...credentials, signal })
  const status = response.statusCode ?? 0
  if (status >= 200 && status < 300) return response
  const message = await readReason(response)
  const retryAfter = retryAfterOf(response.headers['retry-after'])
  throw refusedBy(status, { what: request.what, message, retryAfter })
}

async function prepare(kubeConfig: KubeConfig, what: string, signal: AbortSignal): Promise<RequestOptions> {
  try {
    return await credentialsFor(kubeConfig, signal)
  } catch (cause) {
    if (signal.aborted) throw connectionError(what, cause, signal)
    throw new KubernetesError('unauthorized', {
      what,
      ...noCredentials(cause, kubeConfig.getCurrentUser()?.name),
    })
  }
}

// Never what stands in the kubeconfig, or what a credential plug-in answered: a token may stand there.
function noCredentials(
  cause: unknown,
  user: string | undefined,
): { readonly why: string; readonly next?: string } {
  if (cause instanceof SyntaxError)
    return {
      why: 'no credentials: the credential plug-in did not answer JSON',
      next: 'run it by hand to see what it says',
    }
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string')
    return { why: `no credentials: ${reasonOf(cause)}` }
  const path = pathOf(cause)
  const named =
    path === undefined
      ? `a file or a program that ${entryOf(user)} names`
      : `${path}, which ${entryOf(user)} names,`
  return {
    why: `no credentials: ${named} cannot be used: ${cause.code}`,
    next: 'mend the path in the kubeconfig, or install the credential plug-in that it names',
  }
}

function entryOf(user: string | undefined): string {
  const isShown = user !== undefined && isShort(user)
  return isShown ? `user ${JSON.stringify(printable(user))} of the kubeconfig` : 'the kubeconfig'
}

// A key or a token that was written in place of a path or a name is longer than the names of files are.
const longestName = 128

function pathOf(cause: object): string | undefined {
  const path = 'path' in cause && typeof cause.path === 'string' ? cause.path : ''
  const isShown = path !== '' && path.split('/').every(isShort)
  return isShown ? printable(path) : undefined
}

function isShort(name: string): boolean {
  return name.length <= longestName
}

async function exchange(
  kubeConfig: KubeConfig,
  request: ApiRequest,
  options: RequestOptions,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const { what } = request
  const { method, contentType, text } = contentOf(request)
  try {
    const url = urlOf(kubeConfig, request)
    const send = url.protocol === 'http:' ? requestHttp : requestHttps
    // An agent keeps connections apart by certificates and CAs: one made with older ones is not reused.
    const agent = options.agent === false ? (request.agent ?? false) : options.agent
    const outgoing = send(url, { ...options, method, agent })
    outgoing.once('response', resolve)
    outgoing.on('error', reject)
    if (contentType !== undefined) outgoing.setHeader('Content-Type', contentType)
    // Node adds it by itself, but not to a DELETE, whose body would then be no body.
    if (text !== undefined) outgoing.setHeader('Content-Length', Buffer.byteLength(text))
    if (request.accept !== undefined) outgoing.setHeader('Accept', request.accept)
    const { mayWrite } = request
    if (mayWrite === undefined) outgoing.end(text)
    else
      onceConnected(outgoing, () => {
        if (mayWrite()) outgoing.end(text)
        else outgoing.destroy(new KubernetesError('superseded', { what, why: 'not the leader any more' }))
      })
    return await promise
  } catch (error) {
    throw connectionError(what, error, options.signal)
  }
}

interface Content {
  readonly method: string
  readonly contentType?: string
  readonly text?: string
}

function contentOf({ patch, write }: ApiRequest): Content {
  if (patch !== undefined)
    return { method: 'PATCH', contentType: patch.contentType, text: JSON.stringify(patch.body) }
  if (write === undefined) return { method: 'GET' }
  const { method, body } = write
  return body === undefined
    ? { method }
    : { method, contentType: 'application/json', text: JSON.stringify(body) }
}

function onceConnected(outgoing: ClientRequest, go: () => void): void {
  outgoing.once('socket', socket => {
    if (!(socket instanceof TLSSocket)) return socket.connecting ? socket.once('connect', go) : go()
    // An agent may hand over a socket whose handshake is done. (Its protocol is no sign: it is named before.)
    return socket.getFinished() === undefined ? socket.once('secureConnect', go) : go()
  })
}

function urlOf(kubeConfig: KubeConfig, { path, query = {} }: ApiRequest): URL {
  // Joined as text: the server's address may have a path of its own (Rancher's does).
  const url = new URL((kubeConfig.getCurrentCluster()?.server ?? '').replace(/\/$/, '') + path)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url
}

async function readReason(response: IncomingMessage): Promise<string> {
  try {
    const body = await createResponseBuffer().read(response, mostErrorBytes)
    const message = member(JSON.parse(body.toString('utf8')), 'message')
    return typeof message === 'string' ? message : 'without a message'
  } catch {
    // The status code says enough; a body that is no Status object (a proxy's page) adds nothing.
    return 'without a readable message'
  }
}

function parseJson(body: Buffer, what: string): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    // Without its cause: it quotes the answer, which may be a Secret.
    throw notJson(what)
  }
}
