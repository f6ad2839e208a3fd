import t from 'tap'

import type { KnownTags } from '../../../src/evaluation/index.ts'
import { app, failed, hour, listing, minute, setUp, settle, tagsIn } from '../fake-source.ts'

const of = (digit: string) => ({ digest: `sha256:${digit.repeat(64)}`, platforms: undefined })

const short = ({ learned, age, failure }: KnownTags) => [tagsIn(learned), age, failure?.message]

t.test('fresh tags are waited for where they are due, and not where they are not', async t => {
  const { catalog, say, asked, clock, queries } = setUp(['1.0.0'], { slowAfter: 0 })
  await catalog.lookUp(app)
  clock.now += 29 * minute
  t.match(catalog.known({ ...app, fresh: clock.now }), { age: 29 * minute })
  clock.now += hour
  const fresh = clock.now
  say('wait')
  t.equal(catalog.known({ ...app, fresh }), undefined)
  t.strictSame(short(await catalog.lookUp(app)), [['1.0.0'], 89 * minute, undefined], 'others do not wait')
  const waiting = catalog.lookUp({ ...app, fresh })
  clock.now += 5_000
  const late = catalog.lookUp({ ...app, fresh })
  t.equal(queries.at(-1)?.urgency, 'refresh', 'reviews go first')
  say(['1.0.0', '1.0.1'])
  t.strictSame(short(await waiting), [['1.0.0', '1.0.1'], 5_000, undefined])
  t.strictSame(short(await late), [['1.0.0', '1.0.1'], 5_000, undefined])
  t.equal(asked.length, 2)
})

t.test('what was held counts where asking again comes to nothing, and says why', async t => {
  const { catalog, say, asked, clock } = setUp(['1.0.0'])
  await catalog.lookUp(app)
  clock.now += hour
  const fresh = clock.now
  say(failed('unavailable'))
  const held = [['1.0.0'], hour, 'r.example/team/app: unavailable']
  t.strictSame(short(await catalog.lookUp({ ...app, fresh })), held)
  clock.now += minute
  const later = [['1.0.0'], hour + minute, 'r.example/team/app: unavailable']
  t.strictSame(short(await catalog.lookUp({ ...app, fresh })), later, 'once for all that want it as fresh')
  t.equal(asked.length, 2)
  say(['1.0.1'])
  t.strictSame(short(await catalog.lookUp({ ...app, fresh: clock.now })), [
    ['1.0.0'],
    hour + minute,
    'r.example/team/app: its registry now lists fewer tags, which is believed once it has said so again',
  ])
  t.equal(asked.length, 3)
  await catalog.lookUp({ ...app, fresh: clock.now })
  t.equal(asked.length, 3, 'an answer in doubt is asked for again by itself, not by each image')
})

t.test('when no time is left, what is held is told as what it is', async t => {
  const { catalog, say, clock } = setUp(['1.0.0'])
  await catalog.lookUp(app)
  say('wait')
  clock.now += hour
  const fresh = clock.now
  void catalog.lookUp({ ...app, fresh })
  const known = catalog.known({ ...app, fresh, late: true })
  t.strictSame(known && short(known), [
    ['1.0.0'],
    hour,
    'r.example/team/app: asked for again, and no answer came in time',
  ])
  await catalog.close()
  t.match(await catalog.lookUp({ ...app, fresh }), { age: hour })
})

t.test('each slice that is due is asked for', async t => {
  const { catalog, asked, clock, say } = setUp(({ slice }) => listing([`${slice}.1`], { slice }))
  for (const slice of ['1.0', '1.1']) await catalog.lookUp({ ...app, slice })
  clock.now += hour
  say(({ slice }) => listing([`${slice}.1`, `${slice}.2`], { slice }))
  const wanted = ['1.0', '1.1'].map(slice => ({ ...app, slice, fresh: clock.now }))
  const known = await Promise.all(wanted.map(each => catalog.lookUp(each)))
  t.strictSame(
    known.map(({ age, failure }) => [age, failure]),
    [
      [0, undefined],
      [0, undefined],
    ],
  )
  t.equal(asked.length, 4)
})

t.test('digests that are due are waited for too', async t => {
  const { catalog, digests, heads, clock } = setUp(['1.0.0'])
  const wanted = { ...app, tag: '1.0.0' }
  digests.set('1.0.0', of('a'))
  await catalog.digest(wanted)
  clock.now += hour
  digests.set('1.0.0', of('b'))
  const { now: fresh } = clock
  t.equal(catalog.knownDigest({ ...wanted, fresh }), undefined)
  t.match(await catalog.digest({ ...wanted, fresh }), { digest: of('b'), age: 0 })
  t.equal(heads.length, 2)
  clock.now += 6 * hour
  digests.set('1.0.0', failed('unavailable'))
  t.match(await catalog.digest({ ...wanted, fresh: clock.now }), { digest: of('b'), age: 6 * hour })
  t.match(
    catalog.knownDigest({ ...wanted, fresh: clock.now }),
    { digest: of('b') },
    'not asked again at once',
  )
  t.equal(heads.length, 3)
  await settle()
})

t.test('a tag that went was listed; one that was never seen was not', async t => {
  const { catalog, say, clock, pass } = setUp(['1.0.0', '1.0.1'])
  await catalog.lookUp(app)
  say(['1.0.0'])
  clock.now += hour
  await catalog.lookUp({ ...app, fresh: clock.now })
  for (let looks = 0; looks < 3; looks++) await pass(hour)
  const known = catalog.known(app)
  t.strictSame(known && tagsIn(known.learned), ['1.0.0'])
  t.equal(known?.wasListed?.('1.0.1'), true)
  t.equal(known?.wasListed?.('1.0.1111'), false)
})
