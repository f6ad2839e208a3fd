import * as fc from 'fast-check'
import semver from 'semver'
import t from 'tap'
import { choose, offersFor, type Choice } from '../../../src/version/choice/choose.ts'
import { explain } from '../../../src/version/choice/explain.ts'
import { exclusionOf, type OfferRule } from '../../../src/version/choice/offer-rule.ts'
import { strategies, type Strategy } from '../../../src/version/choice/strategy.ts'
import { learnTags, readBy, type LearnedTags } from '../../../src/version/reading/learned-tags.ts'
import { compareVersions, isPreRelease } from '../../../src/version/reading/version.ts'
import { tagListOf } from '../../../src/version/tag/tag-list.ts'
import { repository } from '../tags.ts'

function ruleOf(range: string | undefined, never: readonly string[] = [], preReleases = false): OfferRule {
  const options = { includePrerelease: true }
  return {
    ...(range !== undefined && { inRange: (text: string) => semver.satisfies(text, range, options) }),
    ...(never.length > 0 && { never: (tag: string) => never.includes(tag) }),
    preReleases: preReleases ? 'leave' : 'follow',
  }
}

const leave = ruleOf(undefined, [], true)

// registry.k8s.io/kube-proxy: a candidate of each next patch is cut with the release before, also with the last one.
const kubernetes =
  'v1.19.11 v1.19.12-rc.0 v1.19.12 v1.19.13-rc.0 v1.19.13 v1.19.14-rc.0 v1.19.14 v1.19.15-rc.0 v1.19.15 v1.19.16-rc.0 v1.19.16 v1.19.17-rc.0 v1.20.0-alpha.0 v1.20.0-beta.1 v1.20.0-rc.0'
const nginx =
  '1.25 1.25.1 1.25.2 1.25.3 1.25.4 1.25.5 1.26 1.26.0 1.26.1 1.27 1.27.0 1.27.1 1.25.1-alpine 1.25.4-alpine3.18 1.25.5-alpine 2.0.0'

type Row = readonly [
  current: string,
  tags: string,
  rule: OfferRule | undefined,
  expected: string,
  strategy?: Strategy,
]

const rows: readonly Row[] = [
  // a pre-release, by what its user wants
  ['v1.19.12-rc.0', kubernetes, undefined, 'outdated v1.19.17-rc.0 (10, next v1.19.12)'],
  ['v1.19.12-rc.0', kubernetes, ruleOf(undefined), 'outdated v1.19.17-rc.0 (10, next v1.19.12)'],
  ['v1.19.12-rc.0', kubernetes, leave, 'outdated v1.19.16 (5, next v1.19.12)'],
  ['v1.19.12', kubernetes, leave, 'outdated v1.19.16 (4, next v1.19.13)'],
  ['v1.19.16-rc.0', kubernetes, leave, 'outdated v1.19.16 (1, next v1.19.16)'],
  // no release is newer: it follows
  ['v1.20.0-alpha.0', kubernetes, leave, 'outdated v1.20.0-rc.0 (2, next v1.20.0-beta.1)'],
  ['v1.19.17-rc.0', kubernetes, leave, 'current newest'],
  ['v1.19.12-rc.0', kubernetes, ruleOf('<1.19.12', [], true), 'current newest'],
  ['v1.19.11', kubernetes, ruleOf('<1.19.14-0'), 'outdated v1.19.13 (2, next v1.19.12)'],
  // a range
  ['1.25.1', nginx, ruleOf('<1.27'), 'outdated 1.26.1 (6, next 1.25.2)', 'minor'],
  ['1.25.1', nginx, ruleOf('<1.27'), 'outdated 1.25.5 (4, next 1.25.2)'],
  ['1.25.1', nginx, ruleOf('>=1.25.4'), 'outdated 1.25.5 (2, next 1.25.4)'],
  ['1.25.1', nginx, ruleOf('1.25.2 || 1.25.4'), 'outdated 1.25.4 (2, next 1.25.2)'],
  ['1.25.1', nginx, ruleOf('>=2'), 'current newest'],
  ['1.25.1', nginx, ruleOf('>=1 <2'), 'outdated 1.27.1 (8, next 1.25.2)', 'major'],
  ['1.25', nginx, ruleOf('<1.25.5'), 'floating 1.25.4'],
  ['1.25', nginx, ruleOf('>=1.26'), 'floating'],
  // tags that are no numbers are in every range
  [
    'bookworm-20230919',
    'bookworm-20231030',
    ruleOf('<2'),
    'outdated bookworm-20231030 (1, next bookworm-20231030)',
  ],
  // never
  ['1.25.1', nginx, ruleOf(undefined, ['1.25.5']), 'outdated 1.25.4 (3, next 1.25.2)'],
  ['1.25.1', nginx, ruleOf(undefined, ['1.25.2']), 'outdated 1.25.5 (3, next 1.25.3)'],
  ['1.25.4', nginx, ruleOf(undefined, ['1.25.5']), 'current other-variant, elsewhere 1.25.5-alpine'],
  ['1.25.4', nginx, ruleOf(undefined, ['1.25.5', '1.25.5-alpine']), 'current newest'],
  ['1.25', nginx, ruleOf(undefined, ['1.25.5']), 'floating 1.25.4'],
  ['bookworm-20230919', 'bookworm-20231030', ruleOf(undefined, ['bookworm-20231030']), 'current not-listed'],
  // where the line goes on
  [
    '1.25.3-alpine3.17',
    `${nginx} 1.25.3-alpine3.17`,
    undefined,
    'current other-variant, elsewhere 1.25.4-alpine3.18',
  ],
  [
    '1.25.3-alpine3.17',
    `${nginx} 1.25.3-alpine3.17`,
    ruleOf(undefined, ['1.25.4-alpine3.18', '1.25.5']),
    'current other-variant, elsewhere 1.25.5-alpine',
  ],
  ['1.25.3-alpine3.17', `${nginx} 1.25.3-alpine3.17`, ruleOf('<1.25.4'), 'current newest'],
  // the first step is by revision as well
  ['3.5.1-r4', '3.5.1-r4 3.5.1-r5 3.5.1-r72 3.5.2-r0', undefined, 'outdated 3.5.2-r0 (3, next 3.5.1-r5)'],
]

t.test('what a rule leaves', async t => {
  for (const [current, tags, rule, expected, strategy = 'patch'] of rows) {
    const learned = learnTags(tagListOf(tags.split(' ')))
    t.equal(
      said(choose(current, learned, { strategy, ...(rule && { rule }) })),
      expected,
      `${current}: ${expected}`,
    )
  }
})

function said({ verdict, reason, newest, next, behind, elsewhere }: Choice): string {
  const goesOn = elsewhere === undefined ? '' : `, elsewhere ${elsewhere}`
  if (verdict === 'current') return `${verdict} ${reason}${goesOn}`
  const steps = behind === 0 ? '' : ` (${behind}, next ${next})`
  return `${verdict}${newest === undefined ? '' : ` ${newest}`}${steps}`
}

function why(current: string, tags: string, rule: OfferRule): Record<string, string> {
  const list = tags.split(' ')
  const wanted = { tags: learnTags(tagListOf(list)), strategy: 'patch', rule } as const
  return Object.fromEntries(explain(current, list, wanted).map(({ tag, reason }) => [tag, reason]))
}

t.test('an explanation says which tags a rule has excluded', async t => {
  t.strictSame(
    why('1.25.1', '1.25.0 1.25.1 1.25.2 1.25.3 1.25.4 1.25.5 1.26.0', ruleOf('<1.25.5', ['1.25.4'])),
    {
      '1.25.0': 'older',
      '1.25.1': 'itself',
      '1.25.2': 'not-newest',
      '1.25.4': 'never-offered',
      '1.25.5': 'outside-range',
      '1.26.0': 'outside-strategy',
    },
  )
  t.strictSame(why('1.2.3-rc.1', '1.2.3-rc.1 1.2.3-rc.2 1.2.3 1.2.4-rc.1', leave), {
    '1.2.3-rc.1': 'itself',
    '1.2.3-rc.2': 'pre-release-left',
    '1.2.4-rc.1': 'pre-release-left',
  })
})

t.test('an explanation of tags that are passed over', async t => {
  const list = ['1.2.3-rc.1', '1.2.3', '1.2.4', '1.2.5-rc.1']
  const tags = { ...learnTags(tagListOf(list)), without: new Set(['1.2.4']) }
  const rejections = explain('1.2.3-rc.1', list, { tags, strategy: 'patch', rule: leave })
  t.strictSame(
    rejections.map(({ reason }) => reason),
    ['itself', 'not-newest', 'pre-release-left'],
  )
})

function beside(tags: string, passed: string): LearnedTags {
  return { ...learnTags(tagListOf(tags.split(' '))), without: new Set(passed.split(' ')) }
}

t.test('what is passed over floats and is newer all the same', async t => {
  const by = { strategy: 'minor', rule: leave } as const
  t.match(choose('1.25', beside('1.25 1.25.5 1.26 1.26.0', '1.25.5 1.26.0'), by), {
    verdict: 'floating',
    newest: undefined,
  })
  t.match(choose('1.24.1', beside('1.24.1 1.25 1.25.5', '1.25.5'), by), { verdict: 'current' })
  const release = beside('1.2.3-rc.1 1.2.3 1.2.4-rc.1', '1.2.3')
  t.match(choose('1.2.3-rc.1', release, by), { verdict: 'current', newest: undefined, elsewhere: undefined })
})

t.test('laws', async t => {
  const anyStrategy = fc.constantFrom(...strategies)
  const range = fc.constantFrom(undefined, '<2', '>=1.0.2', '1.0.1 || >=1.1.1 <16', '>=1.0.0-rc.1 <1.0.9')
  const anyRule = fc
    .tuple(range, fc.option(fc.nat(4), { nil: undefined }), fc.constantFrom('follow', 'leave'))
    .map(([text, rest, preReleases]): OfferRule => ({
      ...(text !== undefined && {
        inRange: version => semver.satisfies(version, text, { includePrerelease: true }),
      }),
      ...(rest !== undefined && { never: tag => tag.length % 5 === rest }),
      preReleases,
    }))

  t.test('a rule only removes offers, and what is offered satisfies it', async () => {
    const property = fc.property(repository, anyStrategy, anyRule, ({ tags, current }, strategy, rule) => {
      const learned = learnTags(tagListOf(tags))
      const version = readBy(learned, current)
      fc.pre(typeof version !== 'string')
      const asker = { tag: current, version, tags: learned }
      const [all, ruled] = [offersFor(asker, { strategy }), offersFor(asker, { strategy, rule })]
      const before = new Set(all.offers.map(({ tag }) => tag))
      const leaves = rule.preReleases === 'leave' && isPreRelease(version)
      const hasRelease = ruled.offers.some(offer => !isPreRelease(offer.version))
      return ruled.offers.every(
        offer =>
          before.has(offer.tag) &&
          exclusionOf(offer, rule) === undefined &&
          !(leaves && hasRelease && isPreRelease(offer.version)),
      )
    })
    fc.assert(property, { numRuns: 3_000 })
  })

  t.test('what is told satisfies it, and no more is behind', async () => {
    const property = fc.property(repository, anyStrategy, anyRule, ({ tags, current }, strategy, rule) => {
      const learned = learnTags(tagListOf(tags))
      const [all, ruled] = [
        choose(current, learned, { strategy }),
        choose(current, learned, { strategy, rule }),
      ]
      const told = [ruled.newest, ruled.next, ruled.elsewhere].filter(tag => tag !== undefined)
      return (
        ruled.behind <= all.behind &&
        (ruled.newest === undefined || all.newest !== undefined) &&
        told.every(tag => {
          const version = readBy(learned, tag)
          return typeof version !== 'string' && exclusionOf({ tag, version }, rule) === undefined
        })
      )
    })
    fc.assert(property, { numRuns: 3_000 })
  })

  t.test('without a rule, and by one that allows everything, the answer is the same', async () => {
    const open: OfferRule = { preReleases: 'follow', inRange: () => true, never: () => false }
    const property = fc.property(repository, anyStrategy, ({ tags, current }, strategy) => {
      const learned = learnTags(tagListOf(tags))
      const answers = [
        choose(current, learned, { strategy }),
        choose(current, learned, { strategy, rule: open }),
      ]
      return JSON.stringify(answers[0]) === JSON.stringify(answers[1])
    })
    fc.assert(property, { numRuns: 2_000 })
  })

  t.test('neither the order nor duplicates matter', async () => {
    const property = fc.property(repository, anyStrategy, anyRule, ({ tags, current }, strategy, rule) => {
      const lists = [tags, tags.toReversed(), [...tags.slice(3), ...tags]]
      const answers = lists.map(list =>
        JSON.stringify(choose(current, learnTags(tagListOf(list)), { strategy, rule })),
      )
      return new Set(answers).size === 1
    })
    fc.assert(property, { numRuns: 3_000 })
  })

  t.test('the first step is an offer that is not newer than any other', async () => {
    const property = fc.property(repository, anyStrategy, ({ tags, current }, strategy) => {
      const learned = learnTags(tagListOf(tags))
      const { verdict, newest, next, behind } = choose(current, learned, { strategy })
      if (verdict !== 'outdated') return next === undefined
      if (behind === 1) return next === newest
      const [own, first] = [readBy(learned, current), readBy(learned, next ?? '')]
      if (typeof own === 'string' || typeof first === 'string') return false
      const { offers } = offersFor({ tag: current, version: own, tags: learned }, { strategy })
      return (
        offers.some(({ tag }) => tag === next) &&
        offers.every(({ version }) => compareVersions(first, version) <= 0)
      )
    })
    fc.assert(property, { numRuns: 3_000 })
  })
})
