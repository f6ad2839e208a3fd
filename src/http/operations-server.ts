import fastify from 'fastify'
import { closeGracefully } from './close-gracefully.ts'
import { badUrlAnswer, errorAnswer, noRouteAnswer, sendText } from './error-answers.ts'
import { addDriftApi, addDriftApiOff, type DriftSource } from './drift-api.ts'
import { queryProblem } from './query-problem.ts'
import { listen } from './listen.ts'
import { addMetrics } from './metrics-route.ts'
import type { Log, MetricsText, ReadAccess, Readiness } from './ports.ts'
import { sendProblem } from './problem.ts'
import { requireReader } from './require-reader.ts'

export interface OperationsServerOptions {
  readonly readiness: Readiness
  readonly metrics: MetricsText
  readonly log: Log
  /** What the audit found, for `/api/v1`; `version` is that of the program. */
  readonly drift?: (DriftSource & { readonly version: string }) | 'off'
  /** Who may read `/metrics` and `/api/v1`; everybody if not given. */
  readonly access?: ReadAccess
}

/** `GET /healthz`, `/readyz` and `/metrics` over plain HTTP, on a port of its own. */
export interface OperationsServer {
  /** The port that it listens on: the given one, unless that is 0. */
  listen(address: string, port: number): Promise<number>
  /** Takes no new connections, and resolves when every request is answered or a deadline is over. */
  close(): Promise<void>
}

const requestTimeout = 10_000 // milliseconds; probes and scrapes have no body
const connectionTimeout = 30_000 // milliseconds in which nothing is taken: scrapers give up after ten seconds
const closeDeadline = 1_000 // milliseconds; what is asked here can be asked again

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
    // A misspelt filter is told, not left out.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
    exposeHeadRoutes: false,
    return503OnClosing: false,
    frameworkErrors: (_error, _request, reply) => void sendText(reply, badUrlAnswer),
  })
  // The process lives: it says so itself. Anything more here would have Kubernetes restart what is only not ready.
  app.get('/healthz', (_request, reply) => sendText(reply, { status: 200, text: 'ok' }))
  app.get('/readyz', (_request, reply) => {
    const problems = readiness.problems()
    const text = problems.length === 0 ? 'ok' : problems.join('\n')
    return sendText(reply, { status: problems.length === 0 ? 200 : 503, text })
  })
  const mayRead = requireReader(access)
  addMetrics(app, metrics, mayRead)
  if (drift === 'off') addDriftApiOff(app)
  else if (drift !== undefined)
    addDriftApi(app, { source: drift, version: drift.version, requireReader: mayRead })
  app.setErrorHandler((error, request, reply) => {
    const problem = queryProblem(error)
    if (problem !== undefined) return sendProblem(reply, problem)
    const answer = errorAnswer(error)
    if (answer.status >= 500) log.error({ err: error, path: request.routeOptions.url }, 'request failed')
    return sendText(reply, answer)
  })
  app.setNotFoundHandler((_request, reply) => sendText(reply, noRouteAnswer(undefined)))
  return {
    listen: (address, port) => listen(app, address, port),
    close: () => closeGracefully(app, closeDeadline),
  }
}
