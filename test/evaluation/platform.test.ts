import t from 'tap'

import { fitnessOf, type Fitness } from '../../src/evaluation/platform.ts'
import type { Platforms } from '../../src/evaluation/index.ts'

type Told = readonly string[] | 'one' | 'none' | 'untold' | undefined

function platformsOf(told: Told): Platforms | undefined {
  return typeof told === 'object' ? new Map(told.map(platform => [platform, `digest of ${platform}`])) : told
}

const [amd64, arm64, v7] = ['linux/amd64', 'linux/arm64', 'linux/arm/v7']

const rows: readonly (readonly [own: Told, told: Told, expected: Fitness])[] = [
  [[amd64, arm64], [amd64, arm64], 'runs'],
  [[amd64, arm64], [arm64, 'windows/amd64', amd64], 'runs'],
  [[amd64, arm64], [arm64], 'other-platform'],
  [[amd64], [arm64], 'other-platform'],
  [['windows/amd64', amd64], [amd64], 'other-platform'],
  // variants: a later one runs what was built for an earlier one
  [[arm64], ['linux/arm64/v8'], 'runs'],
  [['linux/arm64/v8'], [arm64], 'runs'],
  [[arm64], ['linux/arm64/v9'], 'other-platform'],
  [['linux/amd64/v3'], ['linux/amd64/v3'], 'runs'],
  [['linux/amd64/v3'], [amd64], 'runs'],
  [[amd64], ['linux/amd64/v3'], 'other-platform'],
  [[v7], ['linux/arm/v6'], 'runs'],
  [['linux/arm'], ['linux/arm/v6'], 'runs'],
  [['linux/arm/v6'], [v7], 'runs'],
  // what no node of Kubernetes is ends no line, unless there is nothing else
  [[amd64, 'linux/mips64le', 'linux/386', 'linux/arm/v5', v7], [amd64, v7], 'runs'],
  [['linux/riscv64'], ['linux/riscv64', amd64], 'runs'],
  [['linux/riscv64'], [amd64], 'other-platform'],
  [['linux/arm/x'], ['linux/arm/x'], 'runs'],
  // a manifest that does not say for which platform it is
  ['one', 'one', 'runs'],
  ['one', [arm64], 'runs'],
  [[amd64], 'one', 'runs'],
  [[amd64, arm64], 'one', 'other-platform'],
  [[amd64, arm64], [], 'other-platform'],
  [[], [amd64], 'runs'],
  // no image
  ['one', 'none', 'no-image'],
  [[amd64], 'none', 'no-image'],
  ['none', 'none', 'runs'],
  ['none', 'one', 'runs'],
  // what is not known of the image is no way past the list, what is not known of the tag is
  [undefined, [arm64], 'runs'],
  ['untold', [arm64], 'runs'],
  [undefined, 'none', 'no-image'],
  [[amd64], undefined, undefined],
  [[amd64], 'untold', undefined],
  ['none', 'untold', undefined],
]

t.test('whether a tag runs where another one does', async t => {
  for (const [own, told, expected] of rows)
    t.equal(
      fitnessOf(platformsOf(told), { platforms: platformsOf(own), digest: undefined }),
      expected,
      `${JSON.stringify(own)} -> ${JSON.stringify(told)}`,
    )
})

t.test('an image that is pinned to one platform of its index wants that alone', async t => {
  const own = { platforms: platformsOf([amd64, arm64]), digest: `digest of ${arm64}` }
  t.equal(fitnessOf(platformsOf([arm64]), own), 'runs')
  t.equal(fitnessOf(platformsOf([amd64]), own), 'other-platform')
  t.equal(fitnessOf('one', own), 'runs')
})
