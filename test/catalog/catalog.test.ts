import t from 'tap'

import { TagSourceError } from '../../src/evaluation/index.ts'
import { portError } from '../support/registry/registry-fixture.ts'
import { app, failed, minute, settle, setUp, start } from './fake-source.ts'

t.test('the first look-up, and then memory', async t => {
  const { catalog, asked, clock, events } = setUp(['1.0.0', '1.0.1'])
  t.equal(catalog.known(app), undefined)
  t.same(asked, [], 'known asks for nothing that was never looked up')
  const first = await catalog.lookUp(app)
  t.match(first, { age: 0, stale: false, learned: { list: { length: 2 } } })
  clock.now += 29 * minute
  t.match(catalog.known(app), { age: 29 * minute, stale: false, learned: { list: { length: 2 } } })
  t.equal((await catalog.lookUp(app)).learned, first.learned)
  await settle()
  t.same(asked, ['r.example/team/app'])
  t.match(catalog.size(), { repositories: 1, tags: 2, lookUps: 0, oldestAge: 29 * minute, bytes: Number })
  t.match(events, [
    { registry: 'r.example', repository: app, outcome: 'listed', milliseconds: 0, error: undefined },
  ])
})

t.test('callers at the same time share one look-up', async t => {
  const { catalog, asked, say, events } = setUp('wait')
  const all = Array.from({ length: 50 }, () => catalog.lookUp({ ...app }))
  t.equal(catalog.size().lookUps, 1)
  await settle()
  t.equal(catalog.size().lookUps, 1)
  say(['1.0.0'])
  for (const known of await Promise.all(all)) t.equal(known.learned.list.length, 1)
  t.equal(asked.length, 1)
  t.equal(events.length, 1)
})

t.test('a refresh goes on behind what is known', async t => {
  for (const [random, due] of [
    [0, 27],
    [0.5, 30],
    [0.999_999, 33],
  ] as const) {
    const { catalog, asked, clock, say } = setUp(['1'], { random: () => random })
    await catalog.lookUp(app)
    clock.now = start + due * minute - 10
    t.equal(catalog.known(app)?.learned.list.length, 1)
    await settle()
    t.equal(asked.length, 1, 'not due yet')
    say(['1', '2'])
    clock.now += 20
    t.match(catalog.known(app), { learned: { list: { length: 1 } } }, 'the old value at once')
    t.match(await catalog.lookUp(app), { learned: { list: { length: 1 } } })
    await settle()
    t.match(catalog.known(app), { learned: { list: { length: 2 } }, age: 0 })
    t.equal(asked.length, 2)
  }
})

t.test('the last good value is kept while the registry fails, with its age', async t => {
  const { catalog, clock, say, asked, events } = setUp(['1'])
  await catalog.lookUp(app)
  say(failed('unavailable'))
  clock.now += 31 * minute
  for (let admissions = 0; admissions < 100; admissions++) {
    t.match(catalog.known(app), { age: 31 * minute, stale: false })
    await settle()
  }
  t.equal(asked.length, 2, 'a failure is not asked about once per admission')
  clock.now += 31_000
  catalog.known(app)
  await settle()
  t.equal(asked.length, 3)
  clock.now = start + 24 * 60 * minute
  t.match(catalog.known(app), { stale: false })
  clock.now++
  t.match(catalog.known(app), { stale: true, age: 24 * 60 * minute + 1, learned: { list: { length: 1 } } })
  await settle()
  say(['1', '2'])
  clock.now += 31_000
  catalog.known(app)
  await settle()
  t.match(catalog.known(app), { stale: false, age: 0, learned: { list: { length: 2 } } })
  t.same(
    events.map(({ outcome }) => outcome),
    ['listed', 'unavailable', 'unavailable', 'unavailable', 'listed'],
  )
})

t.test('how long a failure is believed', async t => {
  const rows = [
    ['unavailable', undefined, 30_000],
    ['not-found', undefined, 5 * minute],
    ['unauthorized', undefined, 5 * minute],
    ['invalid-answer', undefined, 5 * minute],
    ['not-allowed', undefined, 5 * minute],
    ['rate-limited', start + 42_000, 42_000],
    ['rate-limited', undefined, minute],
  ] as const
  for (const [code, retryAt, wait] of rows) {
    const { catalog, clock, say, asked, events } = setUp(failed(code, retryAt))
    const error = await portError(catalog.lookUp(app))
    t.match(error, { code, message: `r.example/team/app: ${code}` })
    say(['1'])
    clock.now += wait - 1
    t.equal(await portError(catalog.lookUp(app)), error, 'the same error again')
    t.equal(asked.length, 1)
    clock.now++
    t.equal((await catalog.lookUp(app)).learned.list.length, 1)
    t.same(
      events.map(({ outcome }) => outcome),
      [code, 'listed'],
    )
  }
})

t.test('a mistake in the source is an error of the look-up', async t => {
  const cause = new TypeError('a mistake')
  const { catalog } = setUp(cause)
  const error = await portError(catalog.lookUp(app))
  t.match(error, { code: 'unavailable', message: 'r.example/team/app: the look-up failed unexpectedly' })
  t.equal(error.cause, cause)
})

t.test('nobody need listen', async t => {
  const rejections: unknown[] = []
  const onRejection = (reason: unknown) => rejections.push(reason)
  process.on('unhandledRejection', onRejection)
  t.teardown(() => process.off('unhandledRejection', onRejection))
  const { catalog, clock, say } = setUp(failed('unavailable'))
  void catalog.lookUp(app)
  await settle()
  void catalog.lookUp(app)
  clock.now += minute
  say(['1'])
  await catalog.lookUp(app)
  say(failed('not-found'))
  clock.now += 60 * minute
  catalog.known(app)
  await settle()
  t.same(rejections, [])
})

t.test('what is refused takes no place', async t => {
  const { catalog, asked, events } = setUp(['1'], {
    refusal: ({ registry }) =>
      registry === 'r.example' ? undefined : new TagSourceError('not-allowed', `${registry} is not allowed`),
    tags: 300,
    failures: 10,
    waiting: 0,
    lookUps: 1,
  })
  await catalog.lookUp(app)
  for (let hosts = 0; hosts < 1000; hosts++) {
    const error = await portError(catalog.lookUp({ registry: `evil${hosts}.example`, repository: 'x' }))
    t.equal(error.message, `evil${hosts}.example is not allowed`)
  }
  t.match(catalog.known(app), { learned: { list: { length: 1 } } })
  t.equal(asked.length, 1)
  t.equal(events.length, 1001)
  t.same(
    [...new Set(events.map(({ registry }) => registry))],
    ['r.example', 'other'],
    'labels from a closed set',
  )
})

t.test('failures push out no tags', async t => {
  const { catalog, say, asked } = setUp(['1'], { tags: 300, failures: 10 })
  await catalog.lookUp(app)
  say(failed('not-found'))
  for (let names = 0; names < 100; names++)
    await portError(catalog.lookUp({ ...app, repository: `invented/${names}` }))
  t.match(catalog.known(app), { learned: { list: { length: 1 } } })
  await portError(catalog.lookUp({ ...app, repository: 'invented/99' }))
  t.equal(asked.length, 101, 'the newest failures are remembered')
  await portError(catalog.lookUp({ ...app, repository: 'invented/0' }))
  t.equal(asked.length, 102, 'the oldest are not')
})

t.test('the budget of tags', async t => {
  const thousand = Array.from({ length: 1000 }, (_, n) => `1.0.${n}`)
  const { catalog, say } = setUp(thousand, { tags: 2500 })
  const names = ['a', 'b', 'c']
  for (const repository of names) await catalog.lookUp({ ...app, repository })
  t.same(
    names.map(repository => catalog.known({ ...app, repository }) !== undefined),
    [false, true, true],
  )
  t.match(catalog.size(), { repositories: 2, tags: 2000, lookUps: 0 })
  say(Array.from({ length: 3000 }, (_, n) => `1.0.${n}`))
  const error = await portError(catalog.lookUp(app))
  t.equal(
    error.message,
    'r.example/team/app: its 3000 tags are more than the catalog may hold; give it room for more',
  )
  t.equal(error.code, 'invalid-answer')
  t.equal(catalog.size().repositories, 2, 'and the others stay')
})

t.test('so many look-ups at a time, so many of one registry, so many waiting', async t => {
  const { catalog, asked, say, mostAtOnce } = setUp('wait', {
    lookUps: 3,
    lookUpsPerRegistry: 2,
    waiting: 6,
    waitingPerRegistry: 4,
  })
  const look = (registry: string, n: number) => catalog.lookUp({ registry, repository: `a/${n}` })
  const slow = Array.from({ length: 6 }, (_, n) => look('slow.example', n))
  await settle()
  t.equal(asked.length, 2)
  const seventh = await portError(look('slow.example', 6))
  t.equal(seventh.message, 'slow.example/a/6: too many look-ups; it is asked again later')
  t.equal(seventh.code, 'unavailable')
  const others = Array.from({ length: 3 }, (_, n) => look('r.example', n))
  await settle()
  t.same(asked.slice(2), ['r.example/a/0'], 'one slow registry leaves room')
  t.match(await portError(look('r.example', 3)), {
    message: 'r.example/a/3: too many look-ups; it is asked again later',
  })
  say(['1'])
  await Promise.all([...slow, ...others])
  t.equal(asked.length, 9)
  t.ok(mostAtOnce() <= 3)
  t.equal((await look('r.example', 3)).learned.list.length, 1, 'having had no room is not remembered')
})

t.test('close stops what goes on', async t => {
  const { catalog, asked } = setUp('wait', { lookUps: 1 })
  const running = portError(catalog.lookUp(app))
  const waiting = portError(catalog.lookUp({ ...app, repository: 'b' }))
  await settle()
  catalog.close()
  t.match(await running, { code: 'unavailable', message: 'r.example/team/app: the catalog was closed' })
  t.match(await waiting, { code: 'unavailable', message: 'r.example/b: the catalog was closed' })
  t.match(await portError(catalog.lookUp({ ...app, repository: 'c' })), {
    message: 'r.example/c: the catalog was closed',
  })
  t.equal(asked.length, 1)
})

t.test('a large list is indexed in slices', async t => {
  const { catalog } = setUp(Array.from({ length: 100_000 }, (_, n) => `1.${n % 300}.${n}`))
  let turns = 0
  const count = setInterval(() => turns++, 0)
  t.equal((await catalog.lookUp(app)).learned.list.length, 100_000)
  clearInterval(count)
  t.ok(turns > 3, `other work had ${turns} turns`)
})

t.test('a clock that is set back', async t => {
  const { catalog, clock } = setUp(['1'])
  await catalog.lookUp(app)
  clock.now -= minute
  t.match(catalog.known(app), { age: 0, stale: false })
})

t.test('a first look-up that takes long is waited for by nobody else, and goes on', async t => {
  const { catalog, clock, say, asked } = setUp('wait', { slowAfter: 800 })
  const first = catalog.lookUp(app)
  clock.now += 799
  const second = catalog.lookUp(app)
  clock.now += 1
  t.match(await portError(catalog.lookUp(app)), {
    code: 'not-checked-yet',
    message: 'r.example/team/app: its first look-up takes long, and goes on',
  })
  say(['1.0.0'])
  t.equal((await first).learned.list.length, 1)
  t.equal((await second).learned.list.length, 1)
  t.equal((await catalog.lookUp(app)).learned.list.length, 1)
  t.equal(asked.length, 1)
})

t.test('where nobody waits at all, look-ups begin all the same', async t => {
  const { catalog, asked } = setUp(['1.0.0'], { slowAfter: 0 })
  t.equal((await catalog.lookUp(app)).learned.list.length, 1)
  t.equal(asked.length, 1)
})
