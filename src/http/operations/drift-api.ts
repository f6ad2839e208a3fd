import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { driftQuerySchema, type DriftItem } from '../../api/index.ts'
import type { DriftReport } from '../../audit/index.ts'
import { durationOf } from '../../report/index.ts'
import { pageText, summaryText } from './drift-page.ts'
import { openApiDocument } from './openapi.ts'
import { problems, sendProblem } from './problems.ts'
import type { RequireReader } from './read-access.ts'

/** Where the drift report comes from. */
export interface DriftSource {
  /** The report of the last cycle; undefined before the first one ended. */
  report(): DriftReport | undefined
}

interface DriftQuery {
  readonly namespace?: string
  readonly workload?: string
  readonly verdict?: DriftItem['verdict']
  readonly registry?: string
  readonly minAge?: string
  readonly limit: number
  readonly continue?: string
}

export interface DriftApiOptions {
  readonly source: DriftSource
  /** The version of the program. */
  readonly version: string
  readonly requireReader: RequireReader
}

/** Adds `GET /api/v1/drift`, `/api/v1/drift/summary` and `/api/v1/openapi.json`, all read-only. */
export function addDriftApi(app: FastifyInstance, { source, version, requireReader }: DriftApiOptions): void {
  const hooks = { onRequest: requireReader, exposeHeadRoute: true, preHandler: limitInFlight() }
  app.get<{ Querystring: DriftQuery }>(
    '/api/v1/drift',
    { ...hooks, schema: { querystring: driftQuerySchema } },
    (request, reply) => withReport(source, reply, report => sendPage(report, request, reply)),
  )
  app.get('/api/v1/drift/summary', hooks, (request, reply) =>
    withReport(source, reply, async report => {
      if (hasCurrent(report, request, reply)) return reply.code(304).send()
      return sendJson(reply, await summaryText(report))
    }),
  )
  app.get('/api/v1/openapi.json', hooks, (_request, reply) => reply.send(openApiDocument(version)))
}

/** Adds responses for `/api/v1` that say why it is off. */
export function addDriftApiOff(app: FastifyInstance): void {
  app.get('/api/v1/*', (_request, reply) => sendProblem(reply, problems.restOff))
}

// A page of a large report takes some ten milliseconds of the one processor, and half a MiB until the client has read it.
const mostInFlight = 2

type PreHandler = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void

/** A hook that limits the requests in flight, until their responses are sent; one more gets 503. */
function limitInFlight(): PreHandler {
  let inFlight = 0
  return (_request, reply, done) => {
    if (inFlight >= mostInFlight) {
      reply.header('retry-after', '1')
      return void sendProblem(reply, problems.tooManyRequests(mostInFlight))
    }
    inFlight += 1
    reply.raw.once('close', () => (inFlight -= 1))
    return done()
  }
}

function withReport(
  source: DriftSource,
  reply: FastifyReply,
  respond: (report: DriftReport) => Promise<FastifyReply>,
): FastifyReply | Promise<FastifyReply> {
  const report = source.report()
  if (report !== undefined) return respond(report)
  reply.header('retry-after', '10')
  return sendProblem(reply, problems.noReport)
}

function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(text)
}

async function sendPage(
  report: DriftReport,
  request: FastifyRequest<{ Querystring: DriftQuery }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { limit, continue: token, minAge, ...selection } = request.query
  const start = token === undefined ? 0 : startOf(token, report)
  if (start === undefined) return sendProblem(reply, problems.reportChanged)
  if (hasCurrent(report, request, reply)) return reply.code(304).send()
  const age = minAge === undefined ? undefined : durationOf(minAge)
  return sendJson(reply, await pageText(report, { ...selection, minAge: age }, { start, limit }))
}

/** The row at which the page of a continue token starts; undefined if the token is of another report. */
function startOf(token: string, { finishedAt }: DriftReport): number | undefined {
  const [, reportTime, row] = /^(\d{1,16})\.(\d{1,9})$/.exec(token) ?? []
  return Number(reportTime) === finishedAt ? Number(row) : undefined
}

/**
 * Whether the client has the current response, by its ETag, which is set. One report and one URL have one response: together
 * they are a strong validator.
 */
function hasCurrent(report: DriftReport, request: FastifyRequest, reply: FastifyReply): boolean {
  const etag = `"${createHash('sha256').update(`${report.finishedAt} ${request.url}`).digest('base64url').slice(0, 22)}"`
  reply.header('etag', etag).header('cache-control', 'no-cache')
  const known = request.headers['if-none-match']
  return known !== undefined && known.split(',').some(one => one.trim().replace(/^W\//, '') === etag)
}
