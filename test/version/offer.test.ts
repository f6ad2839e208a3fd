import t from 'tap'
import { askOf, floats, newestOffer, scopeDepth, type Ask } from '../../src/version/offer.ts'
import { readTag } from '../../src/version/read-tag.ts'
import { indexTags } from '../../src/version/index-tags.ts'
import type { TagIndex } from '../../src/version/tag-index.ts'
import { tagListOf } from '../../src/version/tag-list.ts'

function ask(tag: string, index: TagIndex): Ask {
  const version = readTag(tag)
  if (typeof version === 'string') throw new Error(`${tag}: ${version}`)
  return askOf(tag, version, index)
}

const index = indexTags(
  tagListOf([
    '1',
    '1.2',
    '1.2.3',
    '1.2.4-rc.1',
    '1.2.4',
    '1.2.04',
    '1.2.5.1',
    '1.3',
    '1.4.0-rc.1',
    '2.0.99999999999999999998',
  ]),
)
const offered = (tag: string, depth: number): string | undefined => {
  const own = ask(tag, index)
  const offer = newestOffer(own, index, { depth, shortest: own.coreClass, above: 8 })
  return offer === undefined ? undefined : `${offer.tag} ${offer.behind}`
}

t.test('the newest that may be offered', async t => {
  t.strictSame(
    [3, 2, 1, 0].map(depth => offered('1.2.3', depth)),
    [undefined, '1.2.5.1 2', '1.2.5.1 2', '2.0.99999999999999999998 3'],
  )
  t.equal(offered('1.2.4-rc.1', 3), '1.2.4 1')
  t.equal(offered('1.2.4-rc.1', 1), '1.4.0-rc.1 3')
  t.equal(offered('1.2.4.0', 3), undefined)
  t.equal(offered('1.1', 1), '1.3 4')
  t.equal(
    offered('2.0.99999999999999999997', 2),
    '2.0.99999999999999999998 1',
    'a number that the index lacks',
  )
  t.equal(offered('2.0.99999999999999999999', 2), undefined)
  t.equal(offered('v1.2.3', 0), undefined, 'a shape that the index lacks')
})

t.test('what floats', async t => {
  t.strictSame(
    ['1', '1.2', '1.3', '1.2.3', '1.4', '1.2-rc.1'].map(tag => floats(ask(tag, index), index)),
    [true, true, false, false, true, false],
  )
})

t.test('how many numbers a strategy holds fast', async t => {
  t.strictSame(scopeDepth, { rebuild: 3, patch: 2, minor: 1, major: 0 })
})
