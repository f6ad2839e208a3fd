import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { driftQuerySchema, type DriftItem } from '../../api/index.ts'
import { isMissing, isOverdue, oldestCheckOf, type Drift, type DriftReport } from '../../audit/index.ts'
import { driftItemOf, durationOf, instant, select, shownVerdict, type Selection } from '../../report/index.ts'
import { limitInFlight } from './limit-in-flight.ts'
import { openApiDocument } from './openapi.ts'
import { problems, sendProblem } from './problems.ts'
import type { RequireReader } from './read-access.ts'

/** The source of the drift report. */
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
  const hooks = { onRequest: requireReader, exposeHeadRoute: true, preHandler: limitInFlight(mostInFlight) }
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

// Rows that are selected, and items that are written, in one turn of the event loop: about a millisecond each.
const rowsPerTurn = 2_000
const itemsPerTurn = 50

/** A range of the selected rows. */
interface Page {
  readonly start: number
  readonly limit: number
}

/**
 * A page of a report as JSON. It is written in slices: a page of a large report takes some ten milliseconds, and neither a probe
 * nor the renewal of the lease may wait that long.
 */
async function pageText(report: DriftReport, selection: Selection, { start, limit }: Page): Promise<string> {
  const { finishedAt } = report
  const rows: Drift[] = []
  for (const part of slicesOf(report.rows, rowsPerTurn)) {
    for (const row of select({ rows: part, finishedAt }, selection)) rows.push(row)
    // oxlint-disable-next-line eslint/no-await-in-loop -- so that other work gets its turn
    await nextTurn()
  }
  const end = start + limit
  const head = {
    ...headOf(report, 'DriftReport'),
    total: rows.length,
    continue: end < rows.length ? `${finishedAt}.${end}` : null,
  }
  const items: string[] = []
  for (const part of slicesOf(rows.slice(start, end), itemsPerTurn)) {
    for (const row of part) items.push(JSON.stringify(driftItemOf(row, finishedAt)))
    // oxlint-disable-next-line eslint/no-await-in-loop
    await nextTurn()
  }
  return `${JSON.stringify(head).slice(0, -1)},"items":[${items.join(',')}]}`
}

// Problems name workloads and registries, as the report does; a hundred are enough to see what is wrong.
const mostProblems = 100

/** The summary of a report as JSON, written in slices too. */
async function summaryText(report: DriftReport): Promise<string> {
  const verdicts = new Map<string, number>()
  const namespaces = new Map<string, Map<string, number>>()
  const overdue: Drift[] = []
  let missing = 0
  for (const part of slicesOf(report.rows, rowsPerTurn)) {
    for (const row of part) {
      const verdict = shownVerdict(row)
      if (isOverdue(row)) overdue.push(row)
      if (isMissing(row)) missing += 1
      const { namespace } = row.image.workload
      const own = namespaces.get(namespace) ?? new Map<string, number>()
      namespaces.set(namespace, own)
      for (const counts of [verdicts, own]) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
    }
    // oxlint-disable-next-line eslint/no-await-in-loop -- so that other work gets its turn
    await nextTurn()
  }
  return JSON.stringify({
    ...headOf(report, 'DriftSummary'),
    containers: report.rows.length,
    verdicts: Object.fromEntries(verdicts),
    missing,
    overdue: overdue.length,
    oldestCheckedAt: instant(oldestCheckOf(overdue, report)),
    namespaces: Object.fromEntries(
      [...namespaces].map(([name, counts]) => [name, Object.fromEntries(counts)]),
    ),
    problems: report.problems.slice(0, mostProblems),
    ignored: report.ignored.slice(0, mostProblems),
  })
}

function headOf(report: DriftReport, kind: 'DriftReport' | 'DriftSummary') {
  const { startedAt, finishedAt, complete } = report
  return {
    apiVersion: 'patchline.dev/v1',
    kind,
    startedAt: instant(startedAt),
    finishedAt: instant(finishedAt),
    complete,
  }
}

function* slicesOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size)
}
