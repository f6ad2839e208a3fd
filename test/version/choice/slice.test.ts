import * as fc from 'fast-check'
import t from 'tap'
import { choose } from '../../../src/version/choice/choose.ts'
import { builtInReading, learnTags } from '../../../src/version/index.ts'
import { sliceOf } from '../../../src/version/choice/slice.ts'
import { strategies, type Strategy } from '../../../src/version/choice/strategy.ts'
import { tagListOf } from '../../../src/version/tag/tag-list.ts'
import { anyTag, repository } from '../tags.ts'

const rows: readonly (readonly [string, Strategy, string | undefined])[] = [
  ['1.25.1-alpine', 'patch', '1.25'],
  ['v1.25.3', 'patch', 'v1.25'],
  ['1.25.1', 'minor', '1.'],
  ['1.25.1', 'rebuild', '1.25.1'],
  ['1.25.1.4-ls11', 'rebuild', '1.25.1'],
  ['controller-v1.8.0', 'patch', 'controller-v1.8'],
  ['2.0.99999999999999999998', 'rebuild', '2.0.99999999999999999998'],
  // any tag may matter
  ['1.25', 'patch', undefined],
  ['12', 'minor', undefined],
  ['2.13-2.8.0', 'patch', undefined],
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
  t.equal(sliceOf('1.2.3', 'patch', { ...builtInReading }), undefined, 'a scheme may read it otherwise')
})

const withoutZeros = (tag: string): boolean => !/(?<![0-9])0[0-9]/.test(tag)

const withoutPrefix = (text: string): string => text.replace(/^(?:v|release-)/i, '')

t.test('what is offered begins so, but for its prefix', async () => {
  fc.assert(
    fc.property(repository, fc.array(anyTag), fc.constantFrom(...strategies), (own, more, strategy) => {
      const { current } = own
      const slice = sliceOf(current, strategy)
      if (slice === undefined) return true
      const tags = [...own.tags, ...more, current].filter(withoutZeros)
      const { newest = current } = choose(current, learnTags(tagListOf(tags)), { strategy })
      return current.startsWith(slice) && withoutPrefix(newest).startsWith(withoutPrefix(slice))
    }),
    { numRuns: 10_000 },
  )
})
