import fastify from 'fastify'
import {
  badRequest,
  closeGracefully,
  internalError,
  listen,
  notFound,
  sendText,
  type Log,
} from '../server/server.ts'
import { addDriftApi, addDriftApiOff, type DriftSource } from './drift-api.ts'
import { addMetrics, type MetricsText } from './metrics-route.ts'
import { queryProblem, sendProblem } from './problems.ts'
import { requireReader, type ReadAccess } from './read-access.ts'

/** Whether the process should receive traffic. */
export interface Readiness {
  /** The reasons for not being ready, one line each; empty when ready. */
  problems(): readonly string[]
}

export interface OperationsServerOptions {
  readonly readiness: Readiness
  readonly metrics: MetricsText
  readonly log: Log
  /** The drift report for `/api/v1`, and the version of the program. */
  readonly drift?: (DriftSource & { readonly version: string }) | 'off'
  /** The check of clients that read `/metrics` and `/api/v1`; without it, all may. */
  readonly access?: ReadAccess
}

/** The operations port: `GET /healthz`, `/readyz`, `/metrics` and `/api/v1` over plain HTTP. */
export interface OperationsServer {
  /** The port that it listens on: the given one, unless that is 0. */
  listen(address: string, port: number): Promise<number>
  /** Accepts no new connections, and resolves when every request is answered or a deadline is over. */
  close(): Promise<void>
}

const requestTimeout = 10_000 // milliseconds; probes and scrapes have no body
const connectionTimeout = 30_000 // milliseconds without traffic: scrapers give up after ten seconds
const closeDeadline = 1_000 // milliseconds; every request here can be repeated

/** Creates the server of the operations port. */
export function createOperationsServer({
  readiness,
  metrics,
  log,
  drift,
  access,
}: OperationsServerOptions): OperationsServer {
  const app = fastify({
    requestTimeout,
    connectionTimeout,
    bodyLimit: 1024,
    // A misspelt filter is an error, not ignored.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
    exposeHeadRoutes: false,
    return503OnClosing: false,
    frameworkErrors: (_error, _request, reply) => void sendText(reply, badRequest),
  })
  // That it responds is all: with any other check here Kubernetes would restart a process that is only not ready.
  app.get('/healthz', (_request, reply) => sendText(reply, ok))
  app.get('/readyz', (_request, reply) => {
    const problems = readiness.problems()
    return problems.length === 0
      ? sendText(reply, ok)
      : sendText(reply, { status: 503, text: problems.join('\n') })
  })
  const mayRead = requireReader(access)
  addMetrics(app, metrics, mayRead)
  if (drift === 'off') addDriftApiOff(app)
  else if (drift !== undefined)
    addDriftApi(app, { source: drift, version: drift.version, requireReader: mayRead })
  app.setErrorHandler((error, request, reply) => {
    const problem = queryProblem(error)
    if (problem !== undefined) return sendProblem(reply, problem)
    log.error({ err: error, path: request.routeOptions.url }, 'request failed')
    return sendText(reply, internalError)
  })
  app.setNotFoundHandler((_request, reply) => sendText(reply, notFound))
  return {
    listen: (address, port) => listen(app, address, port),
    close: () => closeGracefully(app, closeDeadline),
  }
}

const ok = { status: 200, text: 'ok' }
