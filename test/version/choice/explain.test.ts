import * as fc from 'fast-check'
import t from 'tap'
import { choose } from '../../../src/version/choice/choose.ts'
import { explain } from '../../../src/version/choice/explain.ts'
import { strategies, type Strategy } from '../../../src/version/choice/strategy.ts'
import { learnTags } from '../../../src/version/index.ts'
import { tagListOf } from '../../../src/version/tag/tag-list.ts'
import { repository } from '../tags.ts'

function why(
  current: string | undefined,
  tags: readonly string[],
  strategy: Strategy = 'patch',
): Record<string, string> {
  const rejections = explain(current, tags, { tags: learnTags(tagListOf(tags)), strategy })
  return Object.fromEntries(rejections.map(({ tag, reason }) => [tag, reason]))
}

t.test('a reason for every rejected tag', async t => {
  const reasons: Readonly<Record<string, string>> = {
    '1.25.1': 'itself',
    '1.25.01': 'same',
    '1.25.0': 'older',
    '1.25.4': 'not-newest',
    '1.25.6-rc.1': 'pre-release',
    '1.26.0': 'outside-strategy',
    '1.25': 'floating',
    '1.30': 'fewer-numbers',
    'v1.25.6': 'other-prefix',
    '1.25.6-alpine': 'other-variant',
    '1.25.1-r1': 'other-revision',
    '1.25.6-4f3a9c1': 'commit',
    stable: 'no-version',
    '1.25.6.sig': 'artefact',
    '1.25.6+1': 'illegal',
  }
  t.strictSame(why('1.25.1', ['1.25.5', ...Object.keys(reasons)]), reasons)
})

t.test('each strategy has its scope', async t => {
  const tags = ['1.2.3', '1.2.3.1', '1.2.4', '1.3.0', '2.0.0']
  t.strictSame(why('1.2.3', tags, 'rebuild'), {
    '1.2.3': 'itself',
    '1.2.4': 'outside-strategy',
    '1.3.0': 'outside-strategy',
    '2.0.0': 'outside-strategy',
  })
  t.strictSame(why('1.2.3', tags, 'minor'), {
    '1.2.3': 'itself',
    '1.2.3.1': 'not-newest',
    '1.2.4': 'not-newest',
    '2.0.0': 'outside-strategy',
  })
  t.strictSame(why('1.2.3', tags, 'major'), {
    '1.2.3': 'itself',
    '1.2.3.1': 'not-newest',
    '1.2.4': 'not-newest',
    '1.3.0': 'not-newest',
  })
})

t.test('a floating tag is beside its line', async t => {
  t.strictSame(why('1.25', ['1', '1.25', '1.25.0', '1.25.4', '1.25.5', '1.25.6-rc.1', '1.26.0'], 'major'), {
    '1': 'floating',
    '1.25': 'itself',
    '1.25.0': 'not-newest',
    '1.25.4': 'not-newest',
    '1.25.6-rc.1': 'pre-release',
    '1.26.0': 'outside-strategy',
  })
})

t.test('without a version only what each tag is by itself', async t => {
  const reasons = { '1.2.3': 'not-newest', stable: 'itself', bookworm: 'no-version', '': 'illegal' }
  t.strictSame(why('stable', Object.keys(reasons)), reasons)
  t.strictSame(why(undefined, ['1.2.3', 'latest']), { '1.2.3': 'not-newest', latest: 'no-version' })
})

t.test(
  'every tag of the list is the newest or rejected, once; what could be chosen is not newer than the choice',
  async () => {
    fc.assert(
      fc.property(repository, fc.constantFrom(...strategies), ({ tags, current }, strategy) => {
        const learned = learnTags(tagListOf(tags))
        const { newest, verdict } = choose(current, learned, { strategy })
        const rejections = explain(current, tags, { tags: learned, strategy })
        const named = [...rejections.map(({ tag }) => tag), ...(newest === undefined ? [] : [newest])]
        const candidates = rejections.some(({ reason }) => reason === 'not-newest')
        if (verdict === 'current' && candidates) return false
        return named.length === new Set(tags).size && named.every(tag => tags.includes(tag))
      }),
      { numRuns: 3_000 },
    )
  },
)
