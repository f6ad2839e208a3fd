import t from 'tap'
import { evaluateImages, rememberChoices } from '../../src/evaluation/index.ts'
import {
  createChannelRules,
  createSupportTables,
  learnTags,
  tagListOf,
  type OfferRule,
} from '../../src/version/index.ts'
import { timeLimit } from './fake-catalogs.ts'

const learned = learnTags(tagListOf('22.1.0 23.1.0 24.1.0 25.0.0 26.0.0'.split(' ')))
const known = { learned, age: 0, stale: false }
const catalog = { known: () => known, lookUp: async () => known }
const rule: OfferRule = { preReleases: 'follow', channel: 'lts' }
const turn = Date.UTC(2026, 9, 28)

t.test('a release channel is that of the product on the day', async t => {
  const [choose, channelRules] = [rememberChoices(), createChannelRules(createSupportTables([]))]
  const rows: readonly (readonly [image: string, now: number, newest: string])[] = [
    ['node:23.1.0', turn - 1, '24.1.0'],
    ['node:23.1.0', turn, '26.0.0'],
    ['node:23.1.0', turn - 1, '24.1.0'],
    ['harbor.example.com/proxy/library/node:23.1.0', turn, '26.0.0'],
    ['ghcr.io/team/node:23.1.0', turn - 1, '26.0.0'],
  ]
  for (const [image, now, newest] of rows) {
    const ports = { catalog, timeLimit, choose, channelRules, wallClock: () => now }
    const request = { images: [image], strategy: 'major', rule, budget: 0 } as const
    const evaluation = (await evaluateImages(request, ports)).get(image)
    t.equal(evaluation?.newest, newest, `${image} at ${now}`)
  }
})

t.test('a release channel without support dates or a clock is a fault of the caller', async t => {
  const request = { images: ['node:23.1.0'], strategy: 'major', rule, budget: 0 } as const
  await t.rejects(async () => evaluateImages(request, { catalog, timeLimit }), {
    name: 'TypeError',
    message: 'a release channel needs support dates and a wall clock',
  })
})
