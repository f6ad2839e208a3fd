import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps, type RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { credentialsFor } from './api-credentials.ts'
import { KubernetesError, codeOfStatus } from './kubernetes-error.ts'

/** One request to the API server. `what` says in words what it is for; errors begin with it. */
export interface ApiRequest {
  readonly what: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** A PATCH; without it the request is a GET. */
  readonly patch?: { readonly contentType: string; readonly body: unknown }
}

/** A page of 100 namespaces with annotations of the largest legal size (256 KiB each) fits. */
const mostBytes = 33_554_432
/** A Status object; what does not fit is not worth reading. */
const mostErrorBytes = 65_536

/**
 * The parsed JSON answer. `signal` bounds the whole exchange. Throws KubernetesError.
 * Not through the library's generated clients: they have no time or size limit, make a dispatcher with its own
 * connection pool per request, and drop fields that their model does not know.
 */
export async function callApi(
  kubeConfig: KubeConfig,
  request: ApiRequest,
  signal: AbortSignal,
): Promise<unknown> {
  const response = await openApi(kubeConfig, request, signal)
  try {
    return parseJson(await readBounded(response, mostBytes), request.what)
  } catch (error) {
    throw connectionError(request.what, error, signal)
  }
}

/** The answer's stream, its status known to be a success. The caller reads it to the end or destroys it. */
export async function openApi(
  kubeConfig: KubeConfig,
  request: ApiRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const credentials = await prepare(kubeConfig, request.what, signal)
  const response = await exchange(kubeConfig, request, { ...credentials, signal })
  const status = response.statusCode ?? 0
  if (status >= 200 && status < 300) return response
  const why = `${status} ${await readReason(response)}`
  throw new KubernetesError(codeOfStatus(status), { what: request.what, why })
}

async function prepare(kubeConfig: KubeConfig, what: string, signal: AbortSignal): Promise<RequestOptions> {
  try {
    return await credentialsFor(kubeConfig, signal)
  } catch (cause) {
    if (signal.aborted) throw connectionError(what, cause, signal)
    throw new KubernetesError('unauthorized', { what, why: `no credentials: ${reasonOf(cause)}`, cause })
  }
}

async function exchange(
  kubeConfig: KubeConfig,
  request: ApiRequest,
  options: RequestOptions,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const { what, patch } = request
  try {
    const url = urlOf(kubeConfig, request)
    const send = url.protocol === 'http:' ? requestHttp : requestHttps
    const outgoing = send(url, { ...options, method: patch === undefined ? 'GET' : 'PATCH' })
    outgoing.once('response', resolve)
    outgoing.on('error', reject)
    if (patch !== undefined) outgoing.setHeader('Content-Type', patch.contentType)
    outgoing.end(patch === undefined ? undefined : JSON.stringify(patch.body))
    return await promise
  } catch (error) {
    throw connectionError(what, error, options.signal)
  }
}

function urlOf(kubeConfig: KubeConfig, { path, query = {} }: ApiRequest): URL {
  // Joined as text: the server's address may have a path of its own (Rancher's does).
  const url = new URL((kubeConfig.getCurrentCluster()?.server ?? '').replace(/\/$/, '') + path)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url
}

async function readBounded(response: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue
    size += chunk.length
    if (size > limit) throw new RangeError(`the answer is larger than ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function readReason(response: IncomingMessage): Promise<string> {
  try {
    const status: unknown = JSON.parse((await readBounded(response, mostErrorBytes)).toString('utf8'))
    const hasMessage = typeof status === 'object' && status !== null && 'message' in status
    return hasMessage && typeof status.message === 'string' ? status.message : 'without a message'
  } catch {
    // The status code says enough; a body that is no Status object (a proxy's page) adds nothing.
    return 'without a readable message'
  }
}

function parseJson(body: Buffer, what: string): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (cause) {
    throw new KubernetesError('invalid-answer', { what, why: 'the answer is not JSON', cause })
  }
}

/** The typed error for whatever ended an exchange early. */
export function connectionError(
  what: string,
  cause: unknown,
  signal: AbortSignal | undefined,
): KubernetesError {
  if (cause instanceof KubernetesError) return cause
  if (signal?.aborted === true) {
    const reason: unknown = signal.reason
    const isTimeout = reason instanceof Error && reason.name === 'TimeoutError'
    return isTimeout
      ? new KubernetesError('timeout', { what, why: reason.message, cause })
      : new KubernetesError('closed', { what, why: 'closed', cause })
  }
  if (cause instanceof RangeError)
    return new KubernetesError('invalid-answer', { what, why: cause.message, cause })
  return new KubernetesError('unavailable', { what, why: reasonOf(cause), cause })
}

const reasonOf = (cause: unknown): string =>
  cause instanceof Error && cause.message !== '' ? cause.message : String(cause)
