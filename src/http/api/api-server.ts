import { createServer } from 'node:http'
import { createServer as createSecureServer, Server as SecureServer } from 'node:https'
import type { TlsOptions } from 'node:tls'
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { sendProblem, type HttpProblem } from '../operations/problems.ts'
import { closeGracefully, listen, type Log } from '../server/server.ts'
import {
  replaceableTls,
  secureContext,
  type ClientAuthentication,
  type PemPair,
  type ReplaceableTls,
} from '../webhook/tls.ts'
import { allowedMethods } from './allowed-methods.ts'
import { checkClient, type ClientChecks } from './client-checks.ts'
import { addHealthRoute } from './health-route.ts'
import { addHookRoutes, type HintTaker, type Hook } from './hook-routes.ts'
import { addImageRoutes } from './images-route.ts'
import { invalidRequest } from './invalid-request.ts'
import { apiDocument } from './openapi.ts'
import { createRateLimits } from './rate-limits.ts'
import { addVerdictRoutes, type VerdictRoutes } from './verdict-routes.ts'
import { addWatchRoutes, addWatchRoutesOff, type WatchListPort } from './watch-routes.ts'

export interface ApiServerOptions extends VerdictRoutes {
  readonly log: Log
  /** The version of the program. */
  readonly version: string
  /** The serving pair; without it, the server speaks plain HTTP. */
  readonly pair?: PemPair
  readonly clients: Omit<ClientChecks, 'limits'>
  readonly watches: WatchListPort & HintTaker
  readonly hooks: readonly Hook[]
  /** A monotonic clock, in milliseconds. */
  readonly elapsed: () => number
}

/** The server that answers other programs. */
export interface ApiServer extends ReplaceableTls {
  /** The port that it listens on: the given one, unless that is 0. */
  listen(address: string, port: number): Promise<number>
  /** Accepts no new connections, and resolves when every request is answered or a deadline is over. */
  close(): Promise<void>
}

// Longer than the lookup budget may be.
const requestTimeout = 70_000 // milliseconds
const closeDeadline = 5_000 // milliseconds; every request here can be repeated
// The longest name and tag, with each character encoded.
const longestParameter = 1_500

/**
 * Creates the server that answers other programs.
 * @throws ServingPairError if the pair cannot serve.
 */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const app = createApp(options)
  addErrorResponses(app, options.log)
  addRoutes(app, options)
  const { pair, clients } = options
  return {
    listen: (address, port) => listen(app, address, port),
    // Without a pair it speaks plain HTTP, and nothing replaces what it has not.
    ...replaceableTls({ pair, client: clients.client }, context => {
      if (app.server instanceof SecureServer) app.server.setSecureContext(context)
    }),
    close: () => closeGracefully(app, closeDeadline),
  }
}

function createApp({ pair, clients: { client } }: ApiServerOptions): FastifyInstance {
  const app = fastify({
    serverFactory: handler =>
      pair === undefined
        ? createServer({ requestTimeout }, handler)
        : createSecureServer(
            { requestTimeout, ...secureContext(pair, client), ...requestOf(client) },
            handler,
          ),
    routerOptions: { maxParamLength: longestParameter },
    // A misspelt parameter is an error, not ignored, and a text is no number.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    return503OnClosing: false,
    frameworkErrors: (_error, _request, reply) => void sendProblem(reply, problems.badPath),
  })
  app.removeContentTypeParser('text/plain')
  return app
}

function addRoutes(app: FastifyInstance, options: ApiServerOptions): void {
  const { clients, elapsed: now, watches, hooks } = options
  addHealthRoute(app, options)
  app.get('/openapi.json', (_request, reply) => reply.send(apiDocument(options.version)))
  const limits = createRateLimits({ requestsPerMinute: clients.requestsPerMinute, now })
  app.register(async checked => {
    checked.addHook('onRequest', checkClient({ ...clients, limits }))
    addImageRoutes(checked, options)
    addVerdictRoutes(checked, options)
    // Who may change it must be known.
    if (clients.access === undefined) addWatchRoutesOff(checked)
    else addWatchRoutes(checked, watches)
  })
  // A sender proves itself by the secret of its hook; it has no token.
  app.register(async hooked => {
    hooked.addHook('onRequest', checkClient({ requestsPerMinute: clients.requestsPerMinute, limits }))
    await addHookRoutes(hooked, { hooks, hints: watches })
  })
}

// A certificate is asked for, and a client without one may have a token.
function requestOf(client: ClientAuthentication | undefined): TlsOptions {
  return client === undefined ? {} : { requestCert: true, rejectUnauthorized: false }
}

function addErrorResponses(app: FastifyInstance, log: Log): void {
  const methodsAt = allowedMethods(app)
  const sendNoRoute = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const methods = methodsAt(request.url)
    if (methods.length === 0) return sendProblem(reply, problems.noRoute)
    return sendProblem(reply.header('allow', methods.join(', ')), problems.otherMethod(methods))
  }
  app.setErrorHandler((error: FastifyError, request, reply) => {
    // A body of another method than the path has is refused before its route is missed.
    if (request.is404) return sendNoRoute(request, reply)
    const problem = invalidRequest(error)
    if (problem !== undefined) return sendProblem(reply, problem)
    log.error({ err: error, path: request.routeOptions.url }, 'request failed')
    return sendProblem(reply, problems.fault)
  })
  app.setNotFoundHandler(sendNoRoute)
}

const problems = {
  badPath: {
    status: 400,
    title: 'The path cannot be read',
    detail: 'it is not percent-encoded as it should be',
  },
  noRoute: { status: 404, title: 'There is no such path', detail: 'GET /openapi.json lists the paths' },
  otherMethod: (methods: readonly string[]): HttpProblem => ({
    status: 405,
    title: 'Another method is needed',
    detail: `the path has ${methods.join(', ')}`,
  }),
  fault: { status: 500, title: 'A fault of Patchline', detail: 'its log has the cause' },
} as const
