import * as fc from 'fast-check'
import semver from 'semver'
import t from 'tap'
import { readTag } from '../../src/version/read-tag.ts'
import {
  shapeDifference,
  compareCores,
  compareVersions,
  isPreRelease,
  type Version,
} from '../../src/version/version.ts'
import { compareModel, readModel, sameShape } from './reference-model.ts'
import { versionTag } from './tags.ts'

function read(tag: string): Version {
  const version = readTag(tag)
  if (typeof version === 'string') throw new Error(`${tag}: ${version}`)
  return version
}

const readable = versionTag.filter(tag => typeof readTag(tag) !== 'string')
const sign = (value: number): number => Math.sign(value) + 0 // no -0

// Each row from the oldest to the newest.
const orders: readonly string[] = [
  '1.2.3-dev 1.2.3-alpha 1.2.3-alpha.1 1.2.3-beta 1.2.3-milestone 1.2.3-rc 1.2.3-rc.9 1.2.3-rc.10 1.2.3 1.2.3-patch.1 1.2.4-rc.1',
  'v10.4.0 v10.4.0.1-patch v10.4.0-patch.2 v10.4.0.10-patch v10.4.1',
  'v9999.0.0 v10000.0.0 v99999999999999999998.0.0 v99999999999999999999.0.0',
  '3.1.5 3.1.5.1 3.1.6',
  '7.4.0-rc1-r9 7.4.0-r1 7.4.0-r4 7.4.0-r10 7.4.1-r0',
  '1.9 1.10 2',
  '1.2.3-nightly.1 1.2.3-snapshot.2 1.2.3-canary.3 1.2.3-a1 1.2.3-alpha2 1.2.3-b3 1.2.3-M1 1.2.3-preview2 1.2.3-cr1 1.2.3-rc2',
]

t.test('orders', async t => {
  for (const order of orders) {
    const versions = order.split(' ').map(read)
    for (const [at, a] of versions.entries())
      for (const [place, b] of versions.entries()) {
        t.equal(shapeDifference(a, b), undefined)
        t.equal(compareVersions(a, b), sign(at - place), `${at} and ${place} of ${order}`)
      }
  }
})

t.test('equal versions, and tags that are not comparable', async t => {
  const pairs = [
    '1.2.3 1.2.3.0',
    '1.2.3 01.02.03',
    'v10.4.0.2-patch v10.4.0-patch.2',
    '1.2.3-rc1 1.2.3-RC.1',
    '1.2 1.2.0',
  ]
  for (const pair of pairs)
    t.equal(compareVersions(read(pair.split(' ')[0] ?? ''), read(pair.split(' ')[1] ?? '')), 0, pair)
  for (const other of ['v1.2.3', '1.2.3-alpine', '1.2.3-r1', '1.2.3_1', '1.2.3-1', 'amd64-1.2.3'])
    t.ok(shapeDifference(read('1.2.3'), read(other)), other)
  t.equal(shapeDifference(read('1.2.3-r1'), read('1.2.3-k3s1')), 'other-revision')
  t.equal(compareCores(read('1.2.3-rc1'), read('1.2.3-patch.1')), 0)
  t.strictSame(
    ['1.2.3-m1', '1.2.3', '1.2.3-patch.1'].map(tag => isPreRelease(read(tag))),
    [true, false, false],
  )
})

t.test('laws', async t => {
  t.test('antisymmetric', async () => {
    fc.assert(
      fc.property(
        readable,
        readable,
        (a, b) => compareVersions(read(a), read(b)) === 0 - compareVersions(read(b), read(a)),
      ),
      { numRuns: 5_000 },
    )
  })

  t.test('transitive', async () => {
    fc.assert(
      fc.property(readable, readable, readable, (a, b, c) => {
        const [oldest, middle, newest] = [read(a), read(b), read(c)].toSorted(compareVersions)
        return oldest === undefined || middle === undefined || newest === undefined
          ? false
          : compareVersions(oldest, middle) < 1 &&
              compareVersions(middle, newest) < 1 &&
              compareVersions(oldest, newest) < 1
      }),
      { numRuns: 5_000 },
    )
  })

  t.test('as in the reference model', async () => {
    fc.assert(
      fc.property(readable, readable, (a, b) => {
        const [first, second] = [readModel(a), readModel(b)]
        if (first === undefined || second === undefined) return false
        const order = compareVersions(read(a), read(b))
        return (
          order === compareModel(first, second) &&
          (shapeDifference(read(a), read(b)) === undefined) === sameShape(first, second)
        )
      }),
      { numRuns: 5_000 },
    )
  })

  t.test('as in node-semver', async () => {
    const small = fc.nat(30)
    const version = fc
      .tuple(
        small,
        small,
        small,
        fc.option(fc.tuple(fc.constantFrom('alpha', 'beta', 'rc'), small), { nil: undefined }),
      )
      .map(([x, y, z, level]) => `${x}.${y}.${z}${level === undefined ? '' : `-${level.join('.')}`}`)
    fc.assert(
      fc.property(version, version, (a, b) => compareVersions(read(a), read(b)) === semver.compare(a, b)),
      { numRuns: 5_000 },
    )
  })
})
