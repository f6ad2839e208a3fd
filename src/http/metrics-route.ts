import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { acceptsGzip } from './accepts-gzip.ts'
import { gzipMember } from './gzip-member.ts'
import type { MetricsText, PreparedText } from './ports.ts'
import type { RequireReader } from './require-reader.ts'

/** Adds `GET` and `HEAD /metrics`, for who may read them. What is prepared goes out piece by piece, as fast as the client takes it. */
export function addMetrics(app: FastifyInstance, metrics: MetricsText, requireReader: RequireReader): void {
  const hooks = { onRequest: requireReader }
  const { prepared } = metrics
  const wantsGzip = ({ headers }: FastifyRequest): boolean =>
    prepared !== undefined && acceptsGzip(headers['accept-encoding'])
  app.get('/metrics', hooks, async (request, reply) => {
    // Before any header: where it fails, the answer is another one.
    const text = await metrics.text()
    if (prepared === undefined) return withHead(reply, metrics, false).send(text)
    const isGzip = wantsGzip(request)
    const body = isGzip ? await gzipped(text, prepared) : plain(text, prepared)
    return withHead(reply, metrics, isGzip).send(body)
  })
  // How long it would be is not said: for that it would have to be written.
  app.head('/metrics', hooks, (request, reply) => withHead(reply, metrics, wantsGzip(request)).send())
}

function withHead(reply: FastifyReply, metrics: MetricsText, isGzip: boolean): FastifyReply {
  if (metrics.prepared !== undefined) reply.header('vary', 'accept-encoding')
  if (isGzip) reply.header('content-encoding', 'gzip')
  return reply.type(metrics.contentType)
}

async function gzipped(text: string, prepared: PreparedText): Promise<Readable> {
  const pieces = await gzipMember(prepared.compressed(), text)
  return Readable.from(onePerTurn(pieces), { objectMode: false })
}

// A fast reader would otherwise have all of them in one turn of the event loop, and twenty such readers too.
async function* onePerTurn(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) {
    yield piece
    // oxlint-disable-next-line eslint/no-await-in-loop -- so that others get their turn
    await turn()
  }
}

function plain(text: string, prepared: PreparedText): Readable {
  return Readable.from(oneAfterOther(text, prepared), { objectMode: false })
}

// Where the client goes early, the loop ends early, which destroys the stream.
async function* oneAfterOther(text: string, prepared: PreparedText): AsyncGenerator<string | Buffer> {
  yield* prepared.plain()
  yield text
}
