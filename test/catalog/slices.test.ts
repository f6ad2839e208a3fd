import t from 'tap'

import { rangeCovering, isInRanges, withRange, type TagRange } from '../../src/catalog/entry/entry.ts'
import type { TagQuery } from '../../src/evaluation/index.ts'
import { app, hour, listing, minute, settle, setUp, tagsIn, type Answer } from './fake-source.ts'
import { portError } from '../support/registry/registry-fixture.ts'

const part = (prefix: string, fetchedAt: number): TagRange => ({
  prefix,
  fetchedAt,
  refreshAt: 0,
  contentHash: '',
})

t.test('which part covers a slice', t => {
  const parts = [part('1.2', 10), part('1.25', 20), part('3', 5)]
  const rows = [
    ['1.25.', '1.25'],
    ['1.2', '1.2'],
    ['1.24', '1.2'],
    ['1', undefined],
    ['', undefined],
    [undefined, undefined],
    ['3.1', '3'],
  ] as const
  for (const [slice, prefix] of rows) t.equal(rangeCovering(parts, slice)?.prefix, prefix, `${slice}`)
  t.equal(rangeCovering([...parts, part('', 15)], '1.24')?.prefix, '', 'the newest that covers it')
  t.equal(rangeCovering([...parts, part('', 15)], undefined)?.prefix, '')
  t.equal(isInRanges(parts, '1.25.1'), true)
  t.equal(isInRanges(parts, '2'), false)
  t.same(withRange(parts, part('1', 30)), [part('3', 5), part('1', 30)], 'what it includes is not kept apart')
  t.same(withRange(parts, part('', 30)), [part('', 30)])
  let many: readonly TagRange[] = [part('', 0)]
  for (let n = 10; n < 40; n++) many = withRange(many, part(`${n}`, n))
  t.equal(many.length, 17)
  t.equal(many[0]?.prefix, '')
  t.equal(many[1]?.prefix, '24')
  t.end()
})

const repository = Array.from({ length: 30 }, (_, x) => [`${x + 10}.0`, `${x + 10}.1`]).flat()

// A registry that honours `last`: of a huge repository it gives what is asked for.
function bySlice(tags: readonly string[]): (query: TagQuery) => Answer {
  return ({ slice }) =>
    listing(slice === undefined ? tags : tags.filter(tag => tag.startsWith(slice)), { slice })
}

t.test('slices are looked up as they are wanted, and merged', async t => {
  const { catalog, queries, pass, say, suspicions } = setUp(bySlice(repository))
  t.same(tagsIn((await catalog.lookUp({ ...app, slice: '11.' })).learned), ['11.0', '11.1'])
  t.equal(catalog.known({ ...app, slice: '12.' }), undefined)
  t.equal(catalog.known(app), undefined, 'the whole is not known')
  await pass(minute)
  t.same(tagsIn((await catalog.lookUp({ ...app, slice: '12.' })).learned), ['11.0', '11.1', '12.0', '12.1'])
  t.equal(catalog.known({ ...app, slice: '11.' })?.age, minute, 'each slice has its own age')
  t.equal(catalog.known({ ...app, slice: '12.1' })?.age, 0)
  t.equal(
    catalog.known({ ...app, slice: '12.' })?.firstSeen?.('12.0'),
    undefined,
    'nobody looked there before',
  )

  say(bySlice([...repository, '12.2']))
  await pass(31 * minute)
  catalog.known({ ...app, slice: '12.' })
  await settle()
  t.same(tagsIn(catalog.known({ ...app, slice: '12.' })?.learned), ['11.0', '11.1', '12.0', '12.1', '12.2'])
  t.equal(catalog.known({ ...app, slice: '12.' })?.firstSeen?.('12.2'), 1_700_001_920_000)
  t.equal((await catalog.lookUp(app)).learned.list.length, 61)
  t.same(
    queries.map(({ slice, held }) => [slice, held]),
    [
      ['11.', undefined],
      ['12.', undefined],
      ['12.', undefined],
      [undefined, undefined],
    ],
  )
  t.same(suspicions, [])
})

t.test('a complete list is refreshed by slice, and walked once a day', async t => {
  const { catalog, queries, pass, say } = setUp(bySlice(repository))
  await catalog.lookUp(app)
  say(bySlice([...repository, '12.2', '13.2']))
  await pass(31 * minute)
  catalog.known({ ...app, slice: '12.' })
  await settle()
  t.equal(catalog.known({ ...app, slice: '12.' })?.age, 0)
  t.equal(catalog.known({ ...app, slice: '13.' })?.age, 31 * minute)
  t.equal(catalog.known(app)?.learned.list.length, 61)
  await pass(25 * hour)
  catalog.known({ ...app, slice: '12.' })
  await settle()
  t.equal(catalog.known({ ...app, slice: '13.' })?.age, 0)
  t.equal(catalog.known(app)?.learned.list.length, 62)
  t.same(
    queries.slice(1).map(({ slice, held }) => [slice, held]),
    [
      ['12.', { tags: 60, validator: undefined, additions: true }],
      ['13.', { tags: 61, validator: undefined, additions: true }],
      [undefined, undefined],
    ],
  )
})

t.test('a tag that is gone from a slice, and one beside it', async t => {
  const { catalog, pass, say } = setUp(bySlice(repository))
  await catalog.lookUp(app)
  say(bySlice(repository.filter(tag => tag !== '12.1' && tag !== '13.1')))
  await pass(31 * minute)
  catalog.known({ ...app, slice: '12.' })
  await settle()
  t.equal(catalog.known(app)?.learned.list.length, 60)
  await pass(minute)
  t.same(
    tagsIn(catalog.known(app)?.learned)?.filter(tag => /^1[23]/.test(tag)),
    ['12.0', '13.0', '13.1'],
  )
})

t.test('a slice that lacks what another has is taken where nothing is held of it', async t => {
  const { catalog, pass, say } = setUp(bySlice(['1.2.3', '1.3.0']))
  await catalog.lookUp({ ...app, slice: '1.2.' })
  say(bySlice(['1.3.0']))
  t.same(tagsIn((await catalog.lookUp({ ...app, slice: '1.' })).learned), ['1.2.3', '1.3.0'], 'nothing goes')
  await pass(minute)
  t.same(tagsIn(catalog.known({ ...app, slice: '1.' })?.learned), ['1.3.0'], 'but at a second look')
})

t.test('after sixteen slices the whole is asked for', async t => {
  const { catalog, queries } = setUp(bySlice(repository))
  for (let x = 10; x < 30; x++) await catalog.lookUp({ ...app, slice: `${x}.` })
  t.same(queries.length, 17)
  t.equal(queries.at(-1)?.slice, undefined)
  t.equal(catalog.known(app)?.learned.list.length, 60)
})

t.test('whoever wants another slice waits for the look-up under way, and the whole serves all', async t => {
  const whole = setUp('wait')
  const wanted = ['10.', '11.', '12.', undefined].map(slice =>
    whole.catalog.lookUp(slice === undefined ? app : { ...app, slice }),
  )
  whole.say(repository)
  for (const known of await Promise.all(wanted)) t.equal(known.learned.list.length, 60)
  t.equal(whole.asked.length, 1)

  const sliced = setUp('wait')
  const both = ['10.', '11.'].map(slice => sliced.catalog.lookUp({ ...app, slice }))
  sliced.say(bySlice(repository))
  for (const known of await Promise.all(both)) t.ok(known.learned.list.length >= 2)
  t.same(
    sliced.queries.map(({ slice }) => slice),
    ['10.', '11.'],
  )
})

t.test('an answer that is about something else', async t => {
  const { catalog } = setUp(listing(['2.0'], { slice: '2.' }))
  const error = await portError(catalog.lookUp({ ...app, slice: '1.' }))
  t.equal(error.message, 'r.example/team/app: the answer lacks its tags that begin with "1."')
  const whole = await portError(setUp(listing(['2.0'], { slice: '2.' })).catalog.lookUp(app))
  t.equal(whole.message, 'r.example/team/app: the answer lacks all of its tags')
})

t.test('unchanged renews the age only', async t => {
  const { catalog, say, pass, queries } = setUp(listing(['1.0', 'bad tag'], { validator: 'etag' }))
  const first = await catalog.lookUp({ ...app, slice: '1.' })
  say({ kind: 'unchanged', shared: true })
  await pass(31 * minute)
  catalog.known({ ...app, slice: '1.' })
  await settle()
  t.match(catalog.known(app), { age: 0 })
  t.equal(catalog.known(app)?.learned, first.learned)
  t.same(queries[1]?.held, { tags: 2, validator: 'etag', additions: true }, 'as many as the source listed')
  const nothing = await portError(setUp({ kind: 'unchanged', shared: true }).catalog.lookUp(app))
  t.match(nothing, { code: 'unavailable', cause: { message: 'nothing was held' } })
})

t.test('additions are added; where the count is wrong, all is listed', async t => {
  const { catalog, say, pass, queries } = setUp(listing(['1.0', '1.1'], { validator: 'a' }))
  await catalog.lookUp(app)
  say(listing(['1.2', '1.1'], { validator: 'b', additions: { total: 3 } }))
  await pass(31 * minute)
  catalog.known(app)
  await settle()
  t.same(tagsIn(catalog.known(app)?.learned), ['1.0', '1.1', '1.2'])
  t.equal(catalog.known(app)?.age, 0)
  t.equal(queries.length, 2)
  say(({ held }) =>
    held === undefined
      ? listing(['1.0', '1.1', '1.2', '1.3'], { validator: 'c' })
      : listing([], { validator: 'c', additions: { total: 4 } }),
  )
  await pass(31 * minute)
  catalog.known(app)
  await settle()
  t.same(tagsIn(catalog.known(app)?.learned), ['1.0', '1.1', '1.2', '1.3'])
  t.same(
    queries.map(({ held }) => held?.validator),
    [undefined, 'a', 'b', undefined],
  )
})
