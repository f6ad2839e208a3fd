import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { driftPageSchema, driftQuerySchema, driftSummarySchema, type DriftItem } from '../api/index.ts'
import { driftItemOf, durationOf, instant, select, shownVerdict, type DriftReport } from '../audit/index.ts'
import { openApiDocument } from './openapi.ts'

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

/** Adds `GET /api/v1/drift`, `/api/v1/drift/summary` and `/api/v1/openapi.json`, all read-only. */
export function addDriftApi(app: FastifyInstance, source: DriftSource, version: string): void {
  app.get<{ Querystring: DriftQuery }>(
    '/api/v1/drift',
    { schema: { querystring: driftQuerySchema, response: { 200: driftPageSchema } } },
    (request, reply) => withReport(source, reply, report => sendPage(report, request, reply)),
  )
  app.get<{ Reply: unknown }>(
    '/api/v1/drift/summary',
    { schema: { response: { 200: driftSummarySchema } } },
    (request, reply) =>
      withReport(source, reply, report =>
        isHeld(report, request, reply) ? reply.code(304).send() : reply.send(summaryOf(report)),
      ),
  )
  app.get('/api/v1/openapi.json', (_request, reply) => reply.send(openApiDocument(version)))
}

function withReport(
  source: DriftSource,
  reply: FastifyReply,
  answer: (report: DriftReport) => FastifyReply,
): FastifyReply {
  const report = source.report()
  if (report !== undefined) return answer(report)
  reply.header('retry-after', '10')
  return sendProblem(reply, {
    status: 503,
    title: 'No report yet',
    detail: 'no audit has ended in this process; of several processes only the one that leads audits',
  })
}

/** What was wrong with a request, as RFC 9457 has it. */
interface Problem {
  readonly status: number
  readonly title: string
  readonly detail: string
}

/** The problem of an error that says a query is not what the schema allows; undefined for any other. */
export function queryProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Error) || !('validation' in error)) return undefined
  return { status: 400, title: 'The query cannot be read', detail: error.message }
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', ...problem }))
}

function sendPage(
  report: DriftReport,
  request: FastifyRequest<{ Querystring: DriftQuery }>,
  reply: FastifyReply,
): FastifyReply {
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
  const rows = select(report, { ...selection, minAge: age })
  const page = rows.slice(start, start + limit)
  return reply.send({
    ...head(report, 'DriftReport'),
    total: rows.length,
    continue: start + limit < rows.length ? `${report.finishedAt}.${start + limit}` : null,
    items: page.map(row => driftItemOf(row, report.finishedAt)),
  })
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

function head(report: DriftReport, kind: 'DriftReport' | 'DriftSummary') {
  const { startedAt, finishedAt, complete } = report
  return {
    apiVersion: 'patchline.dev/v1',
    kind,
    startedAt: instant(startedAt),
    finishedAt: instant(finishedAt),
    complete,
  }
}

// Problems name workloads and registries, as the report does; a hundred are enough to see what is wrong.
const mostProblems = 100

function summaryOf(report: DriftReport) {
  const verdicts = new Map<string, number>()
  const namespaces = new Map<string, Map<string, number>>()
  for (const row of report.rows) {
    const verdict = shownVerdict(row)
    const { namespace } = row.image.workload
    const own = namespaces.get(namespace) ?? new Map<string, number>()
    namespaces.set(namespace, own)
    for (const counts of [verdicts, own]) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  }
  return {
    ...head(report, 'DriftSummary'),
    containers: report.rows.length,
    verdicts: Object.fromEntries(verdicts),
    namespaces: Object.fromEntries(
      [...namespaces].map(([name, counts]) => [name, Object.fromEntries(counts)]),
    ),
    problems: report.problems.slice(0, mostProblems),
  }
}
