import t from 'tap'
import { builtInReading, readTag } from '../../../src/version/index.ts'
import { isInChannel, releaseChannels, type Restricting } from '../../../src/version/support/channel.ts'
import { policySpecSchema } from '../../../src/api/index.ts'
import { tableOf } from './tables.ts'

const day = 86_400_000
const node26IsLts = Date.UTC(2026, 9, 28)

function isIn(
  tag: string,
  channel: Restricting,
  facts: { readonly product?: string; readonly now?: number },
): boolean {
  const version = readTag(tag, builtInReading)
  if (version === undefined) throw new Error(`${tag} is no version`)
  const { product, now = node26IsLts + 32 * day } = facts
  return isInChannel(version, channel, { table: product === undefined ? undefined : tableOf(product), now })
}

t.test('what is in a channel', async t => {
  const rows: readonly (readonly [
    product: string | undefined,
    channel: Restricting,
    inside: string,
    outside: string,
  ])[] = [
    // long-term support, by the table alone
    [
      'library/node',
      'lts',
      '18.20.8 20.1.0 22.3.0 24.1.0-alpine 26.0.0 4.9.1',
      '23.11.1 25.0.0 27.0.0 28.0.0 19.9.0 3.3.1',
    ],
    ['library/ubuntu', 'lts', '24.04 26.04 jammy-20240111', '24.10 25.04 26.10'],
    ['library/mysql', 'lts', '8.0.45 8.4.9 9.7.0', '8.1.0 9.0.1 9.6.0 9.8.0'],
    ['library/neo4j', 'lts', '4.4.40 5.26.1', '5.25.1 5.13.0 2025.04.0'],
    ['library/eclipse-temurin', 'lts', '8u432-b06-jre 21.0.5_11-jre 25-jdk', '22.0.2_9-jdk 24.0.2_12-jre'],
    ['jenkins/jenkins', 'lts', '2.541.2 2.528.3-lts', '2.553'],
    [undefined, 'lts', '1.2.3 23.1.0 bookworm-20230919', ''],
    // even numbers, where the table says which
    ['library/node', 'even', '22.3.1 24.1.0 28.0.0', '23.0.0 25.2.0'],
    ['library/nginx', 'even', '1.28.1 1.30.0 1.32.5', '1.29.0 1.31.2'],
    ['library/perl', 'even', '5.42.1', '5.41.2'],
    [undefined, 'even', '1.28.1 5.0.0 7 trixie-20250101', '1.29.0 4.3'],
    // stable
    ['library/node', 'stable', '23.1.0 27.0.0', '24.0.0-rc.1'],
    ['library/nginx', 'stable', '1.28.1 1.30.0 1.32.5', '1.29.0 1.31.2 1.33.0 1.30.0-rc1'],
    ['library/mongo', 'stable', '8.0.1 7.0.30 9.0.0 4.4.1', '8.2.1 7.3.4 9.1.0'],
    ['jenkins/jenkins', 'stable', '2.541.2', '2.553'],
    [undefined, 'stable', '1.2.3 1.29.0', '1.2.3-rc.1 2.0.0-beta'],
  ]
  for (const [product, channel, inside, outside] of rows)
    for (const [tags, expected] of [
      [inside, true],
      [outside, false],
    ] as const)
      for (const tag of tags.split(' ').filter(Boolean))
        t.equal(
          isIn(tag, channel, product === undefined ? {} : { product }),
          expected,
          `${channel} ${product ?? 'no table'}: ${tag}`,
        )
})

t.test('a line is in lts from its day on, and stays when its support ends', async t => {
  const product = 'library/node'
  t.equal(isIn('26.1.0', 'lts', { product, now: node26IsLts - 1 }), false)
  t.equal(isIn('26.1.0', 'lts', { product, now: node26IsLts }), true)
  t.equal(isIn('26.1.0', 'lts', { product, now: node26IsLts + 5_000 * day }), true)
})

t.test('a policy of the cluster has the same channels', async t => {
  t.strictSame(policySpecSchema.properties.releaseChannel.enum, releaseChannels)
})
