import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RequireReader } from './read-access.ts'

/** The metrics as Prometheus scrapes them. */
export interface MetricsText {
  readonly contentType: string
  text(): Promise<string>
  /** Sent right before the text. */
  readonly prepared?: PreparedText
}

/** Text that is written before it is requested and kept compressed; it ends with a line feed. */
export interface PreparedText {
  compressed(): CompressedText
  /** The same text, decompressed as it is read. */
  plain(): Readable
}

/** A compressed text to which more text can be added within one gzip member. */
export interface CompressedText {
  /** Blocks of deflate (RFC 1951) up to a byte boundary, none of them the last one of a stream; none for no text. */
  readonly pieces: readonly Buffer[]
  /** Bytes, and CRC-32, of the text itself. */
  readonly size: number
  readonly crc32: number
}

/** Adds `GET` and `HEAD /metrics`. The prepared text is sent piece by piece, as fast as the client reads. */
export function addMetrics(app: FastifyInstance, metrics: MetricsText, requireReader: RequireReader): void {
  const hooks = { onRequest: requireReader }
  const { prepared } = metrics
  const wantsGzip = ({ headers }: FastifyRequest): boolean =>
    prepared !== undefined && acceptsGzip(headers['accept-encoding'])
  app.get('/metrics', hooks, async (request, reply) => {
    // Before any header is set: if it fails, the response is an error.
    const text = await metrics.text()
    if (prepared === undefined) return withHeaders(reply, metrics, false).send(text)
    const isGzip = wantsGzip(request)
    const body = isGzip ? await gzipped(text, prepared) : plain(text, prepared)
    return withHeaders(reply, metrics, isGzip).send(body)
  })
  // Without a content length: to know it, the text would have to be written.
  app.head('/metrics', hooks, (request, reply) => withHeaders(reply, metrics, wantsGzip(request)).send())
}

/** Whether an `Accept-Encoding` header accepts gzip (RFC 9110, 12.5.3); a missing one does not. */
export function acceptsGzip(header: string | readonly string[] | undefined): boolean {
  const weights = new Map(
    String(header ?? '')
      .split(',')
      .map(weightOf),
  )
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0
}

function weightOf(item: string): readonly [coding: string, weight: number] {
  const [coding = '', ...parameters] = item.split(';').map(part => part.trim().toLowerCase())
  const weight = parameters.find(part => part.startsWith('q='))?.slice('q='.length)
  return [coding, weight === undefined ? 1 : Number(weight)]
}

function withHeaders(reply: FastifyReply, metrics: MetricsText, isGzip: boolean): FastifyReply {
  if (metrics.prepared !== undefined) reply.header('vary', 'accept-encoding')
  if (isGzip) reply.header('content-encoding', 'gzip')
  return reply.type(metrics.contentType)
}

async function gzipped(text: string, prepared: PreparedText): Promise<Readable> {
  const pieces = await gzipMember(prepared.compressed(), text)
  return Readable.from(onePerTurn(pieces), { objectMode: false })
}

const deflate = promisify(deflateRaw)

/**
 * Two texts as one gzip member (RFC 1952), the second one compressed here. The RFC allows several members, but curl before 8 and
 * every client that calls zlib once end after the first. The prepared text comes first: the check sum of both can then continue
 * from its own without its text.
 */
async function gzipMember(prepared: CompressedText, text: string): Promise<readonly Buffer[]> {
  const bytes = Buffer.from(text)
  const end = Buffer.alloc(8)
  end.writeUInt32LE(crc32(bytes, prepared.crc32), 0)
  end.writeUInt32LE((prepared.size + bytes.length) % 2 ** 32, 4)
  return [gzipHeader, ...prepared.pieces, Buffer.concat([await deflate(bytes), end])]
}

// Deflate, no flags, no time, no extra flags, an unknown file system.
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])

// A fast client would otherwise get all pieces in one turn of the event loop, and twenty such clients too.
async function* onePerTurn(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) {
    yield piece
    // oxlint-disable-next-line eslint/no-await-in-loop -- so that other work gets its turn
    await nextTurn()
  }
}

function plain(text: string, prepared: PreparedText): Readable {
  return Readable.from(oneAfterOther(text, prepared), { objectMode: false })
}

// If the client disconnects, the loop ends early, which destroys the stream.
async function* oneAfterOther(text: string, prepared: PreparedText): AsyncGenerator<string | Buffer> {
  yield* prepared.plain()
  yield text
}
