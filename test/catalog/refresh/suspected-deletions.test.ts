import t from 'tap'
import {
  judgeAnswer,
  nextLookAfter,
  type Suspicion,
} from '../../../src/catalog/refresh/suspected-deletions.ts'
import { app, failed, hour, listing, minute, settle, setUp, tagsIn, type Answer } from '../fake-source.ts'
import { portError } from '../../support/registry/registry-fixture.ts'

t.test('what looks that lack tags lead to', t => {
  const rows: readonly (readonly [string, readonly (readonly number[])[], readonly number[] | undefined])[] =
    [
      ['nothing lacking is taken at once', [[]], []],
      ['once is not enough', [[1]], undefined],
      ['twice the same is', [[1], [1]], [1]],
      [
        'all',
        [
          [1, 2, 3],
          [1, 2, 3],
        ],
        [1, 2, 3],
      ],
      ['a flapping walk is not believed', [[1], [1, 2]], undefined],
      ['what three looks lack goes', [[1], [1, 2], [1, 3]], [1]],
      ['and else nothing does', [[1], [2], [3]], []],
      ['in between all was there', [[1], []], []],
      ['less than before', [[1, 2], [1]], undefined],
      ['less than before, again', [[1, 2], [1], [1]], [1]],
    ]
  for (const [what, looks, gone] of rows) {
    let suspicion: Suspicion | undefined
    let found: readonly number[] | undefined
    for (const lacking of looks) {
      const judgement = judgeAnswer(Float64Array.from(lacking), suspicion)
      suspicion = judgement.taken ? undefined : judgement.suspicion
      found = judgement.taken ? [...judgement.gone] : undefined
    }
    t.same(found, gone, what)
  }
  t.same([nextLookAfter(1, 0), nextLookAfter(1, 0.5), nextLookAfter(2, 0.5)], [54_000, minute, 5 * minute])
  t.end()
})

const all = Array.from({ length: 595 }, (_, n) => `1.${n}.0`)

t.test('a walk that flaps changes nothing', async t => {
  const { catalog, say, pass, suspicions, asked } = setUp(all)
  const first = await catalog.lookUp(app)
  for (const count of [506, 490]) {
    say(all.slice(0, count))
    await pass(31 * minute)
    catalog.known(app)
    await settle()
    t.equal(catalog.known(app)?.learned, first.learned, 'the old one stays in force')
    t.equal(catalog.known(app)?.age, 31 * minute, 'with its age')
    say(all)
    await pass(minute)
    t.equal(catalog.known(app)?.learned, first.learned)
    t.equal(catalog.known(app)?.age, 0)
  }
  t.match(suspicions, [
    { repository: app, held: 595, lacking: 89, looks: 1 },
    { repository: app, held: 595, lacking: 105, looks: 1 },
  ])
  t.equal(asked.length, 5)
})

t.test('a tag that went is gone after a second look, and not before', async t => {
  const { catalog, say, pass, queries, timers, asked } = setUp(
    listing(['1.0.0', '1.0.1'], { validator: 'a' }),
  )
  await catalog.lookUp(app)
  say(['1.0.0', '0.9.0'])
  await pass(31 * minute)
  catalog.known(app)
  await settle()
  t.same(tagsIn(catalog.known(app)?.learned), ['1.0.0', '1.0.1'])
  t.equal(timers.size, 1)
  for (let admissions = 0; admissions < 100; admissions++) catalog.known(app)
  await settle()
  t.equal(asked.length, 2, 'admissions hasten nothing')
  await pass(minute)
  t.same(tagsIn(catalog.known(app)?.learned), ['0.9.0', '1.0.0'])
  t.same(
    queries.map(({ held, urgency }) => [held, urgency]),
    [
      [undefined, 'first-look-up'],
      [{ tags: 2, validator: 'a', additions: true }, 'refresh'],
      [undefined, 'refresh'],
    ],
    'a second look asks for everything',
  )
  t.equal(timers.size, 0)
})

t.test('a lower answer of the same length is no better', async t => {
  const { catalog, say, pass } = setUp(['1.0.0', '1.0.1'])
  await catalog.lookUp(app)
  say(['1.0.0', '0.0.9'])
  await pass(31 * minute)
  catalog.known(app)
  await settle()
  t.same(tagsIn(catalog.known(app)?.learned), ['1.0.0', '1.0.1'])
})

t.test('a repository that is not found twice is gone, and may come back as old as it was', async t => {
  const { catalog, say, pass, clock } = setUp(['1.0.0'])
  await catalog.lookUp(app)
  say(['1.0.0', '1.0.1'])
  await pass(31 * minute)
  catalog.known(app)
  await settle()
  const seen = clock.now
  say(failed('not-found'))
  await pass(31 * minute)
  catalog.known(app)
  await settle()
  t.same(tagsIn(catalog.known(app)?.learned), ['1.0.0', '1.0.1'])
  await pass(minute)
  t.equal(catalog.known(app), undefined)
  t.equal((await portError(catalog.lookUp(app))).code, 'not-found')
  say(['1.0.1', '1.0.2'])
  await pass(6 * minute)
  const back = await catalog.lookUp(app)
  t.same(tagsIn(back.learned), ['1.0.1', '1.0.2'], 'what was there before it was gone need not be there')
  t.equal(back.firstSeen?.('1.0.1'), Math.floor(seen / 1000) * 1000)
  t.equal(catalog.known(app)?.learned, back.learned)
})

t.test('an answer of the registry that nothing of the old is in', async t => {
  const answers: readonly (readonly [string, Answer])[] = [
    ['empty', []],
    ['not found', failed('not-found')],
  ]
  for (const [what, answer] of answers) {
    const { catalog, say, pass } = setUp(['1.0.0'])
    await catalog.lookUp(app)
    say(answer)
    await pass(31 * minute)
    catalog.known(app)
    await settle()
    t.same(tagsIn(catalog.known(app)?.learned), ['1.0.0'], what)
    say(['1.0.0', '1.0.1'])
    await pass(2 * minute)
    t.same(tagsIn(catalog.known(app)?.learned), ['1.0.0', '1.0.1'], what)
  }
})

t.test('only tags that are legal are missed', async t => {
  const { catalog, say, pass, suspicions } = setUp(['1.0.0', `sha256-${'a'.repeat(64)}.sig`, 'no legal tag'])
  await catalog.lookUp(app)
  say(['1.0.0', '1.0.1'])
  await pass(31 * minute)
  catalog.known(app)
  await settle()
  t.same(tagsIn(catalog.known(app)?.learned), ['1.0.0', '1.0.1'])
  t.same(suspicions, [])
})

t.test('close ends second looks', async t => {
  const { catalog, say, pass, timers, asked } = setUp(['1.0.0'])
  await catalog.lookUp(app)
  say([])
  await pass(31 * minute)
  catalog.known(app)
  await settle()
  t.equal(timers.size, 1)
  await catalog.close()
  t.equal(timers.size, 0)
  await pass(hour)
  t.equal(asked.length, 2)
})
