import * as fc from 'fast-check'

// Few values for each part, so that equal versions, near misses and collisions are frequent.
const small = fc.constantFrom('0', '1', '2', '9', '10')
const odd = [
  '01',
  '007',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '99999999999999999998',
  '99999999999999999999',
]
const number = fc.oneof({ weight: 14, arbitrary: small }, { weight: 1, arbitrary: fc.constantFrom(...odd) })
const first = fc.constantFrom('1', '1', '1', '2', '16')
const core = fc
  .oneof(
    { weight: 2, arbitrary: fc.tuple(number) },
    { weight: 4, arbitrary: fc.tuple(first, number) },
    { weight: 9, arbitrary: fc.tuple(first, fc.constantFrom('0', '1'), number) },
    { weight: 3, arbitrary: fc.tuple(first, fc.constantFrom('0', '1'), small, number) },
  )
  .map(numbers => numbers.join('.'))

const prefixes = ['v', 'V', 'release-', 'amd64-', 'arm64v8-', 'controller-v', 'go', 'x86_64-']
const levels = ['', '1', '2', '9', '10', '.1', '.10', '-1', '.2', '.2.1']
const words = [
  '-rc .rc rc -RC -beta beta -alpha -pre .CR -snapshot -SNAPSHOT -dev -nightly -patch -hotfix',
  '-milestone -canary -preview -development',
]
const letters = '-a1 b1 b10 -M1 -M2 -m -b05 a1 -a123456'.split(' ')
const stages = [
  ...words.flatMap(line => line.split(' ')).flatMap(word => levels.map(level => word + level)),
  ...letters,
]
const variants = [
  '-alpine -alpine3.18 -alpine3.19 -slim-bookworm -jdk17 -jdk21 -pisp -amd64 .Final -ce.0 -4f3a9c1 -g5abcde2',
  '-0.dev-12-g4f3a9c1 -20230901 -20231001 -129305 -1072.1696517598 -ea',
].flatMap(line => line.split(' '))
const early = '-1 -2 _7 _10 -1014 -854'.split(' ')
const late = '-r0 -r9 -r10 -k3s1 -k3s2 -rke2r1-build20230719 -build.5 -gke.1700 -ls11 _build.5'.split(' ')

interface Style {
  readonly prefix: readonly string[]
  readonly early: readonly string[]
  readonly stage: readonly string[]
  readonly variant: readonly string[]
  readonly late: readonly string[]
}

// Some of the values, and often none: a repository keeps to a few styles.
const few = (values: readonly string[], most: number): fc.Arbitrary<readonly string[]> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(['']) },
    { weight: 1, arbitrary: fc.constantFrom(...values).map(value => [value]) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom('', ...values), { minLength: 1, maxLength: most }) },
  )
const style: fc.Arbitrary<Style> = fc.record({
  prefix: few(prefixes, 2),
  early: few(early, 2),
  stage: few(stages, 4),
  variant: few(variants, 3),
  late: few(late, 3),
})

function tagIn(style: Style): fc.Arbitrary<string> {
  const parts = fc.tuple(
    ...[style.prefix, style.early, style.stage, style.variant, style.late].map(values =>
      fc.constantFrom(...values),
    ),
  )
  return fc.tuple(parts, core, fc.nat(9)).map(([[prefix = '', ...behind], numbers, order]) => {
    const [a = '', b = '', c = '', d = ''] = behind
    return [prefix, numbers, ...(order === 0 ? [c, b, a, d] : [a, b, c, d])].join('')
  })
}

/** A tag with a version, in any style. */
export const versionTag = style.chain(tagIn)

const otherTag = fc.constantFrom(
  '',
  ...'latest stable bookworm alpine3.18 20230101 20230201 9799770991 4f3a9c1 sha-abc123def sha-12345'.split(
    ' ',
  ),
  ...'main-4f3a9c1-1693526400 1.x 3a 1.2. 1.2.3.4.5 2023-09-01 pr-12 __proto__ constructor -1.2.3'.split(' '),
  ...`v1.2.٣ 1.2.4+build.1 sha256-${'0123456789abcdef'.repeat(4)}.sig 1.2.3.sig`.split(' '),
)

/** Any tag: mostly versions, some that are none, now and then any text. */
export const anyTag = fc.oneof(
  { weight: 10, arbitrary: versionTag },
  { weight: 3, arbitrary: otherTag },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'01v.-_arcdpch'.split('')) }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 140 }) },
)

/** The tags of one repository, which keep to its style but for a few, with one of them, or another, as the current one. */
export const repository = style
  .chain(own => {
    const tag = fc.oneof({ weight: 12, arbitrary: tagIn(own) }, { weight: 1, arbitrary: anyTag })
    return fc.tuple(fc.array(tag, { maxLength: 14, size: 'max' }), tag, fc.nat(20))
  })
  .map(([tags, other, at]) => ({ tags, current: tags[at] ?? other }))
