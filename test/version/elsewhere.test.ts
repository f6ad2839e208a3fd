import * as fc from 'fast-check'
import t from 'tap'
import { findElsewhere } from '../../src/version/elsewhere.ts'
import { askOf } from '../../src/version/offer.ts'
import { readTag } from '../../src/version/read-tag.ts'
import { isUnstable, shapeOf } from '../../src/version/shapes.ts'
import { indexTags } from '../../src/version/index-tags.ts'
import { tagListOf } from '../../src/version/tag-list.ts'
import { compareCores, isPreRelease } from '../../src/version/version.ts'
import { repository } from './tags.ts'

function elsewhere(current: string, tags: readonly string[], depth = 2): string | undefined {
  const version = readTag(current)
  if (typeof version === 'string') throw new Error(`${current}: ${version}`)
  const index = indexTags(tagListOf(tags))
  const found = findElsewhere(index, askOf(current, version, index), depth)
  return found === undefined ? undefined : `${found.tag} ${found.reason}`
}

const rows: readonly (readonly [string, string, string | undefined])[] = [
  // a family first, then the same prefix
  ['1.2.3-alpine3.17', '1.2.4-alpine3.18 1.2.5', '1.2.4-alpine3.18 other-variant'],
  ['1.2.3-alpine3.17', '1.2.3-alpine3.18 1.2.5', '1.2.5 other-variant'],
  [
    '1.2.3-alpine3.17',
    '1.2.4-alpine3.9 1.2.4-alpine3.18 1.2.4-alpine3.17-r1',
    '1.2.4-alpine3.18 other-variant',
  ],
  // of one version the likest
  ['1.2.3-slim', '1.2.4-alpine 1.2.4 1.2.4-perl', '1.2.4 other-variant'],
  ['1.2.3-slim', '1.2.4 1.2.4-slim-r4', '1.2.4-slim-r4 other-revision'],
  ['v1.2.3-slim', '1.2.4 v1.2.4', 'v1.2.4 other-variant'],
  ['v1.2.3', '1.2.4 release-1.2.4 1.2.4-alpine', '1.2.4 other-prefix'],
  ['1.2.3-slim', '1.2.4-y-two 1.2.4-x-two', '1.2.4-y-two other-variant'],
  // newer is more than the core
  ['1.2.3-rc.1', 'v1.2.3', 'v1.2.3 other-prefix'],
  ['1.2.3', 'v1.2.3-patch.1', 'v1.2.3-patch.1 other-prefix'],
  ['1.2.3-4-g4f3a9c1', '1.2.3-6-g5abcde2 1.2.3-5-g6abcde2', '1.2.3-6-g5abcde2 other-variant'],
  ['1.2.3-debian-12-r4', '1.2.3-debian-11-r45', undefined],
  ['1.2.3', '1.2.3-alpine v1.2.3', undefined],
  // within the strategy
  ['1.2.3', 'v1.3.0 v1.2.3', undefined],
  // no pre-release to a release
  ['1.2.3', 'v1.2.4-rc.1 dev-1.2.4 1.2.4-main.4f3a9c1', undefined],
  ['1.2.3-rc.1', 'v1.2.4-rc.1', 'v1.2.4-rc.1 other-prefix'],
  ['1.2.3-main.4f3a9c1', '1.2.4-main.5abcde2', '1.2.4-main.5abcde2 other-variant'],
  // another component
  ['controller-v1.2.3', 'helm-chart-1.2.4', undefined],
  ['17-jdk', '17.0.1_12-jdk', '17.0.1_12-jdk other-revision'],
]

t.test('where a line goes on', async t => {
  for (const [current, others, wanted] of rows)
    t.equal(elsewhere(current, [current, ...others.split(' ')]), wanted, `${current} beside ${others}`)
  t.equal(elsewhere('3.10.1', ['3.10.1', '3.11', '4'], 1), '3.11 fewer-numbers')
  t.equal(elsewhere('3.10.1', ['3.10.1', '3.11', '3.11.0-rc.1'], 1), undefined, 'a floating tag is no answer')
})

t.test('many tags of one version cost little', async t => {
  const builds = Array.from({ length: 50_000 }, (_, at) => `0.1.0-${(at + 2 ** 31).toString(16)}`)
  const index = indexTags(tagListOf(['0.0.9-4f3a9c1', ...builds]))
  const version = readTag('0.0.9-4f3a9c1')
  if (typeof version === 'string') throw new Error(version)
  const found = findElsewhere(index, askOf('0.0.9-4f3a9c1', version, index), 1)
  t.match(found, { reason: 'other-variant' })
})

t.test('always a newer tag of the list, never a pre-release to a release', async () => {
  fc.assert(
    fc.property(repository, fc.nat(3), ({ tags, current }, depth) => {
      const version = readTag(current)
      if (typeof version === 'string') return true
      const index = indexTags(tagListOf(tags))
      const found = findElsewhere(index, askOf(current, version, index), depth)
      const other = found === undefined ? undefined : readTag(found.tag)
      if (found === undefined || typeof other !== 'object') return found === undefined
      const allowed = !isPreRelease(other) || isPreRelease(version) || isUnstable(shapeOf(version))
      return tags.includes(found.tag) && compareCores(other, version) >= 0 && allowed
    }),
    { numRuns: 5_000 },
  )
})
