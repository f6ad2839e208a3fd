import * as fc from 'fast-check'
import t from 'tap'
import {
  choose,
  createChannelRules,
  createSupportTables,
  learnTags,
  releaseChannels,
  strategies,
  tagListOf,
  type Choice,
  type OfferRule,
  type Strategy,
} from '../../../src/version/index.ts'
import { offersFor } from '../../../src/version/choice/choose.ts'
import { isNewer } from '../../../src/version/choice/offers.ts'
import { readBy } from '../../../src/version/reading/learned-tags.ts'
import { repository } from '../tags.ts'

type Channel = NonNullable<OfferRule['channel']>

const november = Date.UTC(2026, 10, 29)
const node = { registry: 'docker.io', repository: 'library/node' }
const other = { registry: 'ghcr.io', repository: 'team/app' }
const products = ['node', 'nginx', 'mongo', 'ubuntu', 'mysql'].map(name => ({
  ...node,
  repository: `library/${name}`,
}))
const rules = createChannelRules(createSupportTables([]))

function ruleOf(channel: Channel, place = node, now = november): OfferRule {
  return rules.ruleFor({ preReleases: 'follow', channel }, place, now)
}

function said({ verdict, newest, behind }: Choice): string {
  return newest === undefined ? verdict : `${verdict} ${newest} (${behind})`
}

const nodes = '18.19.0 18.20.8 19.0.0 20.1.0 22.3.0 22.3.1 23.1.0 23.1.1 24.1.0 25.0.0 26.0.0 27.0.0'
const nginxes = '1.27.0 1.27.5 1.28.0 1.28.1 1.29.1 1.30.0 1.31.0 1.32.0 1.33.0'

t.test('what is offered', async t => {
  const nginx = { ...node, repository: 'library/nginx' }
  const rows: readonly (readonly [string, string, typeof node, Channel, Strategy, string])[] = [
    ['18.19.0', nodes, node, 'lts', 'major', 'outdated 26.0.0 (6)'],
    // outside of the channel: only what is in it, and nothing below
    ['23.1.0', nodes, node, 'lts', 'major', 'outdated 26.0.0 (2)'],
    ['23.1.0', nodes, node, 'lts', 'patch', 'current'],
    ['27.0.0', nodes, node, 'lts', 'major', 'current'],
    ['22.3.0', nodes, node, 'lts', 'patch', 'outdated 22.3.1 (1)'],
    ['22.3.0', nodes, node, 'even', 'major', 'outdated 26.0.0 (3)'],
    ['22.3.0', nodes, other, 'lts', 'major', 'outdated 27.0.0 (7)'],
    ['1.27.0', nginxes, nginx, 'stable', 'minor', 'outdated 1.32.0 (4)'],
    ['1.27.0', nginxes, nginx, 'even', 'minor', 'outdated 1.32.0 (4)'],
    ['1.27.0', nginxes, other, 'even', 'minor', 'outdated 1.32.0 (4)'],
    ['1.27.0', nginxes, nginx, 'stable', 'patch', 'current'],
    ['1.27.0', nginxes, nginx, 'lts', 'minor', 'current'],
  ]
  for (const [tag, tags, place, channel, strategy, expected] of rows) {
    const learned = learnTags(tagListOf(tags.split(' ')))
    const choice = choose(tag, learned, { strategy, rule: ruleOf(channel, place) })
    t.equal(said(choice), expected, `${place.repository}:${tag} ${channel} ${strategy}`)
  }
})

t.test('the same object until a line gets long-term support', async t => {
  const rule: OfferRule = { preReleases: 'follow', channel: 'lts' }
  const turn = Date.UTC(2026, 9, 28)
  const before = rules.ruleFor(rule, node, turn - 1)
  t.equal(rules.ruleFor(rule, node, turn - 86_400_000), before)
  const after = rules.ruleFor(rule, node, turn)
  t.not(after, before)
  t.equal(rules.ruleFor(rule, node, turn + 1_000 * 86_400_000), after)
  t.not(rules.ruleFor(rule, other, turn), after)
  t.not(rules.ruleFor(rule, node, turn - 1), after, 'a clock that is set back')
  const open: OfferRule = { preReleases: 'leave' }
  t.equal(rules.ruleFor(open, node, turn), open, 'a rule without a channel is itself')
})

t.test('a channel only removes offers, and offers nothing older', async () => {
  const anyChannel = fc.constantFrom(...releaseChannels.filter(channel => channel !== 'any'))
  const anyPlace = fc.constantFrom(other, ...products)
  const anyTime = fc.integer({ min: Date.UTC(2010, 0, 1), max: Date.UTC(2040, 0, 1) })
  const property = fc.property(
    repository,
    fc.constantFrom(...strategies),
    fc.tuple(anyChannel, anyPlace, anyTime),
    ({ tags, current }, strategy, [channel, place, now]) => {
      const learned = learnTags(tagListOf(tags))
      const version = readBy(learned, current)
      fc.pre(typeof version !== 'string')
      const rule = ruleOf(channel, place, now)
      const asker = { tag: current, version, tags: learned }
      const [all, left] = [offersFor(asker, { strategy }), offersFor(asker, { strategy, rule })]
      const before = new Set(all.offers.map(({ tag }) => tag))
      return left.offers.every(
        offer =>
          before.has(offer.tag) &&
          rule.inChannel?.(offer.version) !== false &&
          (left.isFloating || isNewer(offer.version, version)),
      )
    },
  )
  fc.assert(property, { numRuns: 3_000 })
})
