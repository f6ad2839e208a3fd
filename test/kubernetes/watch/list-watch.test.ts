import { writeFile } from 'node:fs/promises'
import t from 'tap'
import type { Test } from 'tap'
import { KubernetesError, loadKubeConfig } from '../../../src/kubernetes/index.ts'
import type { ListWatchOptions, ListWatchTiming, ListSpec } from '../../../src/kubernetes/watch/list-spec.ts'
import { ListWatch } from '../../../src/kubernetes/watch/list-watch.ts'
import { startChaosProxy } from '../../support/network/chaos-proxy.ts'
import { answer, refuse, silent, startApiServer, until } from '../../support/kubernetes/fake-api-server.ts'
import { FakeThings } from '../../support/kubernetes/fake-things.ts'

interface Thing {
  readonly name: string
  readonly size: number
}

const things = '/apis/example.org/v1/things'
const older = '/apis/example.org/v1beta1/things'

const listed: ListSpec<Thing> = {
  what: 'things',
  path: things,
  shape: 'whole',
  read(object, what) {
    const { metadata, size } = JSON.parse(JSON.stringify(object))
    if (typeof size !== 'number')
      throw new KubernetesError('invalid-answer', { what, why: 'a thing without a size' })
    return { name: metadata.name, size }
  },
  grant: 'add to its ClusterRole: things',
  pageSize: 4,
  mostPages: 1000,
}

const timing: ListWatchTiming = {
  answerLimit: 5000,
  silenceLimit: 5000,
  watchSeconds: 60,
  first: 5,
  most: 10,
  firstListLimit: 10_000,
}

type Changes = Partial<Pick<ListWatchOptions<Thing>, 'versions'>> & {
  readonly timing?: Partial<ListWatchTiming>
  readonly user?: unknown
  readonly through?: boolean
}

async function cluster(t: Test, changes: Changes = {}) {
  const objects = new FakeThings()
  const server = await startApiServer(objects.handler)
  const proxy = await startChaosProxy(Number(new URL(server.url).port))
  const kubeConfig = await loadKubeConfig({
    path: server.kubeconfig(t.testdir({ token: 'first-token' }), {
      ...(changes.through === true && { server: `https://127.0.0.1:${proxy.port}` }),
      ...(changes.user !== undefined && { user: changes.user }),
    }),
  })
  const problems: KubernetesError[] = []
  const known = new Map<string, number>()
  let replaced = 0
  const watch = new ListWatch<Thing>({
    kubeConfig,
    versions: changes.versions ?? [listed],
    sink: {
      replace(all) {
        replaced += 1
        known.clear()
        for (const { name, size } of all) known.set(name, size)
      },
      set: ({ name, size }) => void known.set(name, size),
      delete: ({ name }) => void known.delete(name),
    },
    onProblem: problem => problems.push(problem),
    timing: { ...timing, ...changes.timing },
  })
  t.teardown(async () => {
    await watch.close()
    await proxy.close()
    await server.close()
  })
  const asked = (query: RegExp) => server.received.filter(({ url }) => query.test(url.search))
  const watching = () => until(() => objects.watchers.size === 1)
  return { objects, server, proxy, watch, known, problems, asked, watching, replaced: () => replaced }
}

const thing = (name: string, size = 1) => ({ metadata: { name }, size })

function fill(objects: FakeThings, count: number, path = things): void {
  for (let n = 0; n < count; n += 1) objects.set(path, thing(`t${n}`))
}

t.test('pages come over one connection, and are of one moment', async t => {
  const { objects, server, watch, known, problems } = await cluster(t)
  fill(objects, 10)
  const ports = new Set<number | undefined>()
  for (let n = 0; n < 3; n += 1)
    server.next((received, response) => {
      ports.add(response.socket?.remotePort)
      // Written while the pages are read: the watch tells of it.
      objects.set(things, thing(`during-${n}`))
      objects.handler(received, response)
    })
  await watch.start()
  await until(() => known.size === 13)
  t.equal(ports.size, 1)
  t.strictSame(problems, [])
  t.equal(watch.synced, true)
  t.equal(watch.isBehind, false)
})

t.test('what changes in an hour of watches costs one list', async t => {
  const { objects, watch, known, asked, watching, problems } = await cluster(t)
  fill(objects, 3)
  await watch.start()
  for (let n = 0; n < 5; n += 1) {
    await watching()
    objects.set(things, thing('a', n))
    objects.set(things, thing(`b${n}`))
    if (n > 0) objects.remove(things, '', `b${n - 1}`)
    objects.bookmark()
    objects.end()
    objects.set(things, thing('between', n))
    await until(() => known.get('between') === n)
  }
  t.strictSame([...known.keys()].toSorted(), ['a', 'b4', 'between', 't0', 't1', 't2'])
  t.equal(asked(/limit=/).length, 1)
  t.strictSame(problems, [])
})

t.test('410 in the middle of pages begins the list anew, and loses no deletion', async t => {
  const { objects, server, watch, known, problems, replaced } = await cluster(t)
  fill(objects, 10)
  server.next(objects.handler)
  server.next((received, response) => {
    objects.remove(things, '', 't0')
    objects.compact()
    objects.handler(received, response)
  })
  await watch.start()
  t.equal(known.size, 9)
  t.equal(known.has('t0'), false)
  t.equal(replaced(), 1)
  t.match(problems, [{ code: 'gone', what: 'list things' }])
})

t.test('a version that the server has forgotten is followed by a list', async t => {
  const { objects, watch, known, problems, watching, replaced } = await cluster(t)
  fill(objects, 2)
  await watch.start()
  await watching()
  objects.end()
  await until(() => objects.watchers.size === 0)
  objects.remove(things, '', 't0')
  objects.compact()
  await until(() => replaced() === 2)
  t.strictSame([...known.keys()], ['t1'])
  t.match(problems, [{ code: 'gone', message: 'watch things: too old resource version; list again' }])
})

t.test('a page that fails is asked for again, not all before it', async t => {
  const { objects, server, watch, known, problems, asked } = await cluster(t)
  fill(objects, 10)
  server.next(objects.handler)
  server.next(refuse(503, 'busy'))
  server.next((_, response) => response.destroy())
  server.next(refuse(401, 'Unauthorized'))
  await watch.start()
  t.equal(known.size, 10)
  t.equal(asked(/limit=/).length, 3 + 3)
  t.strictSame(problems, [])
})

t.test('an answer that is too large is asked for in smaller pages', async t => {
  const { objects, server, watch, known, asked } = await cluster(t, {
    versions: [{ ...listed, pageSize: 8 }],
  })
  fill(objects, 5)
  server.next(answer(200, 'x'.repeat(33_554_433)))
  await watch.start()
  t.equal(known.size, 5)
  t.strictSame(
    asked(/limit=/).map(({ url }) => url.searchParams.get('limit')),
    ['8', '2', '2', '2'],
  )
})

t.test('a single object that is too large is a problem like any other', async t => {
  const { server, watch, problems } = await cluster(t, { versions: [{ ...listed, pageSize: 1 }] })
  server.next(answer(200, 'x'.repeat(33_554_433)))
  await watch.start()
  t.match(problems, [{ code: 'invalid-answer', why: /larger than 33554432 bytes/ }])
  t.equal(watch.synced, true, 'and is tried again')
})

t.test('the server is left alone for as long as it asks', async t => {
  const { server, watch, problems } = await cluster(t)
  const times: number[] = []
  server.next((_, response) => {
    times.push(performance.now())
    response.writeHead(429, { 'retry-after': '1' }).end('{}')
  })
  await watch.start()
  t.ok(performance.now() - (times[0] ?? 0) >= 990)
  t.match(problems, [{ code: 'unavailable', retryAfter: 1000 }])
})

t.test('"too many requests" within a watch leaves its place', async t => {
  const { objects, watch, asked, watching, problems } = await cluster(t)
  await watch.start()
  await watching()
  const busy = { code: 429, message: 'storage is (re)initializing', details: { retryAfterSeconds: 0 } }
  objects.send({ type: 'ERROR', object: busy })
  await until(() => asked(/watch=true/).length === 2)
  t.equal(asked(/limit=/).length, 1)
  t.match(problems, [{ code: 'unavailable', why: 'storage is (re)initializing' }])
})

t.test('watches that all break at once are followed by a list', async t => {
  const { objects, server, watch, known, watching, replaced } = await cluster(t)
  server.next(objects.handler)
  for (let n = 0; n < 3; n += 1) server.next((_, response) => response.destroy())
  await watch.start()
  await until(() => replaced() === 2)
  await watching()
  objects.set(things, thing('a'))
  await until(() => known.has('a'))
})

t.test('what may not be listed is refused with the rule to add, and asked for again later', async t => {
  const { objects, watch, problems, asked } = await cluster(t, { timing: { refusal: 300 } })
  objects.forbidden.add(things)
  await watch.start()
  t.equal(watch.synced, false)
  t.equal(watch.isBehind, true)
  t.equal(watch.problem?.message, `list things: 403 ${things} is forbidden; add to its ClusterRole: things`)
  t.equal(asked(/limit=/).length, 1)
  objects.forbidden.clear()
  await until(() => watch.synced)
  t.equal(watch.problem, undefined)
  t.equal(problems.length, asked(/limit=/).length - 1)
})

t.test('what may be listed but not watched is listed again and again', async t => {
  const { objects, server, watch, known, problems } = await cluster(t, { timing: { refusal: 20 } })
  fill(objects, 1)
  server.next(objects.handler)
  server.next(refuse(403, 'cannot watch'))
  await watch.start()
  objects.set(things, thing('a'))
  await until(() => known.has('a'))
  t.match(problems, [{ what: 'watch things', code: 'forbidden' }])
})

t.test('a kind that is not there is absent, quietly, until it comes', async t => {
  const versions: Changes['versions'] = [listed, { ...listed, path: older }]
  const { objects, watch, known, problems } = await cluster(t, { versions, timing: { absence: 30 } })
  objects.absent.add(things).add(older)
  fill(objects, 2, older)
  await watch.start()
  t.equal(watch.isAbsent, true)
  t.equal(watch.synced, false)
  objects.absent.delete(older)
  await until(() => watch.synced)
  t.equal(watch.isAbsent, false)
  t.equal(known.size, 2)
  t.strictSame(problems, [])
})

t.test('a version that goes is followed by the one that came', async t => {
  const versions: Changes['versions'] = [listed, { ...listed, path: older }]
  const { objects, watch, known, watching } = await cluster(t, { versions, timing: { absence: 3_600_000 } })
  objects.absent.add(things)
  fill(objects, 1, older)
  fill(objects, 2)
  await watch.start()
  t.equal(known.size, 1)
  await watching()
  objects.absent.delete(things)
  objects.absent.add(older)
  objects.end()
  await until(() => known.size === 2)
})

t.test('a kind that was there and is not found is a problem, and nothing is forgotten', async t => {
  const { objects, watch, known, problems, watching } = await cluster(t, { timing: { absence: 3_600_000 } })
  fill(objects, 2)
  await watch.start()
  await watching()
  objects.absent.add(things)
  objects.end()
  await until(() => problems.length > 3)
  t.match(watch.problem, { code: 'not-found' })
  t.equal(watch.isAbsent, false)
  t.equal(known.size, 2)
  objects.absent.clear()
  await watching()
})

t.test('objects that cannot be read are counted and left out', async t => {
  const { objects, watch, known, problems, watching, asked } = await cluster(t)
  objects.set(things, { metadata: { name: 'odd' }, size: 'large' })
  objects.set(things, { metadata: { name: 'odder' }, size: null })
  fill(objects, 1)
  await watch.start()
  t.equal(watch.unreadable, 2)
  await watching()
  objects.send({ type: 'ADDED', object: { metadata: { resourceVersion: '5000' } } })
  objects.set(things, thing('a'))
  await until(() => known.has('a'))
  t.equal(watch.unreadable, 3)
  t.strictSame([...known.keys()], ['t0', 'a'])
  t.strictSame(
    problems.map(({ what, why }) => `${what}: ${why}`),
    ['list things: a thing without a size', 'watch things: a thing without a size'],
  )
  t.equal(asked(/limit=/).length, 1)
})

t.test('a reader that throws anything ends nothing', async t => {
  const { objects, watch, problems } = await cluster(t, {
    versions: [
      {
        ...listed,
        read() {
          throw new RangeError('Maximum call stack size exceeded')
        },
      },
    ],
  })
  fill(objects, 1)
  await watch.start()
  t.equal(watch.synced, true)
  t.match(problems, [{ code: 'invalid-answer', why: 'an object that cannot be read' }])
})

t.test('a token that expires is read anew from its file', async t => {
  const folder = t.testdir({ token: 'first-token' })
  const user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile: `${folder}/token` } } }
  const { objects, server, watch, watching, asked, problems } = await cluster(t, { user })
  await writeFile(`${folder}/token`, 'first-token\n')
  await watch.start()
  await watching()
  server.next(refuse(401, 'Unauthorized'))
  await writeFile(`${folder}/token`, 'second-token\n')
  objects.end()
  await until(() => asked(/watch=true/).length === 3)
  t.strictSame(
    server.received.map(({ authorization }) => authorization),
    ['Bearer first-token', 'Bearer first-token', 'Bearer second-token', 'Bearer second-token'],
  )
  t.match(problems, [{ code: 'unauthorized', what: 'watch things' }])
  t.equal(asked(/limit=/).length, 1)
})

t.test('a watch that falls silent is taken up again', async t => {
  const { objects, watch, known, problems, asked } = await cluster(t, { timing: { silenceLimit: 60 } })
  await watch.start()
  await until(() => problems.length > 0)
  objects.set(things, thing('a'))
  await until(() => known.has('a'))
  t.match(problems[0], { code: 'timeout', why: 'no sign of life for 60 ms' })
  t.ok(asked(/limit=/).length < asked(/watch=true/).length)
})

t.test('close while a page is waited for', async t => {
  const { objects, server, watch, problems } = await cluster(t)
  fill(objects, 10)
  server.next(objects.handler)
  server.next(silent)
  const started = watch.start()
  await until(() => server.received.length === 2)
  await watch.close()
  await started
  await until(async () => (await server.connections()) === 0)
  t.equal(watch.synced, false)
  t.strictSame(problems, [])
})

t.test('with every connection cut five times a second, memory ends as the server has it', async t => {
  const { objects, proxy, watch, known, asked } = await cluster(t, { through: true })
  fill(objects, 100)
  void watch.start()
  const stop = proxy.cutEach(200)
  const end = Date.now() + 4000
  for (let n = 0; Date.now() < end; n += 1) {
    objects.set(things, thing(`n${n}`, n))
    objects.set(things, thing(`t${n % 100}`, n))
    if (n >= 20) objects.remove(things, '', `n${n - 20}`)
    if (n % 150 === 149) objects.compact()
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  stop()
  objects.set(things, thing('last', 1))
  await until(() => known.has('last'))
  const expected = objects.all(things).map(({ metadata, size }) => [metadata.name, size] as const)
  t.strictSame(
    [...known].toSorted(([one], [other]) => one.localeCompare(other)),
    expected.toSorted(([one], [other]) => one.localeCompare(other)),
  )
  t.comment(`${asked(/watch=true/).length} watches, ${asked(/limit=/).length} pages`)
})
