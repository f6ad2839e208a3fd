// How long an API server's calls take, by the spans that it traces: its histograms know only 25 and 100 milliseconds.
import { createServer, type ServerHttp2Stream } from 'node:http2'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'

/** Collects spans. */
export interface SpanCollector {
  /** The OTLP endpoint, `HOST:PORT`. */
  readonly endpoint: string
  /** Takes the durations of the spans of that name, in milliseconds. */
  take(name: string): number[]
  close(): void
}

/** Starts a collector that speaks OTLP over gRPC without TLS, as far as an API server uses it. */
export async function startSpanCollector(): Promise<SpanCollector> {
  const durations = new Map<string, number[]>()
  const server = createServer()
  server.on('stream', (stream: ServerHttp2Stream) => {
    void collect(stream, (name, milliseconds) => {
      const known = durations.get(name)
      if (known === undefined) durations.set(name, [milliseconds])
      else known.push(milliseconds)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    endpoint: `127.0.0.1:${port}`,
    take(name) {
      const taken = durations.get(name) ?? []
      durations.delete(name)
      return taken
    },
    close: () => void server.close(),
  }
}

type OnSpan = (name: string, milliseconds: number) => void

const frameHead = 5 // gRPC: a flag and the length of the message

async function collect(stream: ServerHttp2Stream, onSpan: OnSpan): Promise<void> {
  const bytes = await buffer(stream)
  readSpans(bytes.subarray(frameHead), spanPath, onSpan)
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(Buffer.alloc(frameHead)) // an empty ExportTraceServiceResponse
}

// ExportTraceServiceRequest.resource_spans, ResourceSpans.scope_spans, ScopeSpans.spans (opentelemetry/proto/trace/v1).
const spanPath = [1, 2, 2]
const [nameField, startField, endField] = [5, 7, 8]

function readSpans(message: Buffer, [next, ...path]: readonly number[], onSpan: OnSpan): void {
  if (next !== undefined) {
    for (const [field, value] of fieldsOf(message)) if (field === next) readSpans(value, path, onSpan)
    return
  }
  const fields = new Map(fieldsOf(message))
  const [start, end] = [startField, endField].map(field => fields.get(field)?.readBigUInt64LE() ?? 0n)
  onSpan(fields.get(nameField)?.toString() ?? '', Number((end ?? 0n) - (start ?? 0n)) / 1e6)
}

/** The fields of a Protocol Buffers message that are not varints, with their bytes. */
function* fieldsOf(message: Buffer): Generator<readonly [number, Buffer]> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] ?? 0
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  while (at < message.length) {
    const key = varint()
    const [field, wire] = [key >>> 3, key & 7]
    if (wire === 0) {
      varint()
      continue
    }
    const length = wire === 1 ? 8 : wire === 5 ? 4 : varint()
    yield [field, message.subarray(at, at + length)]
    at += length
  }
}
