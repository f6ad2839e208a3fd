import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { driftQuerySchema, type DriftItem } from '../api/index.ts'
import type { DriftReport } from '../audit/index.ts'
import { durationOf } from '../report/index.ts'
import { pageText, summaryText } from './drift-page.ts'
import { limitAtOnce } from './limit-at-once.ts'
import { openApiDocument } from './openapi.ts'
import { sendProblem } from './problem.ts'
import type { RequireReader } from './require-reader.ts'

/** Where the drift report comes from. */
export interface DriftSource {
  /** That of the last cycle; undefined before the first one ended. */
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

/** How the drift report is shown. */
export interface DriftApiOptions {
  readonly source: DriftSource
  /** That of the program. */
  readonly version: string
  readonly requireReader: RequireReader
}

// A page of a large report takes some ten milliseconds of the one processor, and half a MiB until it is taken.
const mostAtOnce = 2

/** Adds `GET /api/v1/drift`, `/api/v1/drift/summary` and `/api/v1/openapi.json`, all read-only. */
export function addDriftApi(app: FastifyInstance, { source, version, requireReader }: DriftApiOptions): void {
  const limit = limitAtOnce(mostAtOnce)
  const hooks = {
    onRequest: requireReader,
    exposeHeadRoute: true,
    preHandler: (_request: FastifyRequest, reply: FastifyReply, done: () => void) => limit(reply, done),
  }
  app.get<{ Querystring: DriftQuery }>(
    '/api/v1/drift',
    { ...hooks, schema: { querystring: driftQuerySchema } },
    (request, reply) => withReport(source, reply, report => sendPage(report, request, reply)),
  )
  app.get('/api/v1/drift/summary', hooks, (request, reply) =>
    withReport(source, reply, async report => {
      if (isHeld(report, request, reply)) return reply.code(304).send()
      return sendJson(reply, await summaryText(report))
    }),
  )
  app.get('/api/v1/openapi.json', hooks, (_request, reply) => reply.send(openApiDocument(version)))
}

/** Answers for `/api/v1` where it is off, and says why. */
export function addDriftApiOff(app: FastifyInstance): void {
  app.get('/api/v1/*', (_request, reply) =>
    sendProblem(reply, {
      status: 403,
      title: 'The REST interface is off',
      detail: 'anybody who reaches the port could read it: set operations.authentication to kubernetes',
    }),
  )
}

function withReport(
  source: DriftSource,
  reply: FastifyReply,
  answer: (report: DriftReport) => Promise<FastifyReply>,
): FastifyReply | Promise<FastifyReply> {
  const report = source.report()
  if (report !== undefined) return answer(report)
  reply.header('retry-after', '10')
  return sendProblem(reply, {
    status: 503,
    title: 'No report yet',
    detail: 'no audit has ended in this process; of several processes only the one that leads audits',
  })
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
  const start = token === undefined ? 0 : placeOf(token, report)
  if (start === undefined)
    return sendProblem(reply, {
      status: 410,
      title: 'The report has changed',
      detail: 'continue is of an earlier report: begin again without it',
    })
  if (isHeld(report, request, reply)) return reply.code(304).send()
  const age = minAge === undefined ? undefined : durationOf(minAge)
  return sendJson(reply, await pageText(report, { ...selection, minAge: age }, { start, limit }))
}

function placeOf(token: string, { finishedAt }: DriftReport): number | undefined {
  const [, of, place] = /^(\d{1,16})\.(\d{1,9})$/.exec(token) ?? []
  return Number(of) === finishedAt ? Number(place) : undefined
}

// One report and one question have one answer: what tells them apart is a strong validator.
function isHeld(report: DriftReport, request: FastifyRequest, reply: FastifyReply): boolean {
  const etag = `"${createHash('sha256').update(`${report.finishedAt} ${request.url}`).digest('base64url').slice(0, 22)}"`
  reply.header('etag', etag).header('cache-control', 'no-cache')
  const held = request.headers['if-none-match']
  return held !== undefined && held.split(',').some(one => one.trim().replace(/^W\//, '') === etag)
}
