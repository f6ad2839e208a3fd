import * as fc from 'fast-check'
import t from 'tap'
import {
  timestampOf,
  noTimestamps,
  onlyTimestamps,
  withTimestamps,
  createTagHistory,
  firstSeen,
  historyAfter,
  publishedAt,
} from '../../../src/catalog/entry/tag-history.ts'
import { hashesOf, hashOfTag, placeOf } from '../../../src/catalog/entry/tag-hash.ts'
import { tagListOf } from '../../../src/version/index.ts'
import { app, hour, listing, minute, settle, setUp, start } from '../fake-source.ts'

t.test('hashes', t => {
  t.equal(hashOfTag('1.25.3'), 4816024444176954, 'the same for ever: it is on disks')
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[\w.-]{0,40}$/)), tags => {
      t.same([...hashesOf(tagListOf(tags))], tags.map(hashOfTag))
    }),
    { numRuns: 50 },
  )
  const many = Array.from({ length: 200_000 }, (_, n) => `1.${n % 100}.${n}-alpine`)
  t.equal(new Set(hashesOf(tagListOf(many))).size, many.length)
  const ascending = Float64Array.of(1, 5, 9)
  t.same(
    [0, 1, 4, 5, 9, 10].map(hash => placeOf(ascending, hash)),
    [-1, 0, -1, 1, 2, -1],
  )
  t.end()
})

t.test('instants behave as a map to the second', t => {
  const steps = fc.array(fc.dictionary(fc.integer({ min: 0, max: 30 }).map(String), fc.nat(4_000_000_000)))
  fc.assert(
    fc.property(steps, batches => {
      const model = new Map<number, number>()
      let instants = noTimestamps
      for (const batch of batches) {
        const added = new Map(Object.entries(batch).map(([hash, at]) => [Number(hash), at]))
        instants = withTimestamps(instants, added)
        for (const [hash, at] of added) model.set(hash, Math.floor(at / 1000) * 1000)
      }
      for (let hash = 0; hash <= 30; hash++) t.equal(timestampOf(instants, hash), model.get(hash))
      const even = onlyTimestamps(instants, hash => hash % 2 === 0)
      for (let hash = 0; hash <= 30; hash++)
        t.equal(timestampOf(even, hash), hash % 2 === 0 ? model.get(hash) : undefined)
    }),
    { numRuns: 30 },
  )
  t.equal(timestampOf(withTimestamps(noTimestamps, new Map([[1, -5]])), 1), 0)
  t.equal(timestampOf(withTimestamps(noTimestamps, new Map([[1, 1e300]])), 1), (2 ** 32 - 1) * 1000)
  t.end()
})

t.test('tags that went are forgotten once they are many', t => {
  const change = { at: start, added: [], gone: new Float64Array(0), published: new Map<number, number>() }
  const added = Array.from({ length: 10_002 }, (_, n) => n + 1)
  const kept = historyAfter(createTagHistory(start), { ...change, added: added.slice(1) }, Float64Array.of(5))
  t.equal(kept.seen.hashes.length, 10_001)
  const pruned = historyAfter(createTagHistory(start), { ...change, added }, Float64Array.of(5))
  t.same([...pruned.seen.hashes], [5])
  t.end()
})

async function refreshed({ catalog, pass }: ReturnType<typeof setUp>, wait: number): Promise<void> {
  await pass(wait)
  catalog.known(app)
  await settle()
}

t.test('when tags were first seen', async t => {
  const all = setUp(['1.0.0', '1.0.1'])
  const { catalog, say, clock, pass } = all
  t.equal((await catalog.lookUp(app)).firstSeen?.('1.0.0'), undefined)
  const seen = () => ['1.0.0', '1.0.1', '1.0.2', '1.0.3'].map(tag => catalog.known(app)?.firstSeen?.(tag))

  say(['1.0.0', '1.0.1', '1.0.2'])
  await refreshed(all, hour)
  const second = clock.now
  t.same(seen(), [undefined, undefined, second, undefined])

  say(['1.0.0'])
  await refreshed(all, hour)
  await pass(minute)
  t.equal(catalog.known(app)?.learned.list.length, 1)
  say(['1.0.0', '1.0.1', '1.0.2', '1.0.3'])
  await refreshed(all, hour)
  t.same(seen(), [undefined, undefined, second, clock.now], 'what comes back is as old as it was')
})

t.test('when tags were pushed, where the registry says so', async t => {
  const rows = [
    ['first listing', { '1.0': 5_000 }, { '1.0': 5_000, '1.1': undefined }],
    ['not known', { '1.0': 0, '1.1': 0 }, { '1.0': 5_000, '1.1': undefined }],
    ['learnt later', { '1.0': 5_000, '1.1': 7_500 }, { '1.0': 5_000, '1.1': 7_000 }],
    ['pushed again', { '1.0': 9_000, '1.1': 9_000 }, { '1.0': 5_000, '1.1': 7_000 }],
  ] as const
  let history = createTagHistory(start)
  for (const [what, said, expected] of rows) {
    const instants = Object.entries(said).filter(([, at]) => at > 0)
    const hashes = new Map(instants.map(([tag, at]) => [hashOfTag(tag), at]))
    const change = { at: start, added: [], gone: new Float64Array(0), published: hashes }
    history = historyAfter(history, change, undefined)
    for (const [tag, at] of Object.entries(expected)) t.equal(publishedAt(history, tag), at, what)
    t.equal(firstSeen(history, '1.0'), undefined)
  }

  const { catalog } = setUp(listing(['bad tag', '1.0', '1.1'], { published: Float64Array.of(1000, 5000, 0) }))
  const known = await catalog.lookUp(app)
  t.same(
    [known.published?.('1.0'), known.published?.('1.1'), known.published?.('9')],
    [5000, undefined, undefined],
  )
})
