import * as fc from 'fast-check'
import t from 'tap'
import { isDigit, isLegalLength, isLegalTag, readTag } from '../../src/version/read-tag.ts'
import { stages, type Stage } from '../../src/version/version.ts'
import { anyTag } from './tags.ts'

const stageNames = new Map<Stage, string>(
  (['build', 'alpha', 'beta', 'preview', 'candidate', 'release', 'fix'] as const).map(name => [
    stages[name],
    name,
  ]),
)

// `v|1.2.3|candidate 1|-alpine|-r 4`: prefix, core, stage with its number, variant, kinds of revision with theirs.
function written(tag: string): string {
  const version = readTag(tag)
  if (typeof version === 'string') return version
  const { prefix, count, x, y, z, w, stage, stageNumber, suffix } = version
  const level = stage === stages.release ? '' : `${stageNames.get(stage)} ${stageNumber}`
  const core = [x, y, z, w].slice(0, count).join('.')
  return [prefix, core, level, suffix.variant, [suffix.revisionKinds, ...suffix.revisions].join(' ')].join(
    '|',
  )
}

const rows: readonly (readonly [string, string])[] = [
  ['1.2.3', '|1.2.3|||'],
  ['1', '|1|||'],
  ['1.25', '|1.25|||'],
  ['1.2.3.4', '|1.2.3.4|||'],
  ['v1.2.3', 'v|1.2.3|||'],
  ['V1.2.3', 'V|1.2.3|||'],
  ['v11.0.01', 'v|11.0.1|||'],
  ['1.2.99999999999999999999', '|1.2.99999999999999999999|||'],
  ['1.2.000000000000000000007', '|1.2.7|||'],
  // prefixes
  ['release-1.2.3', 'release-|1.2.3|||'],
  ['release-v1.2.3', 'release-v|1.2.3|||'],
  ['arm64v8-1.2.3-alpine', 'arm64v8-|1.2.3||-alpine|'],
  ['controller-v1.8.0', 'controller-v|1.8.0|||'],
  ['go1.21.3', 'go|1.21.3|||'],
  ['ubuntu-22.04-1.2.3', 'ubuntu-22.04-|1.2.3|||'],
  ['python3.10-1.2.3', 'python3.10-|1.2.3|||'],
  ['x86_64-1.2', 'x86_64-|1.2|||'],
  ['ubi8-15.3-0', 'ubi8-|15.3|||- 0'],
  ['jre-17', 'jre-|17|||'],
  ['alpine3.18', 'no-version'],
  ['jdk17', 'no-version'],
  ['v.1.2.3', 'no-version'],
  // pre-releases
  ['3.12.0rc1-slim-bookworm', '|3.12.0|candidate 1|-slim-bookworm|'],
  ['2023.9.0b1', '|2023.9.0|beta 1||'],
  ['3.13.0a4', '|3.13.0|alpha 4||'],
  ['2.0.0-beta10', '|2.0.0|beta 10||'],
  ['1.2.3-rc.1', '|1.2.3|candidate 1||'],
  ['1.2.3-rc-1', '|1.2.3|candidate 1||'],
  ['1.2.3-RC1', '|1.2.3|candidate 1||'],
  ['1.2.3_rc1', '|1.2.3|candidate 1||'],
  ['1.2.3-rc', '|1.2.3|candidate 0||'],
  ['3.2.0.CR1', '|3.2.0|candidate 1||'],
  ['6.1.0-M2', '|6.1.0|preview 2||'],
  ['6.1.0-milestone.2', '|6.1.0|preview 2||'],
  ['1.2.3-preview3', '|1.2.3|preview 3||'],
  ['1.2.3-pre', '|1.2.3|preview 0||'],
  ['1.2.3-a', '|1.2.3|alpha 0||'],
  ['8.9.0-SNAPSHOT', '|8.9.0|build 0||'],
  ['1.2.3-nightly-20230901', '|1.2.3|build 20230901||'],
  ['1.2.3-canary.4', '|1.2.3|build 4||'],
  ['2023.10.0.dev20230905', '|2023.10.0|build 20230905||'],
  ['1.2.3-rc.1-alpine-r4', '|1.2.3|candidate 1|-alpine|-r 4'],
  ['1.2.3-rc.1.2', '|1.2.3|candidate 1|.2|'],
  ['1.2.3-dev.4f3a9c1', '|1.2.3|build 0|.4f3a9c1|'],
  ['1.2.3-dev4f3a9c1', '|1.2.3|build 0|4f3a9c1|'],
  ['16.1.7-rc42.ce.0', '|16.1.7|candidate 42|.ce.0|'],
  ['1.2.3-rc.1-beta.2', '|1.2.3|candidate 1|-beta.2|'],
  ['16beta1', '|16|beta 1||'],
  ['1.2.3-a123456', '|1.2.3||-a123456|'],
  ['1.2.3-development', '|1.2.3||-development|'],
  ['1.2.3-broken', '|1.2.3||-broken|'],
  // fix levels
  ['v10.4.0.2-patch', 'v|10.4.0|fix 2||'],
  ['v10.4.0-patch.2', 'v|10.4.0|fix 2||'],
  ['1.2.3-hotfix4', '|1.2.3|fix 4||'],
  ['1.2.3-hotfix-4', '|1.2.3|fix 4||'],
  ['1.2.3-patch', '|1.2.3|fix 0||'],
  ['1.2.3.4-patch.5', '|1.2.3.4|fix 5||'],
  ['v10.3.0.2-pisp', 'v|10.3.0.2||-pisp|'],
  // revisions
  ['7.4.0-debian-12-r9', '|7.4.0||-debian-12|-r 9'],
  ['17.0.8.1_1-jdk-jammy', '|17.0.8.1||-jdk-jammy|_ 1'],
  ['7.4.1-2-ubi8', '|7.4.1||-ubi8|- 2'],
  ['8.8-1014', '|8.8|||- 1014'],
  ['8.8-1072.1696517598', '|8.8||-1072.1696517598|'],
  ['10.1.0-129305', '|10.1.0||-129305|'],
  ['v1.27.4-k3s1-amd64', 'v|1.27.4||-amd64|-k3s 1'],
  ['v1.27.4-rke2r1-build20230719', 'v|1.27.4|||-rke2r-build 1 20230719'],
  ['v1.10.1-eksbuild.2', 'v|1.10.1|||-eksbuild 2'],
  ['1.27.3-gke.1700', '|1.27.3|||-gke 1700'],
  ['1.2.3_build.5', '|1.2.3|||_build 5'],
  ['1.2.3-build-5', '|1.2.3|||-build 5'],
  ['4.0.9-ls11', '|4.0.9|||-ls 11'],
  ['1.2.3-r1-ls2-r3', '|1.2.3||-r3|-r-ls 1 2'],
  ['1.2.3-alpine-4', '|1.2.3||-alpine-4|'],
  ['1.2.3-R4', '|1.2.3||-R4|'],
  // variants
  ['3.2.0.Final', '|3.2.0||.Final|'],
  ['16.1.0-ce.0', '|16.1.0||-ce.0|'],
  ['2019-CU18-ubuntu-20.04', '|2019||-CU18-ubuntu-20.04|'],
  ['2.13-2.8.1', '|2.13||-2.8.1|'],
  ['1.2.3-', '|1.2.3||-|'],
  // no versions
  ['bookworm', 'no-version'],
  ['4f3a9c1', 'no-version'],
  ['12345ab', 'no-version'],
  ['sha-abc123def', 'no-version'],
  ['sha-12345', 'no-version'],
  ['sha-4f3a9c1', 'no-version'],
  ['pr-12', 'no-version'],
  ['main-4f3a9c1-1693526400', 'no-version'],
  ['main-20230901-4f3a9c1', 'no-version'],
  ['20230101', 'no-version'],
  ['v20230101-4d4f1e5', 'no-version'],
  ['123456', 'no-version'],
  ['12345', '|12345|||'],
  ['2023-09-01', 'no-version'],
  ['nightly-2023-09-01', 'no-version'],
  ['2023.09.01', '|2023.9.1|||'],
  ['RELEASE.2023-09-04T19-57-37Z', 'no-version'],
  ['1.x', 'no-version'],
  ['1.2.x', 'no-version'],
  ['1.2.x-alpine', 'no-version'],
  ['3a', 'no-version'],
  ['3b1', 'no-version'],
  ['8u342-jdk', 'no-version'],
  ['1.2.', 'no-version'],
  ['1.2.3.4.5', 'no-version'],
  ['_', 'no-version'],
  ['__proto__', 'no-version'],
  // artefacts and what is no tag
  [`sha256-${'0123456789abcdef'.repeat(4)}`, 'artefact'],
  [`sha256-${'0123456789abcdef'.repeat(4)}.sig`, 'artefact'],
  ['1.2.3.sig', 'artefact'],
  ['amd64-1.2.3.att', 'artefact'],
  ['1.2.3-alpine.sbom', 'artefact'],
  ['', 'illegal'],
  ['-1.2.3', 'illegal'],
  ['.1.2.3', 'illegal'],
  ['1.2.4+build.1', 'illegal'],
  ['v1.2.٣', 'illegal'],
  ['1.2.3 ', 'illegal'],
  ['ä-1.2.3', 'illegal'],
  [`1.2.3-${'x'.repeat(122)}`, `|1.2.3||-${'x'.repeat(122)}|`],
  [`1.2.3-${'x'.repeat(123)}`, 'illegal'],
  ['9'.repeat(128), 'no-version'],
  [`1.${'9'.repeat(126)}`, `|1.${'9'.repeat(126)}|||`],
]

t.test('tags as versions', async t => {
  for (const [tag, wanted] of rows) t.equal(written(tag), wanted, tag)
})

t.test('nothing throws, and only legal tags are versions', async () => {
  fc.assert(
    fc.property(fc.oneof(anyTag, fc.string({ unit: 'binary', maxLength: 200 })), tag => {
      const legal = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag)
      return (readTag(tag) === 'illegal') === !legal && isLegalTag(tag) === legal
    }),
    { numRuns: 5_000 },
  )
})

t.test('hostile tags cost no more than others', async t => {
  const hostile = [
    '1.2.3' + '-'.repeat(123),
    '1-'.repeat(64),
    'a-1'.repeat(42),
    '-rc'.repeat(42),
    'x86_64-'.repeat(18),
  ]
  const start = performance.now()
  for (let round = 0; round < 200; round++) for (const tag of hostile) readTag(tag)
  t.ok(performance.now() - start < 1_000, '1,000 of them in a second at most')
})

t.test('characters and lengths', async t => {
  t.strictSame(
    '09a/:'.split('').map(character => isDigit(character.charCodeAt(0))),
    [true, true, false, false, false],
  )
  t.strictSame(
    [128, 129].map(length => isLegalLength('x'.repeat(length))),
    [true, false],
  )
})
