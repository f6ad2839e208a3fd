import { once } from 'node:events'
import { Agent } from 'node:https'
import { connect } from 'node:tls'
import t from 'tap'
import { ServingPairError } from '../../../src/http/webhook/tls.ts'
import { newPair, reviewText, startWebhook, type Asking } from './webhook-fixture.ts'

const MiB = 1024 * 1024

/** A review of so many bytes. */
function fill(length: number, field = 'annotations'): string {
  const frame = reviewText('big', { [field]: { x: '' } })
  return reviewText('big', { [field]: { x: 'x'.repeat(length - frame.length) } })
}

t.test('a review is answered with its uid, on both paths', async t => {
  const { ask, recorded } = await startWebhook(t)
  for (const endpoint of ['validate', 'mutate']) {
    const { status, headers, text } = await ask({
      path: `/${endpoint}?timeout=3s`,
      body: reviewText('a-b-c'),
    })
    t.equal(status, 200)
    t.equal(headers['content-type'], 'application/json; charset=utf-8')
    t.equal(Number(headers['content-length']), text.length)
    t.strictSame(JSON.parse(text), {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: 'a-b-c', allowed: true, warnings: ['budget 800'] },
    })
    t.strictSame(recorded.pop(), [endpoint, 'a-b-c', 'allowed', true])
  }
})

t.test('the budget is what the deadline leaves', async t => {
  const { ask } = await startWebhook(t)
  const { text } = await ask({ path: '/validate?timeout=1s' })
  t.match(text, '"budget 750"')
})

t.test('what cannot be answered gets a status and one line', async t => {
  const { ask, recorded, logged } = await startWebhook(t)
  const rows: readonly (readonly [Asking, number, string])[] = [
    [{ body: 'hello' }, 400, 'the body is not JSON'],
    [{ body: '' }, 400, 'the body is not JSON'],
    [{ body: '[]' }, 400, 'the body is not a JSON object'],
    [{ body: '{"kind":"AdmissionReview"}' }, 400, 'apiVersion is missing, not "admission.k8s.io/v1"'],
    [
      { body: '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}' },
      400,
      'the request has no uid',
    ],
    [
      { body: '{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"x"}}' },
      400,
      'apiVersion is "admission.k8s.io/v1beta1", not "admission.k8s.io/v1"',
    ],
    [{ headers: { 'content-type': 'text/plain' } }, 415, 'the content type is not application/json'],
    [{ path: '/' }, 404, 'not found'],
    [{ path: '/validate/' }, 404, 'not found'],
    [{ path: '/__proto__' }, 404, 'not found'],
    [{ path: '/%zz' }, 400, 'bad request'],
    [{ method: 'GET', body: '' }, 405, 'method not allowed, only POST'],
    [{ method: 'PUT', path: '/mutate?timeout=3s' }, 405, 'method not allowed, only POST'],
  ]
  for (const [asking, status, line] of rows) {
    const answer = await ask(asking)
    t.strictSame([answer.status, answer.text], [status, `${line}\n`], JSON.stringify(asking))
    t.match(answer.headers['content-type'], /^text\/plain/)
    if (status === 405) t.equal(answer.headers.allow, 'POST')
  }
  t.strictSame(
    recorded,
    Array.from({ length: 7 }, () => ['validate', 'undecodable']),
    'what came to a path that exists is counted',
  )
  t.strictSame(logged, [])
})

t.test('other spellings of the content type are taken', async t => {
  const { ask } = await startWebhook(t)
  for (const type of [
    'application/json; charset=utf-8',
    'Application/JSON',
    'application/json ;charset=UTF-8',
  ])
    t.equal((await ask({ headers: { 'content-type': type } })).status, 200, type)
})

t.test('40 MiB are taken, 24 of what is read; of more, who asks for what is still answered', async t => {
  const seen: unknown[] = []
  const { ask } = await startWebhook(t, {
    async review({ uid, isWhole }) {
      seen.push([uid, isWhole])
      return {}
    },
  })
  const rows = [
    [40 * MiB, 'managedFields', true],
    [24 * MiB, 'annotations', true],
    [25 * MiB, 'annotations', false],
    [40 * MiB + 1, 'managedFields', false],
    [60 * MiB, 'annotations', false],
  ] as const
  for (const [length, field] of rows)
    t.equal((await ask({ body: fill(length, field) })).status, 200, String(length))
  t.strictSame(
    seen,
    rows.map(([, , isWhole]) => ['big', isWhole]),
  )
})

// That its bytes are read once is in test/json.
t.test('a bomb of brackets is refused, and others are answered', async t => {
  const { ask } = await startWebhook(t)
  const bomb = ask({ body: Buffer.alloc(7 * MiB, '[') })
  const other = await ask()
  t.equal(other.status, 200)
  const { status, text } = await bomb
  t.strictSame([status, text], [400, 'the body is not a JSON object\n'])
})

t.test('keys that JavaScript knows are labels like others', async t => {
  let labels: unknown
  const { ask } = await startWebhook(t, {
    async review({ object }) {
      labels = Object.entries(JSON.parse(JSON.stringify(object)).metadata.labels)
      return {}
    },
  })
  const body = reviewText('uid-1', { labels: 'LABELS' }).replace(
    '"LABELS"',
    '{"__proto__":"a","constructor":{"prototype":"b"},"toString":"c"}',
  )
  t.equal((await ask({ body })).status, 200)
  t.strictSame(labels, [
    ['__proto__', 'a'],
    ['constructor', { prototype: 'b' }],
    ['toString', 'c'],
  ])
})

t.test('a reviewer or recorder that fails means: allowed, with a warning and a line in the log', async t => {
  for (const options of [{ review: () => Promise.reject(new Error('boom')) }, { failingRecorder: true }]) {
    const { ask, logged, recorded } = await startWebhook(t, options)
    const { status, text } = await ask({ path: '/mutate', body: reviewText('u') })
    t.equal(status, 200)
    t.strictSame(JSON.parse(text).response, {
      uid: 'u',
      allowed: true,
      warnings: ['patchline: internal error, not checked'],
    })
    t.match(logged, [['review failed, allowed unchecked', { err: Error, endpoint: 'mutate', uid: 'u' }]])
    t.strictSame(recorded, [['mutate', 'error']])
  }
})

t.test('too many reviews at once are sent away to come again', async t => {
  const released = Promise.withResolvers<Record<string, never>>()
  const { ask, recorded } = await startWebhook(t, {
    review: () => released.promise,
    limits: { reviewsInFlight: 2 },
  })
  const first = [ask(), ask()]
  let shed = await ask({ body: 'not JSON' })
  while (shed.status !== 503) shed = await ask({ body: 'not JSON' })
  t.equal(shed.headers['retry-after'], '1')
  t.equal(shed.text, 'too many reviews at once\n')
  t.strictSame(recorded.at(-1), ['validate', 'shed'])
  released.resolve({})
  for (const { status } of await Promise.all(first)) t.equal(status, 200)
  t.equal((await ask()).status, 200, 'places are given back')
})

/** Begins a review whose body does not arrive. */
async function beginSlowly(port: number) {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  let answer = ''
  socket.on('data', (chunk: Buffer) => void (answer += chunk.toString()))
  socket.on('error', () => {})
  socket.write(
    'POST /validate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
  )
  return { socket, closed: once(socket, 'close'), answer: () => answer }
}

t.test('a body has a time in which to arrive', async t => {
  const { port, recorded } = await startWebhook(t, { limits: { bodyTimeout: 300 } })
  const slow = await beginSlowly(port)
  await slow.closed
  t.match(slow.answer(), /^HTTP\/1.1 408 [^]*the body took longer than 300 ms\n$/)
  t.strictSame(recorded, [['validate', 'undecodable']])
})

t.test('a body is counted while it arrives, and gives way to others', async t => {
  const { port, ask, recorded } = await startWebhook(t, {
    limits: { reviewsInFlight: 2, bodyTimeout: 60_000 },
  })
  const slow = await Promise.all([beginSlowly(port), beginSlowly(port)])
  const isShed = (): boolean => recorded.some(one => JSON.stringify(one) === '["validate","shed"]')
  while (!isShed()) t.equal((await ask()).status, 200, 'one that is there at once is answered')
  for (const { socket } of slow) socket.destroy()
})

t.test('overload is told at once, whatever holds the places: none waits for a deadline', async t => {
  const released = Promise.withResolvers<Record<string, never>>()
  const { port, ask } = await startWebhook(t, {
    review: () => released.promise,
    limits: { reviewsInFlight: 3, bodyTimeout: 60_000 },
  })
  const slow = await Promise.all([beginSlowly(port), beginSlowly(port), beginSlowly(port)])
  const all = Array.from({ length: 20 }, () => ask({ path: '/validate?timeout=1s' }))
  // Three take the places of bodies that are still being read; none of what holds a place is answered before the others are.
  const shed = await firstOf(all, 17)
  for (const { status, headers } of shed) t.strictSame([status, headers['retry-after']], [503, '1'])
  for (const { closed, answer } of slow) {
    await closed
    t.match(answer(), /^HTTP\/1.1 503 [^]*\r\nretry-after: 1\r\n[^]*too many reviews at once\n$/)
  }
  released.resolve({})
  t.equal((await Promise.all(all)).filter(({ status }) => status === 200).length, 3)
})

/** So many of the answers, as they come. */
async function firstOf<T>(answers: readonly Promise<T>[], count: number): Promise<readonly T[]> {
  const left = new Map(answers.map((answer, at) => [at, answer.then(value => ({ at, value }))]))
  const come: T[] = []
  while (come.length < count) {
    // oxlint-disable-next-line eslint/no-await-in-loop -- the next one that comes
    const { at, value } = await Promise.race(left.values())
    left.delete(at)
    come.push(value)
  }
  return come
}

t.test('bodies that together are too large are sent away to come again', async t => {
  const { ask, recorded } = await startWebhook(t, { limits: { bodyBytes: 100_000 } })
  const { status, headers, text } = await ask({ body: fill(200_000) })
  t.strictSame([status, headers['retry-after'], text], [503, '1', 'too many reviews at once\n'])
  t.strictSame(recorded, [['validate', 'shed']])
  t.equal((await ask({ body: fill(150_000) })).status, 200, 'what they took is given back')
})

t.test(
  'a connection too many takes the place of one that says nothing, not of one that was answered',
  async t => {
    const { port, ask } = await startWebhook(t, { limits: { connections: 3 } })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    await ask({ agent })
    const silent = []
    for (let at = 0; at < 5; at++) {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
      socket.on('error', () => {})
      socket.resume()
      silent.push(socket)
      await once(socket, 'secureConnect')
    }
    while (silent.filter(({ closed }) => closed).length < 3)
      await new Promise(resolve => setTimeout(resolve, 10))
    t.strictSame(
      silent.map(({ closed }) => closed),
      [true, true, true, false, false],
    )
    t.ok((await ask({ agent })).reused, 'the answered one lives on')
    for (const socket of silent) socket.destroy()
    agent.destroy()
  },
)

t.test('managedFields of any depth are passed over', async t => {
  const { ask } = await startWebhook(t)
  const deep = '{"f:a":'.repeat(5000) + '{}' + '}'.repeat(5000)
  const body = fill(100_000).replace('"metadata":{', `"metadata":{"managedFields":[{"fieldsV1":${deep}}],`)
  t.match(body, 'managedFields')
  t.equal((await ask({ body })).status, 200)
})

t.test('a request that ends early leaves nothing behind', async t => {
  const { port, ask, logged } = await startWebhook(t)
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  socket.write(
    'POST /validate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
  )
  setTimeout(() => socket.destroy(), 20)
  await once(socket, 'close')
  t.equal((await ask()).status, 200)
  t.strictSame(logged, [])
})

t.test('only TLS 1.2 and later, only HTTP/1.1', async t => {
  const { port } = await startWebhook(t)
  const handshake = async (options: object): Promise<unknown> => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
    try {
      await once(socket, 'secureConnect')
      return [socket.getProtocol(), socket.alpnProtocol]
    } catch (error) {
      return error
    } finally {
      socket.destroy()
    }
  }
  t.strictSame(await handshake({ maxVersion: 'TLSv1.2', ALPNProtocols: ['h2', 'http/1.1'] }), [
    'TLSv1.2',
    'http/1.1',
  ])
  t.match(
    await handshake({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    Error,
  )
})

t.test(
  'a broken pair is refused and the old one stays; a new one serves new connections under load',
  async t => {
    const { server, ask, pair, ca, port } = await startWebhook(t)
    const { pair: next, ca: nextCa } = await newPair()
    t.throws(
      () => server.replaceCertificate({ ...next, key: pair.key }),
      new ServingPairError('mismatch', 'not the key of the certificate'),
    )
    t.throws(() => server.replaceCertificate({ certificate: '', key: '' }), { code: 'invalid-certificate' })
    const bundle = ca + nextCa
    const agent = new Agent({ keepAlive: true, maxSockets: 4 })
    const asked: Promise<{ status: number }>[] = []
    for (let round = 0; round < 20; round++) {
      server.replaceCertificate(round % 2 === 0 ? next : pair)
      asked.push(...Array.from({ length: 5 }, (_, at) => ask({ ca: bundle, ...(at % 2 === 0 && { agent }) })))
      if (round % 5 === 4) await Promise.all(asked)
    }
    for (const { status } of await Promise.all(asked)) t.equal(status, 200)
    agent.destroy()
    server.replaceCertificate(next)
    const socket = connect({ port, host: '127.0.0.1', ca: nextCa })
    await once(socket, 'secureConnect')
    t.ok(socket.authorized)
    socket.destroy()
  },
)

t.test('a drain under load drops nothing', async t => {
  const { server, ask } = await startWebhook(t, {
    review: async () => new Promise(resolve => setTimeout(() => resolve({}), 5)),
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  const warm = await Promise.all(Array.from({ length: 20 }, () => ask({ agent })))
  t.ok(warm.every(({ headers }) => headers.connection !== 'close'))
  const asked = Array.from({ length: 200 }, (_, at) => ask({ agent, body: reviewText(`uid-${at}`) }))
  await asked[10]
  server.drain()
  const last = asked.at(-1)
  t.equal((await last)?.headers.connection, 'close')
  const answers = await Promise.all(asked)
  await server.close()
  t.strictSame(
    answers.map(({ status, text }) => [status, JSON.parse(text).response.uid]),
    answers.map((_, at) => [200, `uid-${at}`]),
  )
  t.equal((await ask({ body: 'x' }).catch(() => undefined))?.status, undefined, 'nobody listens any more')
  agent.destroy()
})

t.test('errors close their connections while draining too', async t => {
  const { server, ask } = await startWebhook(t)
  const agent = new Agent({ keepAlive: true })
  t.not((await ask({ agent, body: 'x' })).headers.connection, 'close')
  server.drain()
  t.equal((await ask({ agent, body: 'x' })).headers.connection, 'close')
  t.equal((await ask({ agent, path: '/x' })).headers.connection, 'close')
  agent.destroy()
})

t.test(
  'closing answers what is under way, closes idle connections, and waits no longer than its deadline',
  async t => {
    const released = Promise.withResolvers<Record<string, never>>()
    const started = Promise.withResolvers<undefined>()
    const { server, ask, port } = await startWebhook(t, {
      async review({ uid }) {
        if (uid !== 'slow' && uid !== 'never') return {}
        started.resolve(undefined)
        return uid === 'slow' ? released.promise : new Promise(() => {})
      },
      limits: { closeDeadline: 300 },
    })
    const agent = new Agent({ keepAlive: true })
    const slow = ask({ agent, body: reviewText('slow') })
    await started.promise
    const never = ask({ body: reviewText('never') }).catch((error: unknown) => error)
    const idle = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(idle, 'secureConnect')
    const idleClosed = once(idle, 'close')
    idle.resume()
    const closed = server.close()
    setTimeout(() => released.resolve({}), 50)
    t.equal((await slow).headers.connection, 'close')
    await closed // which has a deadline: one of the reviews never ends
    await idleClosed
    t.match(await never, Error)
    agent.destroy()
  },
)

t.test('an idle connection lives longer than the API server keeps it', async t => {
  const { ask, port } = await startWebhook(t)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const first = await ask({ agent })
  t.equal(first.headers['keep-alive'], 'timeout=95')
  // Go opens connections ahead of need: one that has sent nothing yet must live on too.
  const unused = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(unused, 'secureConnect')
  await new Promise(resolve => setTimeout(resolve, 7000)) // Node's own default ends a connection after 5 s and 1 s more
  t.ok((await ask({ agent })).reused, 'the same connection')
  t.notOk(unused.destroyed)
  unused.destroy()
  agent.destroy()
})

t.test('a port in use is an error', async t => {
  const { port } = await startWebhook(t)
  const other = await startWebhook(t)
  await other.server.close()
  const second = await startWebhook(t)
  await t.rejects(second.server.listen('127.0.0.1', port))
})
