import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { constants, crc32, createInflateRaw, deflateRawSync, gunzipSync } from 'node:zlib'
import t from 'tap'
import { createOperationsServer, type PreparedText } from '../../../src/http/index.ts'
import { acceptsGzip } from '../../../src/http/operations/metrics-route.ts'

const contentType = 'text/plain; version=0.0.4; charset=utf-8'
const own = 'patchline_build_info 1\n'
const line = `patchline_image_info{workload="${'w'.repeat(200)}"} 1\n`
const much = line.repeat(20_000)
// So many times over it is far more than the kernel takes for a socket whose other end does not read: 4 MiB to send (tcp_wmem), and
// what the other end receives before it has read anything.
const manyTimes = 8

/** A prepared text, plain `times` times over, that counts its streams: open now, begun ever, and the characters read of the last. */
function prepared(text: string, times = 1) {
  const member = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH })
  const count = { open: 0, begun: 0, read: 0 }
  const compressed = {
    pieces: Array.from({ length: 4 }, (_, at) =>
      member.subarray((at * member.length) / 4, ((at + 1) * member.length) / 4),
    ),
    size: Buffer.byteLength(text),
    crc32: crc32(text),
  }
  const served: PreparedText = {
    compressed: () => compressed,
    plain() {
      count.open++
      count.begun++
      let at = 0
      const stream = new Readable({
        read() {
          const start = at % text.length
          const piece = at < text.length * times ? text.slice(start, start + 64 * 1024) : null
          count.read = at += piece?.length ?? 0
          this.push(piece)
        },
      })
      return stream.once('close', () => count.open--)
    },
  }
  return { count, served }
}

async function start(
  t: { teardown(end: () => unknown): void },
  served: PreparedText | undefined,
  text: () => Promise<string> = async () => own,
) {
  const server = createOperationsServer({
    readiness: { problems: () => [] },
    metrics: { contentType, text, ...(served !== undefined && { prepared: served }) },
    log: { error: () => undefined },
  })
  const port = await server.listen('127.0.0.1', 0)
  t.teardown(() => server.close())
  return port
}

async function ask(port: number, encoding?: string, method = 'GET') {
  const headers = encoding === undefined ? {} : { 'accept-encoding': encoding }
  const sent = request({ host: '127.0.0.1', port, path: '/metrics', method, headers }).end()
  const [response]: readonly IncomingMessage[] = await once(sent, 'response')
  if (response === undefined) throw new Error('no response')
  const { statusCode, headers: got } = response
  return { statusCode, headers: got, body: await buffer(response) }
}

/** The text of a body that is one gzip member and nothing after it, as a reader of one member takes it. */
async function onlyMember(body: Buffer): Promise<Buffer> {
  const inflate = createInflateRaw()
  inflate.end(body.subarray(10))
  const text = await buffer(inflate)
  if (inflate.bytesWritten !== body.length - 18)
    throw new Error(`the first member ends at ${inflate.bytesWritten + 18} of ${body.length} bytes`)
  if (body.readUInt32LE(body.length - 8) !== crc32(text)) throw new Error('another check sum')
  if (body.readUInt32LE(body.length - 4) !== text.length) throw new Error('another length')
  return gunzipSync(body)
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}

t.test('with gzip: one member', async t => {
  const port = await start(t, prepared(much).served)
  const { statusCode, headers, body } = await ask(port, 'gzip')
  t.equal(statusCode, 200)
  t.match(headers, { 'content-type': contentType, 'content-encoding': 'gzip', vary: 'accept-encoding' })
  t.ok((await onlyMember(body)).equals(Buffer.from(much + own)))
  t.equal(headers['content-length'], undefined)
})

t.test('without: the same text', async t => {
  const { count, served } = prepared(much)
  const port = await start(t, served)
  for (const encoding of [undefined, 'identity', 'gzip;q=0']) {
    const { headers, body } = await ask(port, encoding)
    t.match(headers, { 'content-type': contentType, vary: 'accept-encoding' })
    t.equal(headers['content-encoding'], undefined)
    t.ok(body.equals(Buffer.from(much + own)), `accept-encoding: ${encoding}`)
  }
  await until(() => count.open === 0)
})

t.test('nothing prepared, or not yet', async t => {
  const alone = await start(t, undefined)
  for (const encoding of ['gzip', undefined]) {
    const { headers, body } = await ask(alone, encoding)
    t.equal(headers['content-encoding'], undefined, 'a few kilobytes stay as they are')
    t.equal(headers['vary'], undefined)
    t.equal(body.toString(), own)
  }
  const early = await start(t, {
    compressed: () => ({ pieces: [], size: 0, crc32: 0 }),
    plain: () => Readable.from([]),
  })
  t.equal((await onlyMember((await ask(early, 'gzip')).body)).toString(), own)
  t.equal((await ask(early)).body.toString(), own)
})

t.test('HEAD has the headers and no body, and writes nothing', async t => {
  let asked = 0
  const { count, served } = prepared(much)
  const port = await start(t, served, async () => {
    asked++
    return own
  })
  for (const encoding of ['gzip', 'identity']) {
    const { statusCode, headers, body } = await ask(port, encoding, 'HEAD')
    t.equal(statusCode, 200)
    t.match(headers, { 'content-type': contentType, vary: 'accept-encoding' })
    t.equal(headers['content-encoding'], encoding === 'gzip' ? 'gzip' : undefined)
    t.equal(headers['content-length'], undefined)
    t.equal(body.length, 0)
  }
  t.same([asked, count.begun], [0, 0])
})

t.test('an error is readable, whatever was asked for', async t => {
  const port = await start(t, prepared(much).served, () => Promise.reject(new Error('inside')))
  const { statusCode, headers, body } = await ask(port, 'gzip')
  t.equal(statusCode, 500)
  t.equal(headers['content-encoding'], undefined)
  t.equal(body.toString(), 'internal error\n')
})

t.test('twenty at once', async t => {
  const { count, served } = prepared(much)
  const port = await start(t, served)
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, at) => ask(port, at % 4 === 0 ? 'identity' : 'gzip')),
  )
  for (const { headers, body } of answers) {
    const text = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    t.ok(text.equals(Buffer.from(much + own)))
  }
  await until(() => count.open === 0)
  t.equal(count.begun, 5)
})

/** The answer to one that asks and then reads no more than what comes with the head. */
async function slowly(port: number): Promise<IncomingMessage> {
  const sent = request({ host: '127.0.0.1', port, path: '/metrics', agent: false }).end()
  const [response]: readonly IncomingMessage[] = await once(sent, 'response')
  if (response === undefined) throw new Error('no response')
  return response.on('error', () => undefined) // it is torn down in the middle
}

t.test(
  'a slow reader holds up nobody, is not sent more than it takes, and gets everything in the end',
  async t => {
    const { count, served } = prepared(much, manyTimes)
    const port = await start(t, served)
    const response = await slowly(port)
    // It stops by itself, far before the end.
    let before = -1
    while (count.read === 0 || count.read !== before) {
      before = count.read
      t.equal((await ask(port, 'gzip')).statusCode, 200, 'others are answered')
    }
    const all = much.length * manyTimes
    t.ok(count.read < all / 2, `${count.read} of ${all} were taken from the stream`)
    t.equal(count.open, 1)
    t.strictSame(
      await lengthAndSum(response),
      await lengthAndSum(Readable.from([Buffer.from(much.repeat(manyTimes) + own)])),
    )
    await until(() => count.open === 0)
  },
)

/** The length and the check sum of what is read: to hold all of it would take longer than to send it. */
async function lengthAndSum(response: AsyncIterable<Buffer>): Promise<readonly [number, number]> {
  let [length, sum] = [0, 0]
  for await (const chunk of response) {
    length += chunk.length
    sum = crc32(chunk, sum)
  }
  return [length, sum]
}

t.test('one that goes in the middle leaves nothing open', async t => {
  const { count, served } = prepared(much, manyTimes)
  const port = await start(t, served)
  const response = await slowly(port)
  t.equal(count.open, 1)
  response.destroy()
  await until(() => count.open === 0)
  t.ok(count.read < much.length * manyTimes)
  t.equal((await ask(port, 'gzip')).statusCode, 200)
})

const encodings: readonly (readonly [header: string | undefined, accepted: boolean])[] = [
  [undefined, false],
  ['', false],
  ['gzip', true],
  ['x-gzip', true],
  ['deflate, GZip', true],
  ['gzip;q=0.5', true],
  ['gzip ; Q=0', false],
  ['gzip;q=0.000, *;q=1', false],
  ['*', true],
  ['*;q=0', false],
  ['br, identity', false],
  ['gzip;q=much', false],
  ['gzip;level=1', true],
]

for (const [header, accepted] of encodings)
  t.equal(acceptsGzip(header), accepted, `${header}: ${accepted ? 'gzip' : 'not'}`)
t.equal(acceptsGzip(['deflate', 'gzip']), true)
