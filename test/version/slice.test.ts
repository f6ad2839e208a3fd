import * as fc from 'fast-check'
import t from 'tap'
import { choose } from '../../src/version/choose.ts'
import { indexTags } from '../../src/version/index-tags.ts'
import { readTag } from '../../src/version/read-tag.ts'
import { sliceOf } from '../../src/version/slice.ts'
import { strategies, type Strategy } from '../../src/version/strategy.ts'
import { tagListOf } from '../../src/version/tag-list.ts'
import { anyTag, repository } from './tags.ts'

const rows: readonly (readonly [string, Strategy, string | undefined])[] = [
  ['1.25.1-alpine', 'patch', '1.25'],
  ['v1.25.3', 'patch', 'v1.25'],
  ['1.25.1', 'minor', '1.'],
  ['1.25.1', 'rebuild', '1.25.1'],
  ['1.25.1.4-ls11', 'rebuild', '1.25.1'],
  ['1.25', 'rebuild', '1.25'],
  ['1.25', 'patch', '1.25'],
  ['12', 'patch', '12'],
  ['12', 'minor', '12'],
  ['controller-v1.8.0', 'patch', 'controller-v1.8'],
  ['2.0.99999999999999999998', 'rebuild', '2.0.99999999999999999998'],
  // any tag may matter
  ['1.25.1', 'major', undefined],
  ['22.04.1', 'patch', undefined],
  ['22.04.1', 'minor', '22.'],
  ['00.4.1', 'minor', undefined],
  ['stable', 'patch', undefined],
  ['latest', 'patch', undefined],
  ['', 'patch', undefined],
]

t.test('how tags of a line begin', async t => {
  for (const [tag, strategy, wanted] of rows) t.equal(sliceOf(tag, strategy), wanted, `${tag}, ${strategy}`)
  t.equal(
    sliceOf('1.2.3', 'patch', { read: tag => readTag(tag) }),
    undefined,
    'a scheme may read it otherwise',
  )
})

const withoutZeros = (tag: string): boolean => !/(?<![0-9])0[0-9]/.test(tag)

function offered(current: string, tags: readonly string[], strategy: Strategy) {
  const { verdict, newest, behind } = choose(current, indexTags(tagListOf([...tags, current])), strategy)
  return { verdict, newest, behind }
}

t.test('nothing outside of the slice changes what is offered', async () => {
  fc.assert(
    fc.property(repository, fc.array(anyTag), fc.constantFrom(...strategies), (own, more, strategy) => {
      const { current } = own
      const slice = sliceOf(current, strategy)
      if (slice === undefined) return true
      const all = [...own.tags, ...more].filter(withoutZeros)
      const part = all.filter(tag => tag.startsWith(slice))
      const [whole, inSlice] = [all, part].map(tags => offered(current, tags, strategy))
      if (!current.startsWith(slice) || whole?.newest?.startsWith(slice) === false) return false
      return JSON.stringify(whole) === JSON.stringify(inSlice)
    }),
    { numRuns: 10_000 },
  )
})
