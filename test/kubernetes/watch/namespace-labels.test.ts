import { isDeepStrictEqual } from 'node:util'
import t, { type Test } from 'tap'
import {
  createNamespaceLabels,
  loadKubeConfig,
  type KubernetesError,
  type NamespaceLabelsOptions,
} from '../../../src/kubernetes/index.ts'
import {
  FakeNamespaces,
  answer,
  refuse,
  silent,
  startApiServer,
  until,
} from '../../support/kubernetes/fake-api-server.ts'

const mode = 'patchline.dev/mode'
/** The label that the API server sets. */
const named = (name: string) => ({ 'kubernetes.io/metadata.name': name })
const timing = {
  answerLimit: 2000,
  silenceLimit: 5000,
  watchSeconds: 60,
  first: 10,
  most: 20,
  lookupLimit: 60_000,
}

async function cluster(t: Test, changes: NamespaceLabelsOptions['timing'] = {}) {
  const namespaces = new FakeNamespaces()
  const server = await startApiServer(namespaces.handler)
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  const problems: KubernetesError[] = []
  const labels = createNamespaceLabels({
    kubeConfig,
    onProblem: problem => problems.push(problem),
    timing: { ...timing, ...changes },
  })
  t.teardown(async () => {
    await labels.close()
    await server.close()
  })
  const lists = () =>
    server.received.filter(({ url }) => /limit=/.test(url.search) && !/continue=/.test(url.search))
  const watches = () => server.received.filter(({ url }) => url.searchParams.get('watch') === 'true')
  return { namespaces, server, labels, problems, lists, watches }
}

t.test('all pages are read, and all labels are kept', async t => {
  const { namespaces, server, labels, problems } = await cluster(t)
  for (let n = 0; n < 205; n += 1) namespaces.set(`team-${n}`, { [mode]: `m${n}`, other: 'x' })

  await labels.start()

  t.strictSame(
    labels.labelsOf('team-0'),
    { ...named('team-0'), [mode]: 'm0', other: 'x' },
    'at once, no promise',
  )
  t.strictSame(labels.labelsOf('team-204'), { ...named('team-204'), [mode]: 'm204', other: 'x' })
  await until(() => namespaces.watches.size === 1)
  t.strictSame(
    server.received.map(({ method, url }) => `${method} ${url.pathname}${url.search}`),
    [
      'GET /api/v1/namespaces?limit=100',
      'GET /api/v1/namespaces?limit=100&continue=100',
      'GET /api/v1/namespaces?limit=100&continue=200',
      'GET /api/v1/namespaces?watch=true&allowWatchBookmarks=true&resourceVersion=305&timeoutSeconds=60',
    ],
  )
  t.equal(server.received[0]?.authorization, 'Bearer planted-token')
  t.strictSame(problems, [])
})

t.test('events change memory, and a clean end is taken up where it ended', async t => {
  const { namespaces, labels, lists, watches, problems } = await cluster(t)
  namespaces.set('a', { [mode]: 'warn' })
  await labels.start()
  await until(() => namespaces.watches.size === 1)

  namespaces.set('b', { [mode]: 'off' })
  namespaces.set('a', { [mode]: 'enforce' })
  await until(() => isDeepStrictEqual(labels.labelsOf('a'), { ...named('a'), [mode]: 'enforce' }))
  t.strictSame(labels.labelsOf('a'), { ...named('a'), [mode]: 'enforce' })
  t.strictSame(labels.labelsOf('b'), { ...named('b'), [mode]: 'off' })
  namespaces.remove('a')
  const version = namespaces.bookmark()
  namespaces.write('\n')
  namespaces.end()
  await until(() => watches().length === 2)

  t.equal(await labels.labelsOf('a'), undefined)
  t.equal(watches()[1]?.url.searchParams.get('resourceVersion'), version)
  t.equal(lists().length, 1)
  t.strictSame(problems, [])
})

t.test('an event in pieces is one event', async t => {
  const { namespaces, labels } = await cluster(t)
  await labels.start()
  await until(() => namespaces.watches.size === 1)
  const line = JSON.stringify({
    type: 'ADDED',
    object: { metadata: { name: 'a', resourceVersion: '7', labels: { [mode]: 'prüfen' } } },
  })
  for (const byte of Buffer.from(`${line}\n`)) {
    for (const watch of namespaces.watches) watch.write(Buffer.from([byte]))
  }
  await until(() => !(labels.labelsOf('a') instanceof Promise))
  t.strictSame(labels.labelsOf('a'), { [mode]: 'prüfen' })
})

t.test('whatever breaks a watch, a new list repairs memory', async t => {
  const expired = { type: 'ERROR', object: { code: 410, message: 'too old resource version' } }
  const table: readonly [
    name: string,
    break_: (namespaces: FakeNamespaces) => void,
    code: string,
    why: RegExp,
  ][] = [
    ['410 event', fake => fake.send(expired), 'gone', /^too old resource version$/],
    ['500 event', fake => fake.send({ type: 'ERROR', object: {} }), 'unavailable', /without a message$/],
    ['garbage', fake => fake.write('<html>\n'), 'invalid-answer', /^a line of the watch is not JSON$/],
    ['null', fake => fake.write('null\n'), 'invalid-answer', /^an event without a resource version$/],
    [
      'unknown type',
      fake => fake.send({ type: 'X', object: { metadata: { name: 'x', resourceVersion: '9' } } }),
      'invalid-answer',
      /^an event of an unknown type$/,
    ],
    [
      'endless line',
      fake => fake.write('x'.repeat(4_194_305)),
      'invalid-answer',
      /^a line is longer than 4194304/,
    ],
  ]
  for (const [name, break_, code, why] of table) {
    await t.test(name, async t => {
      const { namespaces, labels, problems, lists } = await cluster(t)
      namespaces.set('a', { [mode]: 'warn' })
      await labels.start()
      await until(() => namespaces.watches.size === 1)
      break_(namespaces)
      await until(() => problems.length === 1)
      // Written while nobody watched: only a list can tell.
      namespaces.set('a', { [mode]: 'off' })
      await until(() => lists().length === 2 && namespaces.watches.size === 1)
      t.match(problems, [{ code, what: 'watch namespaces', why }])
      t.strictSame(labels.labelsOf('a'), { ...named('a'), [mode]: 'off' })
    })
  }
})

t.test('a connection that breaks is taken up where it broke', async t => {
  const table: readonly [name: string, break_: (namespaces: FakeNamespaces) => void, why: RegExp][] = [
    ['cut', fake => fake.cut(), /./],
    [
      'clean end within a line',
      fake => {
        fake.write('{"type":"ADDED"')
        fake.end()
      },
      /^the watch ended within a line$/,
    ],
  ]
  for (const [name, break_, why] of table) {
    await t.test(name, async t => {
      const { namespaces, labels, problems, lists, watches } = await cluster(t)
      await labels.start()
      await until(() => namespaces.watches.size === 1)
      namespaces.set('a', { [mode]: 'warn' })
      await until(() => !(labels.labelsOf('a') instanceof Promise))
      break_(namespaces)
      await until(() => watches().length === 2)
      t.equal(watches()[1]?.url.searchParams.get('resourceVersion'), '101')
      t.equal(lists().length, 1)
      t.match(problems, [{ code: 'unavailable', what: 'watch namespaces', why }])
    })
  }
})

t.test('an object that cannot be read is left out, and the watch goes on', async t => {
  const { namespaces, labels, problems, lists } = await cluster(t)
  await labels.start()
  await until(() => namespaces.watches.size === 1)
  namespaces.send({ type: 'ADDED', object: { metadata: { resourceVersion: '9' } } })
  namespaces.set('a', { [mode]: 'warn' })
  await until(() => !(labels.labelsOf('a') instanceof Promise))
  t.match(problems, [{ code: 'invalid-answer', what: 'watch namespaces', why: /^an object without a name$/ }])
  t.equal(lists().length, 1)
})

t.test('a watch that falls silent is given up', async t => {
  const { namespaces, labels, problems, watches } = await cluster(t, { silenceLimit: 400 })
  await labels.start()
  await until(() => problems.length === 1)
  t.match(problems, [{ code: 'timeout', why: 'no sign of life for 400 ms' }])
  await until(() => watches().length === 2)
  await until(() => namespaces.watches.size <= 1)
})

t.test('a watch that is refused with 410 is followed by a list', async t => {
  const { namespaces, server, labels, problems, lists } = await cluster(t)
  server.next(namespaces.handler)
  server.next(refuse(410, 'too old'))
  await labels.start()
  await until(() => lists().length === 2)
  t.match(problems, [{ code: 'gone', message: 'watch namespaces: 410 too old; list again' }])
})

t.test('failing lists are repeated with growing pauses, and memory stays', async t => {
  const { server, labels, problems, namespaces } = await cluster(t)
  server.next(refuse(403, 'namespaces is forbidden'))
  server.next(refuse(401, 'Unauthorized'))
  server.next(refuse(503, 'busy'))
  server.next(answer(200, 'no json'))
  server.next(answer(200, { items: 3 }))
  server.next(answer(500, '<html>'))
  server.next((_, response) => response.destroy())
  namespaces.set('a', { [mode]: 'warn' })
  await labels.start()
  t.strictSame(labels.labelsOf('a'), { ...named('a'), [mode]: 'warn' })
  t.strictSame(
    problems.slice(0, 6).map(({ message }) => message),
    [
      'list namespaces: 403 namespaces is forbidden; grant this right to the user or service account',
      'list namespaces: 401 Unauthorized; renew the credentials that the kubeconfig or the service account gives',
      'list namespaces: 503 busy; check that the API server can be reached from here',
      'list namespaces: the answer is not JSON; check that the address is that of a Kubernetes API server',
      'list namespaces: the answer is not a list; check that the address is that of a Kubernetes API server',
      'list namespaces: 500 without a readable message; check that the API server can be reached from here',
    ],
  )
  t.equal(problems[6]?.code, 'unavailable')
})

t.test('a server that ends every watch at once is not asked in a loop', async t => {
  const { namespaces, labels, watches, problems } = await cluster(t, { first: 20, most: 5000 })
  await labels.start()
  const end = Date.now() + 400
  while (Date.now() < end) {
    namespaces.bookmark()
    namespaces.end()
    await new Promise(resolve => setTimeout(resolve, 2))
  }
  // Pauses of at least 10, 20, 40, 80, 160, 320 ms.
  t.ok(watches().length <= 7, `${watches().length} watches in 400 ms`)
  t.strictSame(problems, [])
})

t.test('the server comes up without an API server, and finds it later', async t => {
  const { namespaces, server, labels, lists } = await cluster(t, { firstListLimit: 30, answerLimit: 80 })
  namespaces.set('a', { [mode]: 'warn' })
  server.next(silent)
  await labels.start()
  t.equal(lists().length, 1, 'it waits for the first list no longer')
  await until(() => namespaces.watches.size === 1)
  t.strictSame(labels.labelsOf('a'), { ...named('a'), [mode]: 'warn' })
})

t.test('pages without end are refused', async t => {
  const { server, labels, problems } = await cluster(t, {
    most: 100_000,
    first: 100_000,
    firstListLimit: 20_000,
  })
  const page = answer(200, { metadata: { resourceVersion: '1', continue: 'again' }, items: [] })
  for (let n = 0; n < 200; n += 1) server.next(page)
  void labels.start()
  await until(() => problems.length === 1)
  t.match(problems, [{ code: 'invalid-answer', why: 'more than 200 pages' }])
  t.equal(server.received.length, 200)
})

t.test('a name that memory lacks costs one request, whose outcome stands', async t => {
  const { namespaces, server, labels } = await cluster(t, { lookupMemory: 600_000 })
  const asked = () => server.received.filter(({ url }) => /namespaces\/./.test(url.pathname)).length
  namespaces.set('new', { [mode]: 'off', other: 'x' })
  // Not started: everything is a miss.
  const answers = await Promise.all(Array.from({ length: 50 }, async () => labels.labelsOf('new')))
  t.strictSame(answers[49], { ...named('new'), [mode]: 'off', other: 'x' })
  t.equal(asked(), 1)
  t.equal(await labels.labelsOf('gone'), undefined)
  t.equal(await labels.labelsOf('gone'), undefined)
  t.equal(asked(), 2)
  for (const name of ['', '../secrets', 'UPPER', 'a/b', 'x'.repeat(64)]) {
    t.equal(await labels.labelsOf(name), undefined, JSON.stringify(name))
  }
  t.equal(asked(), 2, 'no such name can exist')
})

t.test('what was looked up is asked for again after a while', async t => {
  const { server, labels } = await cluster(t, { lookupMemory: 1 })
  for (let n = 0; n < 2; n++) {
    t.equal(await labels.labelsOf('gone'), undefined)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  t.equal(server.received.length, 2)
})

t.test('what look-ups leave behind is bounded', async t => {
  const { server, labels } = await cluster(t)
  const names = Array.from({ length: 251 }, (_, n) => `n${n}`)
  for (let start = 0; start < names.length; start += 50) {
    await Promise.all(names.slice(start, start + 50).map(async name => labels.labelsOf(name)))
  }
  t.equal(server.received.length, 251)
  await labels.labelsOf('n250')
  t.equal(server.received.length, 251, 'the newest is remembered')
  await labels.labelsOf('n0')
  t.equal(server.received.length, 252, 'the oldest is forgotten')
})

t.test('a look-up that fails rejects in time, and the failure stands too', async t => {
  const { server, labels } = await cluster(t, { lookupLimit: 1000 })
  server.next(silent)
  await t.rejects(async () => labels.labelsOf('slow'), { code: 'timeout', what: 'get namespace slow' })
  await t.rejects(async () => labels.labelsOf('slow'), { code: 'timeout' })
  t.equal(server.received.length, 1)
})

t.test('an answer that does not end is cut off', async t => {
  const { server, labels } = await cluster(t)
  server.next(answer(200, 'x'.repeat(33_554_433)))
  await t.rejects(async () => labels.labelsOf('big'), {
    code: 'invalid-answer',
    why: 'the answer is larger than 33554432 bytes',
  })
})

t.test('close ends everything that is under way', async t => {
  const { namespaces, server, labels, problems } = await cluster(t)
  await labels.start()
  await until(() => namespaces.watches.size === 1)
  server.next(silent)
  const pending = labels.labelsOf('slow')
  const rejected = t.rejects(Promise.resolve(pending), { code: 'closed' })
  await until(() => server.received.some(({ url }) => url.pathname.endsWith('/slow')))
  await labels.close()
  await rejected
  await until(async () => (await server.connections()) === 0)
  t.strictSame(problems, [])
  await labels.start()
  t.equal(namespaces.watches.size, 0, 'closed for good')
})
