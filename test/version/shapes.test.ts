import t from 'tap'
import { readTag } from '../../src/version/read-tag.ts'
import {
  baseKey,
  compareShapes,
  compareVariants,
  createShapes,
  familyKey,
  isUnstable,
  shapeOf,
  withoutCommits,
} from '../../src/version/shapes.ts'
import type { Version } from '../../src/version/version.ts'

function read(tag: string): Version {
  const version = readTag(tag)
  if (typeof version === 'string') throw new Error(`${tag}: ${version}`)
  return version
}

t.test('equal prefix, variant and kinds of revision make one shape', async t => {
  const shapes = createShapes()
  const ids = ['1.2.3', '1.9-rc.1', 'v1.2.3', '1.2.3-alpine', '1.2.3-r1', '2.0.0-r9', '1.2.3-patch.1'].map(
    tag => shapes.intern(read(tag)),
  )
  t.strictSame(ids, [0, 0, 1, 2, 3, 3, 0])
  t.strictSame(shapes.all[2], shapeOf(read('7.0.0-alpine')))
  t.equal(shapes.all.length, 4)
})

const same = (which: 'family' | 'base', [a = '', b = '']: readonly string[]): boolean => {
  const keyOf = { family: familyKey, base: baseKey }[which]
  return keyOf(shapeOf(read(a))) === keyOf(shapeOf(read(b)))
}

t.test('families and bases', async t => {
  for (const pair of [
    ['1.2.3-alpine3.17', '1.2.3-alpine3.18'],
    ['1.2.3', 'v1.2.3'],
    ['release-1.2.3', '1.2.3'],
    ['controller-v1.2.3', 'controller-1.2.3'],
    ['1.2.3-4f3a9c1', '1.2.3-5abcde2'],
    ['1.2.3-g4f3a9c1', '1.2.3-5abcde2'],
    ['1.2.3-20230901', '1.2.3-20231001'],
  ] as const)
    t.ok(same('family', pair), pair.join(' '))
  for (const pair of [
    ['1.2.3-alpine', '1.2.3-alpine3.18'],
    ['1.2.3-r1', '1.2.3-k3s1'],
  ] as const) {
    t.notOk(same('family', pair), pair.join(' '))
    t.ok(same('base', pair), pair.join(' '))
  }
  t.notOk(same('base', ['amd64-1.2.3', '1.2.3']))
  t.notOk(same('base', ['dev-1.2.3', '1.2.3']))
})

t.test('what is no release', async t => {
  for (const tag of [
    'dev-1.2.3',
    'nightly-1.2.3',
    '3.27.0-0.dev-12-g4f3a9c1',
    '10.2.0-62263pre',
    '1.2.3-main.4f3a9c1',
    '17-ea-34-jdk',
  ])
    t.ok(isUnstable(shapeOf(read(tag))), tag)
  for (const tag of [
    'release-1.2.3',
    '1.2.3-development',
    '1.2.3-prem',
    '11.8.0-devel-ubuntu22.04',
    '1.2.3-alpine',
  ])
    t.notOk(isUnstable(shapeOf(read(tag))), tag)
})

t.test('commits', async t => {
  t.equal(withoutCommits('-4f3a9c1-g5abcde2'), '-*-*')
  t.equal(withoutCommits('-20230901-deadbeef-alpine3.18-abc123'), '-20230901-deadbeef-alpine3.18-abc123')
})

t.test('the order of shapes', async t => {
  const tags = ['1.2-alpine3.9-r1', '1.2-alpine3.9', '1.2-alpine3.18', '1.2', '1.2-r1', 'v1.2']
  const shapes = tags.map(tag => shapeOf(read(tag)))
  t.strictSame(
    shapes.toSorted(compareShapes),
    [3, 4, 2, 1, 0, 5].map(at => shapes[at]),
  )
  t.equal(compareVariants('-slim', '-slim'), 0)
  t.equal(compareVariants('', '-slim'), -1)
  t.equal(compareVariants('-slim', ''), 1)
})
