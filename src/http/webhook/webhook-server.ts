import type { Server } from 'node:https'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { InvalidReviewError, type Endpoint, type Reviewer } from '../../admission/index.ts'
import {
  badRequest,
  closeGracefully,
  internalError,
  listen,
  notFound,
  sendText,
  type Log,
  type TextResponse,
} from '../server/server.ts'
import { UndecodableBodyError } from './decode-body.ts'
import { defaultWebhookLimits, limitConnections, type WebhookLimits } from './limits.ts'
import { createWebhookPaths, type WebhookPaths } from './paths.ts'
import { UnreadableBodyError, type UnreadableBodyCode } from './request-body.ts'
import {
  createReviewHandler,
  type Recorder,
  type ReviewFailure,
  type ReviewHandler,
  type ReviewRoute,
} from './review-handler.ts'
import {
  refuseOtherNames,
  requireClientCertificate,
  replaceableTls,
  secureContext,
  type ClientAuthentication,
  type PemPair,
  type ReplaceableTls,
} from './tls.ts'

export interface WebhookServerOptions {
  readonly reviewer: Reviewer
  /** Undefined: there is none yet, and no connection is made. */
  readonly pair: PemPair | undefined
  readonly recorder: Recorder
  readonly log: Log
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number
  readonly limits?: Partial<WebhookLimits>
  /** Without it, every client that reaches the port is answered. */
  readonly client?: ClientAuthentication
  /** The secret paths, one of which must follow `/validate` and `/mutate`; without them none has to. */
  readonly paths?: readonly string[]
}

/** The webhook: `POST /validate` and `POST /mutate`, or a secret path below each, over TLS, HTTP/1.1 only. */
export interface WebhookServer extends ReplaceableTls {
  /** The port that it listens on: the given one, unless that is 0. */
  listen(address: string, port: number): Promise<number>
  /** Accepts these secret paths from now on, and no others. */
  replacePaths(paths: readonly string[]): void
  /** Asks the client to close its connection with every response from now on. Everything is still answered. */
  drain(): void
  /** Drains, accepts no new connections, and resolves when every request is answered or the deadline is over. */
  close(): Promise<void>
}

type App = FastifyInstance<Server>

/**
 * Creates the webhook.
 * @throws ServingPairError if the pair cannot serve.
 */
export function createWebhookServer(options: WebhookServerOptions): WebhookServer {
  const limits = { ...defaultWebhookLimits, ...options.limits }
  const paths = createWebhookPaths(endpoints, options.paths)
  const app = createApp(options, paths)
  let draining = false
  const drain = (): void => {
    draining = true
  }
  const closeIfDraining = (reply: FastifyReply): void => {
    if (draining) reply.header('connection', 'close')
  }
  limitConnections(app.server, limits.connections)
  addRoutes(app, createReviewHandler({ ...options, limits, closeIfDraining }))
  addErrorResponses(app, { ...options, closeIfDraining })
  return {
    listen: (address, port) => listen(app, address, port),
    ...replaceableTls({ pair: options.pair, client: options.client }, context =>
      app.server.setSecureContext(context),
    ),
    replacePaths: changed => paths.replace(changed),
    drain,
    close: () => {
      drain()
      return closeGracefully(app, limits.closeDeadline)
    },
  }
}

// The API server keeps idle connections for 90 s (apimachinery util/net/http.go), and does not repeat a request that it sends
// on a closed one.
const keepAliveTimeout = 95_000
// Node counts this from the start of a connection that has sent nothing yet, and Go opens connections ahead of need:
// with less than those 90 s they would be closed as they are used. It still ends a request that never completes.
const requestTimeout = 100_000
const handshakeTimeout = 10_000 // what the API server gives a handshake

function createApp({ pair, client }: WebhookServerOptions, paths: WebhookPaths): App {
  const app = fastify({
    https: {
      ...secureContext(pair, client),
      ...requireClientCertificate(client),
      handshakeTimeout,
      headersTimeout: requestTimeout,
    },
    rewriteUrl: ({ url = '' }) => paths.routed(url),
    keepAliveTimeout,
    requestTimeout,
    return503OnClosing: false, // requests that arrive while it closes are answered
    frameworkErrors: (_error, _request, reply) => void sendText(reply, badRequest),
  })
  if (client !== undefined && client.names.length > 0) app.addHook('onRequest', refuseOtherNames(client))
  return app
}

function addRoutes(app: App, handle: ReviewHandler): void {
  // The handler reads bodies: with Fastify's body parsing a review takes a tenth longer, and its JSON parser responds with 400
  // to keys such as `__proto__`, which a label may have.
  app.addHttpMethod('POST', { hasBody: false, overrideExisting: true })
  for (const endpoint of endpoints)
    app.post<ReviewRoute>(`/${endpoint}`, (request, reply) => handle(endpoint, request, reply))
}

const endpoints: readonly Endpoint[] = ['validate', 'mutate']

/** The dependencies of error responses. */
interface ErrorResponseOptions {
  readonly recorder: Recorder
  readonly log: Log
  /** Asks the client to close the connection if the server is draining. */
  readonly closeIfDraining: (reply: FastifyReply) => void
}

/** Adds the responses to requests without a review that can be answered, and to paths and methods without a route. */
function addErrorResponses(app: App, options: ErrorResponseOptions): void {
  const { recorder, log, closeIfDraining } = options
  app.setErrorHandler((error, request, reply) => {
    const response = responseTo(error)
    const endpoint = endpoints.find(known => request.routeOptions.url === `/${known}`)
    const failure = failureOf(response)
    if (failure === 'error') log.error({ err: error, endpoint }, 'request failed')
    if (endpoint !== undefined) recorder.failed(endpoint, failure)
    if (failure === 'shed') reply.header('retry-after', '1')
    if (response.status === 408) reply.header('connection', 'close')
    closeIfDraining(reply)
    return sendText(reply, response)
  })
  app.setNotFoundHandler((request, reply) => {
    const [path] = request.url.split('?')
    const hasRoute = endpoints.some(endpoint => path === `/${endpoint}`)
    if (hasRoute) reply.header('allow', 'POST')
    closeIfDraining(reply)
    return sendText(reply, hasRoute ? onlyPost : notFound)
  })
}

const onlyPost: TextResponse = { status: 405, text: 'method not allowed, only POST' }

const statusOf: Readonly<Record<UnreadableBodyCode, number>> = {
  'wrong-content-type': 415,
  aborted: 400,
  'no-room': 503,
  'too-slow': 408,
}

function responseTo(error: unknown): TextResponse {
  if (error instanceof InvalidReviewError || error instanceof UndecodableBodyError)
    return { status: 400, text: error.message }
  if (error instanceof UnreadableBodyError) return { status: statusOf[error.code], text: error.message }
  return internalError
}

function failureOf({ status }: TextResponse): ReviewFailure {
  if (status === 503) return 'shed'
  return status >= 500 ? 'error' : 'undecodable'
}
