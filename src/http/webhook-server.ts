import type { Server } from 'node:https'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import type { Endpoint, Reviewer } from '../admission/index.ts'
import {
  authoritiesOf,
  clientTls,
  refuseOtherNames,
  type ClientAuthentication,
} from './client-authentication.ts'
import { closeGracefully } from './close-gracefully.ts'
import { badUrlAnswer, errorAnswer, noRouteAnswer, sendText, type ErrorAnswer } from './error-answers.ts'
import { limitConnections } from './limit-connections.ts'
import { listen } from './listen.ts'
import type { Log, Recorder, ReviewFailure } from './ports.ts'
import { createReviewDesk, type ReviewDesk, type ReviewRoute } from './review-desk.ts'
import { tlsSettings, type PemPair } from './tls-settings.ts'
import { defaultWebhookLimits, type WebhookLimits } from './webhook-limits.ts'
import { createWebhookPaths, type WebhookPaths } from './webhook-paths.ts'

export interface WebhookServerOptions {
  readonly reviewer: Reviewer
  readonly pair: PemPair
  readonly recorder: Recorder
  readonly log: Log
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number
  readonly limits?: Partial<WebhookLimits>
  /** Without it, whoever reaches the port may ask. */
  readonly client?: ClientAuthentication
  /** The secret paths, one of which has to follow `/validate` and `/mutate`; without them none has to. */
  readonly paths?: readonly string[]
}

/** The webhook: `POST /validate` and `POST /mutate`, or a secret path below each, over TLS, HTTP/1.1 only. */
export interface WebhookServer {
  /** The port that it listens on: the given one, unless that is 0. */
  listen(address: string, port: number): Promise<number>
  /**
   * New connections get this pair, the others go on.
   * @throws ServingPairError where it cannot serve; the old pair then stays.
   */
  replaceCertificate(pair: PemPair): void
  /** New connections need a client certificate of these authorities (PEM), if they need one at all. */
  replaceAuthorities(authorities: string): void
  /** Reviews are taken under these secret paths, and under no others. */
  replacePaths(paths: readonly string[]): void
  /** From now on every answer asks for its connection to be closed. Everything is still answered. */
  drain(): void
  /** Drains, takes no new connections, and resolves when every request is answered or the deadline is over. */
  close(): Promise<void>
}

type App = FastifyInstance<Server>

/** @throws ServingPairError where the pair cannot serve. */
export function createWebhookServer(options: WebhookServerOptions): WebhookServer {
  const limits = { ...defaultWebhookLimits, ...options.limits }
  const paths = createWebhookPaths(endpoints, options.paths)
  const app = createApp(options, paths)
  let { pair, client } = options
  const replaceContext = (): void => {
    app.server.setSecureContext({ ...tlsSettings(pair), ...authoritiesOf(client) })
  }
  let draining = false
  const drain = (): void => {
    draining = true
  }
  const farewell = (reply: FastifyReply): void => {
    if (draining) reply.header('connection', 'close')
  }
  limitConnections(app.server, limits.connections)
  addRoutes(app, createReviewDesk({ ...options, limits, farewell }))
  addErrorAnswers(app, { ...options, farewell })
  return {
    listen: (address, port) => listen(app, address, port),
    replaceCertificate(next) {
      tlsSettings(next) // throws before anything is changed
      pair = next
      replaceContext()
    },
    replaceAuthorities(authorities) {
      client = client && { ...client, authorities }
      replaceContext()
    },
    replacePaths: changed => paths.replace(changed),
    drain,
    close: () => {
      drain()
      return closeGracefully(app, limits.closeDeadline)
    },
  }
}

// The API server keeps idle connections for 90 s (apimachinery util/net/http.go), and does not repeat a request that
// meets a closed one.
const keepAliveTimeout = 95_000
// Node counts this from the start of a connection that has sent nothing yet, and Go opens connections ahead of need:
// with less than those 90 s they would be closed as they are used. It still ends a request that never ends.
const requestTimeout = 100_000
const handshakeTimeout = 10_000 // what the API server gives a handshake

function createApp({ pair, client }: WebhookServerOptions, paths: WebhookPaths): App {
  const app = fastify({
    https: {
      ...tlsSettings(pair),
      ...authoritiesOf(client),
      ...clientTls(client),
      handshakeTimeout,
      headersTimeout: requestTimeout,
    },
    rewriteUrl: ({ url = '' }) => paths.routed(url),
    keepAliveTimeout,
    requestTimeout,
    return503OnClosing: false, // what still comes while closing is answered
    frameworkErrors: (_error, _request, reply) => void sendText(reply, badUrlAnswer),
  })
  if (client !== undefined && client.names.length > 0) app.addHook('onRequest', refuseOtherNames(client))
  return app
}

function addRoutes(app: App, desk: ReviewDesk): void {
  // Bodies are read by the desk: Fastify's way to a body costs a review a tenth of its time, and its own JSON parser
  // answers 400 to keys such as `__proto__`, which a label may have.
  app.addHttpMethod('POST', { hasBody: false, overrideExisting: true })
  for (const endpoint of endpoints)
    app.post<ReviewRoute>(`/${endpoint}`, (request, reply) => desk.answer(endpoint, request, reply))
}

interface ErrorAnswerOptions {
  readonly recorder: Recorder
  readonly log: Log
  readonly farewell: (reply: FastifyReply) => void
}

function addErrorAnswers(app: App, { recorder, log, farewell }: ErrorAnswerOptions): void {
  app.setErrorHandler((error, request, reply) => {
    const answer = errorAnswer(error)
    const endpoint = endpoints.find(known => request.routeOptions.url === `/${known}`)
    const failure = failureOf(answer)
    if (failure === 'error') log.error({ err: error, endpoint }, 'request failed')
    if (endpoint !== undefined) recorder.failed(endpoint, failure)
    if (failure === 'shed') reply.header('retry-after', '1')
    if (answer.status === 408) reply.header('connection', 'close')
    farewell(reply)
    return sendText(reply, answer)
  })
  app.setNotFoundHandler((request, reply) => {
    const [path] = request.url.split('?')
    const known = endpoints.some(endpoint => path === `/${endpoint}`)
    if (known) reply.header('allow', 'POST')
    farewell(reply)
    return sendText(reply, noRouteAnswer(known ? 'POST' : undefined))
  })
}

function failureOf({ status }: ErrorAnswer): ReviewFailure {
  if (status === 503) return 'shed'
  return status >= 500 ? 'error' : 'undecodable'
}

const endpoints: readonly Endpoint[] = ['validate', 'mutate']
