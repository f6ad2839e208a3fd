import * as fc from 'fast-check'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { learnTags, readBy } from '../../../src/version/reading/learned-tags.ts'
import { compareReleases, isComparable } from '../../../src/version/reading/version.ts'
import type { Grammar } from '../../../src/version/grammar/grammar.ts'
import { learnInSlices } from '../../../src/version/grammar/learn.ts'
import { tagListOf, textsOf, type TagList } from '../../../src/version/tag/tag-list.ts'
import { casesIn } from '../cases.ts'
import { hostileTags, learnCounting, longestTag } from '../hostile.ts'
import { repository } from '../tags.ts'

const learn = (list: TagList): Grammar => learnTags(list).grammar
const learned = (tags: string) => learn(tagListOf(tags.split(' ')))

/** Tags of a repository and the roles that they teach. */
type Row = readonly [tags: string, roles: Record<string, string>]

const rows: readonly Row[] = [
  // side by side at version after version
  ['4.0-18 4.0-20 4.0.8-18 4.0.8-20 4.0.9-18 4.0.9-20 4.0.9-22', { '-#': 'choice' }],
  ['1.0.0-8.1 1.0.0-8.2 1.1.0-8.1 1.1.0-8.2 1.1.0-8.3', { '-#': 'choice' }],
  ['0.38.0-kafka-3.5.1 0.38.0-kafka-3.6.0 0.39.0-kafka-3.5.1', { '-kafka-#': 'undecided' }],
  // counted up from the bottom, anew at each version
  ['1.12.0-1 1.12.0-2 1.12.1-1 1.12.1-3 1.12.1-10', { '-#': 'revision' }],
  ['v1.24.10-x4 v1.24.13-x1 v1.24.13-x2 v1.24.17-x1', { '-x#': 'revision' }],
  ['1.0.0-e8-1.0 1.0.0-e8-1.1 1.0.1-e8-1.0 1.0.1-e8-1.1', { '-e#': 'undecided', '-e#-#': 'revision' }],
  // that go on
  [
    'v3.4.0-eks-1-23-11 v3.4.0-eks-1-23-12 v3.4.0-eks-1-24-9 v3.4.1-eks-1-23-18 v3.4.1-eks-1-24-15',
    { '-eks-#': 'undecided', '-eks-#-#': 'choice', '-eks-#-#-#': 'revision' },
  ],
  ['17.0.8-7 17.0.9-11 17.0.10-13 21.0.1-14', { '-#': 'revision' }],
  ['1.2.3-4-g4f3a9c1 1.2.3-60-g5abcde2', { '-#': 'revision' }],
  // a version beside the version
  ['3.3.5-3.4.0 3.3.5-3.4.1 3.3.7-3.5.0', { '-#': 'revision' }],
  [
    '8u1-jdk-openj9-0.20.0 8u2-jdk-openj9-0.21.0 8u3-jdk-openj9-0.22.1',
    { '-jdk-openj#': 'undecided', '-jdk-openj#-#': 'revision' },
  ],
  // words that count wherever they are used, but where they are a choice
  ['3.6.0-rancher1 3.6.0-rancher2 3.6.1-rancher1 3.6.1-rancher2', { '-rancher#': 'revision' }],
  ['3.6.0-rancher5 3.6.0-rancher6 3.6.1-rancher5 3.6.1-rancher6', { '-rancher#': 'choice' }],
  ['3.6.0-r50 3.6.0-r51 3.6.1-r50 3.6.1-r51', {}],
  ['1.0.0-v7 1.0.0-v8 1.0.1-v7 1.0.1-v8 1.0.2-v7 1.0.2-v8', { '-v#': 'choice' }],
  // too little is known: with care
  ['1.0.0-18 1.0.0-20', { '-#': 'undecided' }],
  ['1.4.0-3.9 1.4.0-3.10 1.4.0-3.11', { '-#': 'undecided' }],
  ['1.4.0-3.9 1.4.0-3.10 1.4.1-3.10 1.4.1-3.11', { '-#': 'undecided' }],
  ['1.0.0-7.2 1.0.0-7.4 1.0.1-8.0', { '-#': 'undecided' }],
  ['1.0.0-7.2 1.0.0-7.4 1.0.1-8.0 1.0.1-8.2 1.0.2-8.4', { '-#': 'revision' }],
  ['3.3.5-3.4.0 3.3.5-3.4.1', { '-#': 'undecided' }],
  ['11.0.6_1.3.9_2.12.10 11.0.6_1.3.9_2.13.1 11.0.7_1.3.9_2.13.2', { '_#': 'revision', '_#_#': 'undecided' }],
  ['1.0.0-7 1.0.0-7.4 1.0.0-8 1.0.0-8.1', { '-#': 'undecided' }],
  ['1.2.3-3 1.2.3-4 1.2.3-4.1', { '-#': 'revision' }],
  ['1.2.3-1160.5 1.2.3-1160.7', { '-#': 'revision' }],
  ['4.0.8-16 4.0.8-18 4.0.9-20 4.0.10-22', { '-#': 'undecided' }],
  ['1.2.5-8 1.2.5-11 1.2.6-17', { '-#': 'undecided' }],
  ['1.0.0-13 1.0.0-14 1.0.1-15 1.0.2-16', { '-#': 'undecided' }],
  ['1.0.0-16 1.0.0-18 1.0.0-20 1.0.1-20 1.0.1-22 1.0.1-24 1.0.2-16 1.0.2-18', { '-#': 'undecided' }],
  ['1.0.0-1804 1.0.0-2004', { '-#': 'undecided' }],
  ['1.0.0-2019 1.0.0-2022', { '-#': 'undecided' }],
  ['1.0.0-1160 1.0.0-1475', { '-#': 'revision' }],
  ['1.0.0-hadoop2 1.0.1-hadoop3', { '-hadoop#': 'undecided' }],
  [
    'v3.5.9-eks-1-27-6 v3.5.9-eks-1-28-3 v3.5.10-eks-1-29-2 v3.5.11-eks-1-30-1',
    { '-eks-#': 'undecided', '-eks-#-#': 'undecided', '-eks-#-#-#': 'revision' },
  ],
  ['1.0.0-kafka7', { '-kafka#': 'undecided' }],
  ['6.0.1 6.0.2 6.0.3 6.0.4 6.0.5 6.0.6 6.0.6-9', { '-#': 'revision' }],
]

t.test('what the numbers behind a version are', async t => {
  for (const [tags, roles] of rows) t.strictSame(Object.fromEntries(learned(tags).roles), roles, tags)
})

t.test('what a list teaches besides', async t => {
  t.strictSame(learned('7 7.91 7.103 8.1.2').series.ofTwoNumbers, new Set([' 7']))
  t.strictSame(learned('13.11 14.8 14.9 15.5 16.1').series.ofTwoNumbers.size, 4, 'majors one by one')
  t.strictSame(learned('20.04 22.04 24.04').series.ofTwoNumbers.size, 0)
  t.strictSame(learned('8 8.8-1014 8.9-1029').series.ofTwoNumbers.size, 0, 'builds are the patches')
  t.strictSame(learned('13 13.8-1 14 14.1-1 15 15.1-2').series.ofTwoNumbers.size, 3, 'builds behind patches')
  t.strictSame(learned('13.8-1 14.1-1 15.1-2').series.ofTwoNumbers.size, 0)
  t.strictSame(learned('14.5-1 14.5 14.6-2 15.1 15.2-20240101').series.builtPairs, new Set([' 14']))
  t.strictSame(learned('2.424 2.425 2.426 2.426.1 2.427').series.fixedPairs, new Set([' 2']))
  t.strictSame(learned('1.24 1.24.1 1.25 1.25.1').series.fixedPairs.size, 0)
  t.strictSame(
    learned('5.40.0 5.40.1 5.41.1 5.41.2 5.42.0 5.43.1 5.43.2 5.44.0').series.inDevelopment,
    new Set([' 5.41', ' 5.43']),
  )
  t.equal(learned('9-b88 9-b112 9').countsWithB, true)
  t.equal(learned('2024.1.0b4 2024.1.0 2024.2.0b1').countsWithB, false)
  t.equal(learned('99985 99999 100004').largestCounter, 100_004)
  t.equal(learned('12 13 14 9799770991').largestCounter, 0)
  t.strictSame(learned('1.0-pkg-0ab4c58f-ls2 1.0-slim').decorations, new Set(['pkg']))
  t.strictSame(learned('1.0-main.0ab4c58f').decorations, new Set(), 'main is no release')
  t.strictSame(learned('1.2 v1.3 v1.10').spellings.get('v'), [[1, 10]])
  t.strictSame(learned('v1.3 v2.1 v2023.2 v2024.1 v2.0').spellings.get('v'), [
    [2, 1],
    [2024, 1],
  ])
  t.strictSame(learned('app-v1.3 app-v1.10').spellings.size, 0)
  t.strictSame(learned('1.2.3 v1.2.3 1.2.4').inParallel, new Set(['']))
  t.strictSame(learned('v1.2.3 1.2.4 1.2.4-rc1').inParallel.size, 0)
})

t.test('laws', async t => {
  t.test('slices change nothing, nor does the order', async () => {
    fc.assert(
      fc.property(repository, ({ tags }) => {
        const [whole, turned] = [tags, tags.toReversed()].map(list => textOf(learn(tagListOf(list))))
        return whole === turned
      }),
      { numRuns: 3_000 },
    )
  })

  t.test(
    'any tenth of the old tags less: for 99 % of official images and tenths every role is the same',
    async t => {
      const cases = casesIn(readFileSync(new URL('../cases/official.jsonl', import.meta.url), 'utf8'))
      const images = new Map(cases.map(({ image, tags }) => [image, tags]))
      const changed: string[] = []
      for (const [image, tags] of images) {
        const old = oldTags(tags)
        for (let tenth = 0; tenth < 10; tenth++) {
          const left = new Set(old.filter((_, at) => at % 10 === tenth))
          const slots = changedSlots(
            tags,
            tags.filter(tag => !left.has(tag)),
          )
          if (slots.length > 0) changed.push(`${image} without tenth ${tenth}: ${slots.join(' ')}`)
        }
      }
      t.ok(images.size > 90, `${images.size} images`)
      t.ok(changed.length * 100 <= images.size * 10, `${changed.length} changed:\n${changed.join('\n')}`)
    },
  )

  t.test('a list with a prefix, or a context, for each tag is read', async t => {
    const prefixes = Array.from({ length: 60_000 }, (_, at) => `p${at}x-1.2.3`)
    const teaching = learn(tagListOf([...prefixes, 'app-v1.2.3', 'app-1.2.4']))
    t.same([...teaching.spellings.keys()], ['app-v', 'app-'], 'only what is written in several ways is kept')
    const contexts = Array.from({ length: 200_000 }, (_, at) => `1.0-w${at}-x1`)
    t.equal(learn(tagListOf(contexts)).roles.size, 2)
  })

  t.test('of twice as many hostile tags no more than 2.2 times as many slices are made', async t => {
    const count = 8_000
    const skeletons = new Set(textsOf(hostileTags(count)).map(tag => tag.replaceAll(/\d+/g, '#')))
    t.equal(skeletons.size, count, 'all skeletons differ')
    t.ok(textsOf(hostileTags(count)).every(({ length }) => length === longestTag))
    const [once, twice] = [count, count * 2].map(size => learnCounting(hostileTags(size)).slices)
    t.ok(once !== undefined && twice !== undefined && once > 100 && twice <= once * 2.2, `${once}, ${twice}`)
  })

  t.test('hostile lists are read in slices, and teach nothing', async t => {
    const tags = Array.from({ length: 3_000 }, (_, at) => `1.0-${'a-1'.repeat(20)}${at.toString(36)}-x${at}`)
    let slices = 0
    const steps = learnInSlices(tagListOf(tags))
    for (let step = steps.next(); !step.done; step = steps.next()) slices++
    t.ok(slices > 3)
    const odd = Array.from(
      { length: 2_000 },
      (_, at) => `1.0-${at.toString(36).replaceAll(/\d/g, 'z')}q-word${at}`,
    )
    t.equal(learn(tagListOf(odd)).roles.size, 0, 'a slot for each tag')
  })
})

// Those that have a newer one of the same kind.
function oldTags(tags: readonly string[]): readonly string[] {
  const list = learnTags(tagListOf(tags))
  const versions = tags.map(tag => readBy(list, tag)).filter(version => typeof version === 'object')
  return tags.filter(tag => {
    const own = readBy(list, tag)
    return (
      typeof own === 'object' &&
      versions.some(version => isComparable(version, own) && compareReleases(version, own) > 0)
    )
  })
}

// Slots that are in both lists and mean something else.
function changedSlots(tags: readonly string[], fewer: readonly string[]): readonly string[] {
  const [whole, part] = [tags, fewer].map(list => learn(tagListOf(list)).roles)
  return [...(part ?? [])].flatMap(([slot, role]) => (whole?.get(slot) === role ? [] : [slot]))
}

function textOf({
  roles,
  commitSlots,
  decorations,
  series,
  spellings,
  inParallel,
  ...rest
}: Grammar): string {
  return JSON.stringify([
    sorted(roles),
    sorted(commitSlots),
    sorted(decorations),
    sorted(spellings),
    sorted(inParallel),
    Object.values(series).map(sorted),
    rest,
  ])
}

function sorted(all: Iterable<unknown>): string[] {
  return [...all].map(String).toSorted(compareTexts)
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
