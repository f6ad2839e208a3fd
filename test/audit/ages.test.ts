import * as fc from 'fast-check'
import t from 'tap'
import { ageText, readAges } from '../../src/audit/ages.ts'
import { mergedAges, mostAges, withAges, type Age, type Ages } from '../../src/audit/ages.ts'
import { rememberAges, type AgeStore, type DriftReport } from '../../src/audit/index.ts'
import { report, type Row } from '../notification/reports.ts'

const key = 'docker.io/library/nginx:1.25.1 patch'
const cycle = Date.UTC(2026, 0, 1)

function cycleOf(rows: readonly Row[], { complete = true, at = cycle } = {}): DriftReport {
  return { ...report(rows, complete), startedAt: at }
}

type Case = readonly [
  what: string,
  known: Age | undefined,
  row: Row,
  since: number | undefined,
  next: unknown,
]

const outdated: Row = { newest: '1.25.5' }
const dated: Row = { newest: '1.25.5', since: 9_000 }
const cases: readonly Case[] = [
  ['first seen with a date', undefined, dated, 9_000, { isCurrent: false, since: 9_000 }],
  ['first seen without one', undefined, outdated, undefined, { isCurrent: false, since: undefined }],
  ['a later date', { isCurrent: false, since: 5_000 }, dated, 5_000, { isCurrent: false, since: 5_000 }],
  ['an earlier date', { isCurrent: false, since: 12_000 }, dated, 9_000, { isCurrent: false, since: 9_000 }],
  [
    'another replica saw it',
    { isCurrent: false, since: 5_000 },
    outdated,
    5_000,
    { isCurrent: false, since: 5_000 },
  ],
  [
    'current until now',
    { isCurrent: true, since: undefined },
    outdated,
    cycle,
    { isCurrent: false, since: cycle },
  ],
  [
    'current until now, dated',
    { isCurrent: true, since: undefined },
    dated,
    9_000,
    { isCurrent: false, since: 9_000 },
  ],
  [
    'behind from the beginning',
    { isCurrent: false, since: undefined },
    outdated,
    undefined,
    { isCurrent: false, since: undefined },
  ],
  [
    'no more behind',
    { isCurrent: false, since: 5_000 },
    {},
    undefined,
    { isCurrent: true, since: undefined },
  ],
  [
    'not to be seen',
    { isCurrent: false, since: 5_000 },
    { verdict: 'unknown' },
    undefined,
    { isCurrent: false, since: 5_000 },
  ],
  ['never seen', undefined, { verdict: 'unknown' }, undefined, undefined],
]

for (const [what, known, row, since, next] of cases)
  t.test(what, t => {
    const { report: aged, ages } = withAges(
      cycleOf([row]),
      new Map(known === undefined ? [] : [[key, known]]),
    )
    t.equal(aged.rows[0]?.since, since)
    t.strictSame(ages.get(key), next)
    t.end()
  })

t.test('workloads with one image have one age', t => {
  const rows = [dated, { ...outdated, name: 'b', since: 7_000 }, { ...outdated, name: 'c' }]
  const { report: aged, ages } = withAges(cycleOf(rows), new Map())
  t.strictSame(
    aged.rows.map(({ since }) => since),
    [7_000, 7_000, 7_000],
  )
  t.equal(ages.size, 1)
  t.end()
})

t.test('what has no tag, or only moved on, has no age', t => {
  const rows: readonly Row[] = [
    { image: `nginx@sha256:${'a'.repeat(64)}`, verdict: 'unversioned' },
    { image: 'NOT AN IMAGE', verdict: 'unknown' },
    { image: 'nginx:latest', verdict: 'outdated', moved: true },
  ]
  const { report: aged, ages } = withAges(cycleOf(rows), new Map())
  t.strictSame(
    aged.rows.map(({ since }) => since),
    [undefined, undefined, undefined],
  )
  t.strictSame(ages, new Map())
  t.end()
})

t.test('only a complete report forgets', t => {
  const known: Ages = new Map([['gone', { isCurrent: false, since: 1 }]])
  t.strictSame([...withAges(cycleOf([dated], { complete: false }), known).ages.keys()], ['gone', key])
  t.strictSame([...withAges(cycleOf([dated]), known).ages.keys()], [key])
  t.end()
})

t.test('there are never more than fit, and those with an instant stay', t => {
  const many: [string, Age][] = Array.from({ length: mostAges }, (_, at) => [
    `current-${at}`,
    { isCurrent: true, since: undefined },
  ])
  const ages = mergedAges(new Map(many), new Map([['old', { isCurrent: false, since: 1 }]]))
  t.equal(ages.size, mostAges)
  t.strictSame(ages.get('old'), { isCurrent: false, since: 1 })
  t.end()
})

const anyAges = fc
  .array(
    fc.tuple(
      fc.string(),
      fc.record(
        {
          isCurrent: fc.boolean(),
          since: fc.option(fc.nat(), { nil: undefined }),
        },
        { noNullPrototype: true },
      ),
    ),
  )
  .map((entries): Ages => new Map(entries))

const sorted = (ages: Ages) => [...ages].toSorted(([a], [b]) => (a < b ? -1 : 1))
const instants = (ages: Ages) => sorted(ages).map(([name, { since }]) => [name, since])

t.test('a text gives back its ages, and joining loses no instant, in either order', t => {
  fc.assert(
    fc.property(anyAges, anyAges, (one, other) => {
      t.strictSame([...readAges(ageText(one))], sorted(one))
      t.strictSame(instants(mergedAges(one, other)), instants(mergedAges(other, one)))
      for (const [name, { since }] of one)
        if (since !== undefined) t.ok((mergedAges(one, other).get(name)?.since ?? Infinity) <= since)
    }),
    { numRuns: 50 },
  )
  t.end()
})

for (const [text, message] of [
  ['', 'the ages of images are not JSON'],
  ['null', 'the ages of images have format undefined, not 1'],
  ['{"format":2,"ages":[]}', 'the ages of images have format 2, not 1'],
  ['{"format":1}', 'the ages of images are no list'],
  ['{"format":1,"ages":[["a",1,2]]}', 'the ages of images have something strange in their list'],
  ['{"format":1,"ages":[["a",null]]}', 'the ages of images have something strange in their list'],
] as const)
  t.test(`not taken: ${text}`, t => {
    t.throws(() => readAges(text), { name: 'AgeTextError', message })
    t.end()
  })

/** One text for several processes, of which the one that has not read the newest cannot write. */
function sharedStore() {
  const shared = { text: ageText(new Map()), version: 0, saves: 0 }
  const open = (): AgeStore => {
    let seen = 0
    return {
      async load() {
        seen = shared.version
        return shared.version === 0 ? undefined : shared.text
      },
      async save(text) {
        if (seen !== shared.version) throw new Error('superseded')
        seen = shared.version += 1
        shared.saves += 1
        shared.text = text
      },
    }
  }
  return { shared, open }
}

const signal = new AbortController().signal

t.test('the next leader knows since when, and since what', async t => {
  const { shared, open } = sharedStore()
  const one = rememberAges(open())
  await one.load(signal)
  t.match(one.apply(cycleOf([dated, { name: 'b', image: 'redis:7.2.5' }])).rows, [{ since: 9_000 }, {}])
  await one.save(signal)
  await one.save(signal)
  t.equal(shared.saves, 1, 'written on change')
  one.apply(
    cycleOf([
      { newest: '1.25.6', since: 9_000 },
      { name: 'b', image: 'redis:7.2.5' },
    ]),
  )
  await one.save(signal)
  t.equal(shared.saves, 1, 'a still newer tag is no change')

  const two = rememberAges(open())
  await two.load(signal)
  const later = cycleOf([outdated, { name: 'b', image: 'redis:7.2.5', newest: '7.2.6' }], { at: cycle + 1 })
  t.match(two.apply(later).rows, [{ since: 9_000 }, { since: cycle + 1 }])
})

t.test('after a conflict both are joined', async t => {
  const { open, shared } = sharedStore()
  const [one, two] = [rememberAges(open()), rememberAges(open())]
  await one.load(signal)
  await two.load(signal)
  one.apply(cycleOf([dated]))
  two.apply(
    cycleOf([
      { ...outdated, since: 3_000 },
      { name: 'b', image: 'redis:7.2.4', newest: '7.2.5', since: 4_000 },
    ]),
  )
  await one.save(signal)
  await t.rejects(two.save(signal), { message: 'superseded' })
  await two.save(signal)
  t.match(readAges(shared.text).get(key), { since: 3_000 })
  t.match(readAges(shared.text).get('docker.io/library/redis:7.2.4 patch'), { since: 4_000 })
})

t.test('what cannot be read is not written over, and a cycle goes on without it', async t => {
  let isDown = true
  let saved: string | undefined
  const kept = ageText(new Map([[key, { isCurrent: false, since: 1_000 }]]))
  const ages = rememberAges({
    async load() {
      if (isDown) throw new Error('no copy is whole')
      return kept
    },
    async save(text) {
      saved = text
    },
  })
  await t.rejects(ages.load(signal), { message: 'no copy is whole' })
  t.match(ages.apply(cycleOf([dated, { name: 'b', image: 'redis:7.2.5' }])).rows, [{ since: 9_000 }, {}])
  await t.rejects(ages.save(signal), { message: 'no copy is whole' })
  t.equal(saved, undefined)
  isDown = false
  await ages.save(signal)
  t.match(readAges(saved ?? '').get(key), { isCurrent: false, since: 1_000 })
  t.match(ages.apply(cycleOf([dated])).rows, [{ since: 1_000 }])
})
