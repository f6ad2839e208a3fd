import * as fc from 'fast-check'
import semver from 'semver'
import t from 'tap'
import { choose, chooseWithoutTags, digestOnly, type Choice } from '../../../src/version/choice/choose.ts'
import { learnTags, readBy, type LearnedTags } from '../../../src/version/reading/learned-tags.ts'
import { isNewer } from '../../../src/version/choice/offers.ts'
import { strategies, type Strategy } from '../../../src/version/choice/strategy.ts'
import {
  compareReleases,
  isComparable,
  isPreRelease,
  type Version,
} from '../../../src/version/reading/version.ts'
import { tagListOf } from '../../../src/version/tag/tag-list.ts'
import { anyTag, repository, versionTag } from '../tags.ts'

const anyStrategy = fc.constantFrom(...strategies)

function said({ verdict, reason, newest, behind, elsewhere, elsewhereReason }: Choice): string {
  const next = newest === undefined ? '' : ` ${newest}${behind === 0 ? '' : ` (${behind})`}`
  const other = elsewhere === undefined ? '' : `, elsewhere ${elsewhere} (${elsewhereReason})`
  return `${verdict}${next}: ${reason}${other}`
}

function ask(current: string | undefined, tags: string, strategy: Strategy = 'patch'): string {
  return said(choose(current, learnTags(tagListOf(tags.split(' ').filter(tag => tag !== ''))), { strategy }))
}

function read(tag: string, tags: LearnedTags): Version {
  const version = readBy(tags, tag)
  if (typeof version === 'string') throw new Error(`${tag}: ${version}`)
  return version
}

t.test('what can be said without the tags', async t => {
  t.equal(said(chooseWithoutTags(undefined) ?? digestOnly), 'floating: no-tag')
  t.equal(said(chooseWithoutTags('latest') ?? digestOnly), 'floating: latest')
  t.equal(said(chooseWithoutTags('bookworm') ?? digestOnly), 'unversioned: no-version')
  t.equal(chooseWithoutTags('1.2.3'), undefined)
  t.equal(said(digestOnly), 'unversioned: digest-only')
  t.equal(ask(undefined, '1.2.3'), 'floating: no-tag')
})

const ubi = '8.7-1107.1675784874'
const cloudNative = [
  '13 13.8 13.9 14 14.4 14.5 14.6 15 15.1 latest',
  ...(
    [
      ['13.8', 9],
      ['13.9', 3],
      ['14.4', 8],
      ['14.5', 15],
      ['14.6', 4],
      ['15.1', 5],
    ] as const
  ).map(([version, builds]) => Array.from({ length: builds }, (_, at) => `${version}-${at + 1}`).join(' ')),
].join(' ')

const rows: readonly (readonly [string, string, string, Strategy?])[] = [
  // a numbered pre-release or a revision is one build, not a floating tag
  ['16beta1', '16beta1 16beta2 16rc1 16.0 16.1 15.4', 'outdated 16.0 (3): newer'],
  ['16beta1', '16beta1 16beta2 16rc1 16.0 16.1 15.4', 'outdated 16.1 (4): newer', 'minor'],
  ['16beta1', '16beta1 16beta2 16rc1 15.4', 'outdated 16rc1 (2): newer'],
  ['1.20rc1', '1.20rc1 1.20rc3 1.20 1.20.1', 'outdated 1.20.1 (2): newer'],
  [
    '7.2-rc1-alpine',
    '7.2-rc1-alpine 7.2-rc3-alpine 7.2.0-alpine 7.2-alpine',
    'outdated 7.2.0-alpine (2): newer',
  ],
  ['2.9-dev4', '2.9-dev4 2.9-dev10 2.9-dev', 'outdated 2.9-dev10 (1): newer'],
  [
    '21_35-jdk-jammy',
    '21_35-jdk-jammy 21.0.1_12-jdk-jammy 21-jdk-jammy',
    'outdated 21.0.1_12-jdk-jammy (1): newer',
  ],
  ['1.2-rc.1', '1.2-rc.1 1.2.0-rc.1 1.2.0-rc.2', 'floating 1.2.0-rc.2: extended'],
  // what floats
  ['1.18beta1', '1.18beta1 1.18-rc 1.18rc1 1.18', 'outdated 1.18rc1 (1): newer'],
  ['1.19-alpha.3f1d5e2', '1.19-alpha.3f1d5e2 1.19.0 1.19.10', 'outdated 1.19.10 (2): newer'],
  [
    '2-debian-11',
    '2-debian-11 2.332.3-debian-11-r6 2.249.3-debian-11-r2',
    'floating 2.332.3-debian-11-r6: extended',
  ],
  // counters that are listed in part
  [
    'v1.11.3-8',
    'v1.11.3-4 v1.11.3-8 v1.11.3-32 v1.12.1-6 v1.12.1-9 v1.12.1-25 v1.13.1-6 v1.13.2-9',
    'outdated v1.11.3-32 (1): newer',
  ],
  // a beta before its release, and its like
  ['1.2.9', '1.2.8 1.2.9 1.2.10b1', 'current: newest'],
  ['1.2.9', '1.2.8 1.2.9 2.0.0b1', 'current: newest', 'major'],
  [
    '1.2.9',
    '1.2.8 1.2.9 1.2.10-20240101 1.2.10-20240102',
    'current: other-revision, elsewhere 1.2.10-20240102 (other-revision)',
  ],
  // other runtimes, whatever the word
  ['4.0.8-cu118', '4.0.8-cu118 4.0.8-cu121 4.0.9-cu118 4.0.9-cu121', 'outdated 4.0.9-cu118 (1): newer'],
  ['4.0.8-v2', '4.0.8-v2 4.0.8-v3 4.0.9-v2 4.0.9-v3', 'outdated 4.0.9-v2 (1): newer'],
  [
    '1.2.3-8',
    '1.2.3-8 1.2.3-11 1.2.3-17 1.2.3-21 1.2.4-11',
    'current: other-variant, elsewhere 1.2.4-11 (other-variant)',
  ],
  ['1.2.3-18', '1.2.3-18 1.2.4-20', 'current: other-variant, elsewhere 1.2.4-20 (other-variant)'],
  ['1.2.1', '1.2.0 1.2.1 1.2.2-cu118', 'current: other-variant, elsewhere 1.2.2-cu118 (other-variant)'],
  ['1.2.1', '1.2.0 1.2.1 1.2.2-v3', 'current: other-revision, elsewhere 1.2.2-v3 (other-revision)'],
  // a date or more as a patch number
  ['1.2.3', '1.2.3 1.2.4 1.2.20240101', 'outdated 1.2.4 (1): newer'],
  // two spellings side by side, and one after the other
  ['3.7.5', '3.7.5 v3.7.5 3.7.9 v3.7.9 v3.7.11', 'outdated 3.7.9 (1): newer'],
  ['v0.7.0', 'v0.6.4 v0.7.0 0.7.1 0.7.5', 'outdated 0.7.5 (2): newer'],
  ['3.13-rc', '3.13-rc 3.13.0rc1 3.13.0rc2', 'floating 3.13.0rc2: extended'],
  ['1-alpine', '1 1.21 1.21-alpine 1.21.6-alpine 1-alpine 1.22.0-alpine', 'floating 1.22.0-alpine: extended'],
  ['12', '11.9 12 12.1 12.2 13', 'floating 12.2: extended'],
  ['1.28', '1.28 1.28.0-rc.1', 'floating: extended'],
  ['latest', '', 'floating: latest'],
  ['17-jdk-jammy', '17-jdk-jammy 17.0.9_9-jdk-jammy', 'floating 17.0.9_9-jdk-jammy: extended'],
  // complete versions of fewer than three numbers
  ['15.3', '15.3 15.4 16rc1 16beta1', 'outdated 15.4 (1): newer', 'minor'],
  ['3.9', '3.8 3.9 3.10 3.10.1', 'outdated 3.10.1 (1): newer', 'minor'],
  ['3.10.1', '3.9 3.10 3.10.1 3.11', 'current: fewer-numbers, elsewhere 3.11 (fewer-numbers)', 'minor'],
  ['22.04', '20.04 22.04 22.10 24.04', 'outdated 24.04 (2): newer', 'major'],
  ['38', '37 38 39 40-beta 20230101', 'outdated 39 (1): newer', 'major'],
  ['38', '37 38 39', 'current: newest'],
  ['1.2.3', '1.2.3 2023', 'current: newest', 'major'],
  // revisions
  [
    '8.8-1014',
    '8 8.8 8.8-854 8.8-1014 8.8-1072 8.8-1072.1696517598',
    'outdated 8.8-1072.1696517598 (2): newer',
  ],
  ['8.7-1107.1675784874', `8.6-990 8.7-1107 ${ubi} 8.7-1112 8.8-854`, 'outdated 8.7-1112 (1): newer'],
  ['8.7-1107', `8.6-990 8.7-1026 8.7-1107 ${ubi} 8.8-854`, `outdated ${ubi} (1): newer`],
  ['8.7-1107', `7.9-1 8 8.7 8.7-1107 ${ubi} 8.8-854 9 9.1-1 9.2-3`, `outdated ${ubi} (1): newer`],
  ['1-98', '1 1-90 1-98 1-98.1700000000 1-105', 'outdated 1-105 (2): newer'],
  ['1-98', '1 1-90 1-98 1-105', 'current: other-variant, elsewhere 1-105 (other-variant)'],
  ['1.2.3-4', '1.2.3-3 1.2.3-4 1.2.3-4.1 1.2.4-1', 'outdated 1.2.3-4.1 (1): newer', 'rebuild'],
  ['1.2.3-4', '1.2.3-3 1.2.3-4 1.2.3-4.0', 'outdated 1.2.3-4.0 (1): newer'],
  ['1.2.3-4.1', '1.2.3-3 1.2.3-4 1.2.3-4.1 1.2.3-5', 'outdated 1.2.3-5 (1): newer'],
  // builds of versions of two numbers, the second of which counts patches
  ['14.5-10', cloudNative, 'outdated 14.6-4 (9): newer'],
  ['14.5-10', cloudNative, 'outdated 14.5-15 (5): newer', 'rebuild'],
  ['14.5-10', cloudNative, 'outdated 15.1-5 (14): newer', 'major'],
  ['14.5', cloudNative, 'floating 14.5-15: extended'],
  ['14', cloudNative, 'floating 14.6-4: extended'],
  ['9.3', '8 8.9-20231124 9 9.2-20231101 9.3 9.3-20231124', 'current: newest'],
  // several schemes in one repository
  ['1.4.12', '1.4.12 1.5.0 20.04.1 20.04.2 20.04.3', 'outdated 1.5.0 (1): newer', 'major'],
  ['20.04.1', '1.4.12 1.5.0 20.04.1 20.04.2 22.04.1', 'outdated 22.04.1 (2): newer', 'major'],
  ['1.11.3', '1.11.3 9.0.0 9.0.1 9.1.0 10.0.0', 'outdated 10.0.0 (4): newer', 'major'],
  ['1.0.0', '1.0.0 16.0.0 1700.0.0 1701.0.0', 'current: newest', 'major'],
  ['v1.2.9', 'v1.2.9 1.3.0 v2023.1.0 v2024.1.0', 'outdated 1.3.0 (1): newer', 'major'],
  // what nothing tells
  [
    '2019-CU18-ubuntu-20.04',
    '2017-CU31-ubuntu-18.04 2019-CU18-ubuntu-20.04 2019-CU22-ubuntu-20.04 2019-CU9-ubuntu-20.04',
    'current: other-variant, elsewhere 2019-CU22-ubuntu-20.04 (other-variant)',
  ],
  [
    '1.2.3-main.5',
    '1.2.3-main.5 1.2.3-main.9',
    'current: other-variant, elsewhere 1.2.3-main.9 (other-variant)',
  ],
  [
    '1.4.0-3.9',
    '1.4.0-3.9 1.4.0-3.10 1.4.0-3.11',
    'current: other-variant, elsewhere 1.4.0-3.11 (other-variant)',
  ],
  ['1.4.0-3.10', '1.4.0-3.9 1.4.0-3.10 1.4.1-3.10 1.4.1-3.11', 'outdated 1.4.1-3.10 (1): newer'],
  [
    '4.0.8-16',
    '4.0.8-16 4.0.8-18 4.0.9-20 4.0.10-22',
    'current: other-variant, elsewhere 4.0.10-22 (other-variant)',
  ],
  [
    '1.2.5-8-bullseye',
    '1.2.5-8-bullseye 1.2.5-11-bullseye 1.2.6-17-bullseye',
    'current: other-variant, elsewhere 1.2.6-17-bullseye (other-variant)',
  ],
  [
    'v3.5.9-eks-1-27-6',
    'v3.5.9-eks-1-27-6 v3.5.9-eks-1-28-3 v3.5.10-eks-1-29-2 v3.5.11-eks-1-30-1',
    'current: other-variant, elsewhere v3.5.11-eks-1-30-1 (other-variant)',
  ],
  ['v3.5.9-eks-1-33-3', 'v3.5.9-eks-1-33-3 v3.5.9-eks-1-33-10', 'outdated v3.5.9-eks-1-33-10 (1): newer'],
  ['2.1.0-cu12', '2.1.0-cu11 2.1.0-cu12 2.1.1-cu12 2.1.1-cu13', 'outdated 2.1.1-cu12 (1): newer'],
  ['1.0.0-net6.0', '1.0.0-net6.0 1.0.0-net8.0 1.0.1-net6.0', 'outdated 1.0.1-net6.0 (1): newer'],
  // counters and fixes under other words
  ['1.0.0-ga93', '1.0.0-ga93 1.0.0-ga95', 'outdated 1.0.0-ga95 (1): newer'],
  ['4.1.0.Final-1', '4.1.0.Final-1 4.1.0.Final-2', 'outdated 4.1.0.Final-2 (1): newer'],
  ['4.1.0.Final-1', '4.1.0.Final-1 4.1.1.Final-1', 'outdated 4.1.1.Final-1 (1): newer'],
  ['2.2.0p11', '2.2.0 2.2.0p11 2.2.0p12', 'outdated 2.2.0p12 (1): newer'],
  ['2.2.0', '2.2.0 2.2.0p12', 'outdated 2.2.0p12 (1): newer'],
  ['2.2.0p12', '2.2.0 2.2.0p12 2.2.1', 'outdated 2.2.1 (1): newer'],
  ['v1.0.0-stable', 'v1.0.0-stable v1.0.0-stable.patch.2', 'outdated v1.0.0-stable.patch.2 (1): newer'],
  [
    'v1.0.0-stable.patch.2',
    'v1.0.0-stable.patch.2 v1.0.0-stable.patch.10 v1.0.1-stable',
    'outdated v1.0.1-stable (2): newer',
  ],
  ['1.2.3-main.9', '1.2.3-main.5 1.2.3-main.9', 'current: newest'],
  ['1.2.3-cu118-x9', '1.2.3-cu118-x9 1.2.3-cu121-x7', 'current: newest'],
  [
    '1.2.3-cu118',
    '1.2.3-cu118 1.2.3-cu121 1.2.4-cu118 1.2.4-cu121 1.2.5-cu121',
    'outdated 1.2.4-cu118 (1): newer',
  ],
  ['4.0.9-18', '4.0.8-18 4.0.8-20 4.0.9-18 4.0.9-20 4.0.9-22', 'current: newest'],
  [
    '7.4.1-2-ubi8',
    '7.4.1-2-ubi8 7.4.1-10-ubi8 7.4.1-11-ubi9 7.4.1-ubi8',
    'outdated 7.4.1-10-ubi8 (1): newer',
  ],
  [
    'v1.27.4-rke2r1',
    'v1.27.4-rke2r1 v1.27.4-rke2r2 v1.27.10-rc3-rke2r1 v1.27.5-rke2r1-amd64',
    'outdated v1.27.4-rke2r2 (1): newer',
  ],
  [
    'v1.10.1-eksbuild.2',
    'v1.10.1-eksbuild.2 v1.10.1-eksbuild.10',
    'outdated v1.10.1-eksbuild.10 (1): newer',
    'rebuild',
  ],
  ['v1.27.3-gke.900', 'v1.27.3-gke.900 v1.27.3-gke.1700', 'outdated v1.27.3-gke.1700 (1): newer', 'rebuild'],
  [
    '4.0.9.12-ls11',
    '4.0.9.12-ls11 4.0.9.12-ls100 develop-4.0.11.1-ls1',
    'outdated 4.0.9.12-ls100 (1): newer',
  ],
  ['1.2.3_7', '1.2.3_7 1.2.3_10 1.2.3-11', 'outdated 1.2.3_10 (1): newer'],
  // kinds of pre-release
  ['2023.9.0b1', '2023.9.0b1 2023.9.0b10 2023.9.0.dev20230905 2023.9', 'outdated 2023.9.0b10 (1): newer'],
  ['6.1.0-M1', '6.1.0-M1 6.1.0-M2 6.1.0-RC1', 'outdated 6.1.0-RC1 (2): newer'],
  ['3.2.0.CR1', '3.2.0.CR1 3.2.0.CR2', 'outdated 3.2.0.CR2 (1): newer'],
  ['3.2.0.Final', '3.2.0.Final 3.2.1.CR1 3.2.10.Final', 'outdated 3.2.10.Final (1): newer'],
  ['1.2.3', '1.2.3 1.2.4-SNAPSHOT 1.2.4.dev1 1.2.4a1 1.2.4-nightly 1.2.4-canary.5', 'current: newest'],
  // prefixes and variants
  [
    'controller-v1.8.0',
    'controller-v1.8.0 controller-v1.8.5 helm-chart-4.7.3 v1.8.9',
    'outdated controller-v1.8.5 (1): newer',
  ],
  ['arm64v8-1.2.3', 'arm64v8-1.2.3 arm64v8-1.2.9 amd64-1.2.10', 'outdated arm64v8-1.2.9 (1): newer'],
  ['x86_64-1.2', 'x86_64-1.2 x86_64-1.3', 'outdated x86_64-1.3 (1): newer', 'minor'],
  ['16.1.0-ce.0', '16.1.0-ce.0 16.1.6-ce.0 16.1.7-rc42.ce.0 16.1.9-ee.0', 'outdated 16.1.6-ce.0 (1): newer'],
  ['2.13-2.8.1', '2.13-2.8.1 2.13-2.8.2 2.13-2.9.0', 'outdated 2.13-2.8.2 (1): newer'],
  // several spellings of one version
  [
    'v10.4.0.1-patch',
    'v10.4.0.1-patch v10.4.0-patch.2 v10.4.0.2-patch',
    'outdated v10.4.0.2-patch (1): newer',
  ],
  [
    'v10.4.0-patch.1',
    'v10.4.0-patch.1 v10.4.0-patch.2 v10.4.0.2-patch',
    'outdated v10.4.0-patch.2 (1): newer',
  ],
  ['1.2.3', '1.2.3 1.2.4.0 1.2.4 1.2.04', 'outdated 1.2.4 (1): newer'],
  // the line goes on elsewhere
  [
    '1.25.1-alpine3.17',
    '1.25.1-alpine3.17 1.25.5-alpine3.9 1.25.5-alpine3.19 1.25.5',
    'current: other-variant, elsewhere 1.25.5-alpine3.19 (other-variant)',
  ],
  ['1.2.3', '1.2.3 v1.2.4 1.2.4-alpine', 'outdated v1.2.4 (1): newer'],
  ['1.2.3', '1.2.3 v1.2.4 1.3.0', 'current: other-prefix, elsewhere v1.2.4 (other-prefix)'],
  ['1.2.4-rc.1', '1.2.4-rc.1 v1.2.4', 'outdated v1.2.4 (1): newer'],
  ['0.1.0-4f3a9c1', '0.1.0-4f3a9c1 0.1.1-5abcde2 0.1.2-main.5abcde2', 'outdated 0.1.1-5abcde2 (1): newer'],
  ['0.1.0-main.4f3a9c1', '0.1.0-main.4f3a9c1 0.1.1-main.5abcde2', 'outdated 0.1.1-main.5abcde2 (1): newer'],
  ['1.2.3-4-g4f3a9c1', '1.2.3-4-g4f3a9c1 1.2.3-6-g5abcde2 1.2.3', 'outdated 1.2.3-6-g5abcde2 (1): newer'],
  [
    '1.2.3-jre-buster',
    '1.2.3-jre-buster 1.2.4-jre 1.2.4',
    'current: other-variant, elsewhere 1.2.4 (other-variant)',
  ],
  ['3.2.0.CR1', '3.2.0.CR1 3.2.0.Final', 'current: other-variant, elsewhere 3.2.0.Final (other-variant)'],
  ['1.2.3', 'v1.2.3 v1.2.4', 'current: not-listed, elsewhere v1.2.4 (other-prefix)'],
  // and where it does not
  ['1.2.3-alpine3.17', '1.2.3-alpine3.17 1.2.3-alpine3.18 1.3.0-alpine3.18', 'current: newest'],
  ['7.4.0-debian-12-r9', '7.4.0-debian-12-r9 7.4.0-debian-11-r45', 'current: newest'],
  ['v3.26.1', 'v3.26.1 v3.26.2-0.dev-12-g4f3a9c12345', 'current: newest'],
  ['10.1.5', '10.1.5 10.1.6-62263pre', 'current: newest'],
  ['1.2.3', '1.2.3 dev-1.2.4 nightly-1.2.5', 'current: newest'],
  // nothing to compare
  ['2023-09-01', '2023-09-01 2023-09-15 2023-10-01', 'outdated 2023-09-15 (1): newer'],
  ['2023-09', '2023-09 2023-10', 'unversioned: no-version'],
  // days with a time
  [
    'RELEASE.2023-09-04T19-57-37Z',
    'RELEASE.2023-09-04T19-57-37Z RELEASE.2023-09-04T20-00-00Z RELEASE.2023-09-30T07-02-29Z RELEASE.2023-10-07T15-07-38Z',
    'outdated RELEASE.2023-09-30T07-02-29Z (2): newer',
  ],
  ['20230112T020616Z', '20230112T020616Z 20230131T022419Z', 'outdated 20230131T022419Z (1): newer'],
  [
    '2023-01-12T020616',
    '2023-01-12T020616 2023-01-12T110000 2023-01-31T022419',
    'outdated 2023-01-12T110000 (1): newer',
    'rebuild',
  ],
  [
    'jammy-20230112T020616Z',
    'jammy-20230112T020616Z jammy-20230131T022419Z',
    'outdated jammy-20230131T022419Z (1): newer',
  ],
  ['1.2.3', 'sha256-0123456789abcdef0123456789abcdef.sig', 'unknown: no-tags'],
]

t.test('tags of well-known repositories', async t => {
  for (const [current, tags, wanted, strategy] of rows)
    t.equal(ask(current, tags, strategy), wanted, `${current}: ${tags}`)
})

t.test('what is known to be wrong, for names alone do not tell it', async t => {
  // MongoDB's 8.1 to 8.3 are releases between the stable 8.0 and 9.0 (mongodb.com/docs/manual/reference/versioning): no
  // other kind of number, begun at .0 like any, and not one floating tag more or less.
  const mongo = '8 8.0 8.0.0 8.0.4 8.0.5 8.1 8.1.0 8.1.1 8.2 8.2.0 8.2.1 8.3 8.3.0'
  t.equal(ask('8.0.5', mongo, 'minor'), 'outdated 8.3.0 (5): newer', 'right: current')
})

const lineOf = (tag: string, strategy: Strategy) =>
  choose(tag, learnTags(tagListOf(['1.25.5', '1.25.5-alpine'])), { strategy }).line

t.test('the line that was looked at', async t => {
  t.strictSame(
    strategies.map(strategy => lineOf('1.25.1', strategy)),
    ['1.25.1', '1.25', '1', undefined],
  )
  t.equal(lineOf('1.25', 'major'), '1.25', 'a floating tag is its own line')
  t.equal(lineOf('2', 'patch'), '2')
})

t.test('laws', async t => {
  t.test('answers are tags of the list, newer, and of the same choice', async () => {
    const property = fc.property(repository, anyStrategy, ({ tags, current }, strategy) => {
      const learned = learnTags(tagListOf(tags))
      const { verdict, newest, elsewhere } = choose(current, learned, { strategy })
      if ([newest, elsewhere].some(answer => answer !== undefined && !tags.includes(answer))) return false
      if (verdict !== 'outdated') return elsewhere === undefined || verdict === 'current'
      const [ours, theirs] = [read(current, learned), read(newest ?? '', learned)]
      if (isPreRelease(theirs) && !isPreRelease(ours)) return false
      return isComparable(ours, theirs) && isNewer(theirs, ours)
    })
    fc.assert(property, { numRuns: 5_000 })
  })

  t.test('neither the order nor duplicates matter', async () => {
    const property = fc.property(
      repository,
      anyStrategy,
      fc.infiniteStream(fc.nat()),
      ({ tags, current }, strategy, dice) => {
        const shuffled = [...tags, ...tags.filter((_, at) => at % 3 === 0)]
          .map(tag => ({ tag, place: dice.next().value ?? 0 }))
          .toSorted((a, b) => a.place - b.place)
          .map(({ tag }) => tag)
        const answers = [tags, shuffled].map(list =>
          JSON.stringify(choose(current, learnTags(tagListOf(list)), { strategy })),
        )
        return answers[0] === answers[1]
      },
    )
    fc.assert(property, { numRuns: 5_000 })
  })

  t.test('a tag that is not comparable changes nothing but where the line goes on', async () => {
    const property = fc.property(repository, anyStrategy, anyTag, ({ tags, current }, strategy, more) => {
      const [before, after] = [tags, [...tags, more]].map(list => learnTags(tagListOf(list)))
      if (before === undefined || after === undefined) return false
      fc.pre(before.list.length > 0 && JSON.stringify(plain(before)) === JSON.stringify(plain(after)))
      const [own, other] = [readBy(after, current), readBy(after, more)]
      fc.pre(typeof own === 'object' && (typeof other === 'string' || !isComparable(own, other)))
      const answers = [before, after].map(learned => {
        const { verdict, newest, behind, line } = choose(current, learned, { strategy })
        return JSON.stringify({ verdict, newest, behind, line })
      })
      return answers[0] === answers[1]
    })
    fc.assert(property, { numRuns: 5_000 })
  })

  t.test('tags of another scheme change nothing, comparable or not', async t => {
    for (const [name, numbers] of Object.entries(otherSchemes)) {
      const added = fc.tuple(fc.constantFrom('', 'v'), fc.array(numbers, { minLength: 1, maxLength: 4 }))
      const property = fc.property(repository, anyStrategy, added, (own, strategy, [prefix, others]) => {
        const { tags, current } = own
        const [before, after] = [tags, [...tags, ...others.map(other => prefix + other)]].map(list =>
          learnTags(tagListOf(list)),
        )
        if (before === undefined || after === undefined) return false
        // Which numbers count builds may be learned from all versions there are; months, only from the spelling of the asker.
        fc.pre(before.list.length > 0 && meaningOf(before) === meaningOf(after))
        const version = readBy(after, current)
        fc.pre(typeof version === 'object' && (version.core[0] ?? 0) <= 16)
        fc.pre(name !== 'months' || isSpelledAlike(tags, before))
        const answers = [before, after].map(learned => {
          const { verdict, newest, behind, line } = choose(current, learned, { strategy })
          return JSON.stringify({ verdict, newest, behind, line })
        })
        return answers[0] === answers[1]
      })
      fc.assert(property, { numRuns: 3_000 })
      t.pass(name)
    }
  })

  t.test('an older tag never makes the answer older, nor takes it away', async () => {
    const property = fc.property(repository, anyStrategy, versionTag, ({ tags, current }, strategy, more) => {
      const [before, after] = [tags, [...tags, more]].map(list => learnTags(tagListOf(list)))
      if (before === undefined || after === undefined) return false
      const [own, other] = [readBy(after, current), readBy(after, more)]
      fc.pre(typeof own === 'object' && typeof other === 'object' && compareReleases(other, own) < 0)
      fc.pre(!saysThatItFloats(other, own))
      fc.pre(JSON.stringify(plain(before)) === JSON.stringify(plain(after)))
      const [first, second] = [before, after].map(learned => choose(current, learned, { strategy }))
      if (first?.verdict !== 'outdated') return true
      if (second?.newest === undefined) return false
      return compareReleases(read(second.newest, after), read(first.newest ?? '', after)) >= 0
    })
    fc.assert(property, { numRuns: 5_000 })
  })

  t.test('a wider strategy never answers older', async () => {
    const property = fc.property(repository, ({ tags, current }) => {
      const learned = learnTags(tagListOf(tags))
      const answers = strategies.map(strategy => choose(current, learned, { strategy }))
      return answers.every(({ newest, behind, verdict }, at) => {
        const wider = answers[at + 1] ?? { newest, behind }
        if (verdict !== 'outdated') return true
        return (
          behind <= wider.behind &&
          compareReleases(read(newest ?? '', learned), read(wider.newest ?? '', learned)) < 1
        )
      })
    })
    fc.assert(property, { numRuns: 5_000 })
  })

  t.test('no input throws', async () => {
    const any = fc.oneof(anyTag, fc.string({ unit: 'binary', maxLength: 300 }), versionTag)
    const property = fc.property(fc.array(any), any, anyStrategy, (tags, current, strategy) => {
      choose(current, learnTags(tagListOf(tags)), { strategy })
    })
    fc.assert(property, { numRuns: 5_000 })
  })

  t.test('agrees with node-semver on plain versions and release candidates', async () => {
    const small = fc.nat(12)
    const version = fc
      .tuple(fc.nat(4), fc.nat(2), small, fc.option(small, { nil: undefined, freq: 2 }))
      .map(([x, y, z, candidate]) => `${x}.${y}.${z}${candidate === undefined ? '' : `-rc.${candidate}`}`)
    const property = fc.property(version, fc.array(version, { minLength: 1 }), (current, tags) => {
      const allowed = tags.filter(tag => current.includes('-') || !tag.includes('-'))
      const best = semver.rsort([...allowed]).at(0)
      const wanted = best !== undefined && semver.gt(best, current) ? best : undefined
      return choose(current, learnTags(tagListOf(tags)), { strategy: 'major' }).newest === wanted
    })
    fc.assert(property, { numRuns: 5_000 })
  })
})

// A longer tag of the same numbers does: `1.28.0-rc.1` of `1.28`.
function saysThatItFloats({ core }: Version, own: Version): boolean {
  return own.core.length < 3 && own.core.every((number, at) => (core[at] ?? 0) === number)
}

const twoDigits = (number: number): string => String(number).padStart(2, '0')
const between = (min: number, max: number) => fc.integer({ min, max })

// Numbers of releases that are no later ones of `1.4.12`.
const otherSchemes = {
  years: fc.tuple(between(2001, 2026), between(1, 12), fc.nat(9)).map(numbers => numbers.join('.')),
  months: fc
    .tuple(between(40, 46), between(1, 9), fc.nat(9))
    .map(([year, month, patch]) => `${year}.${twoDigits(month)}.${patch}`),
  hundredfold: fc.tuple(between(1700, 1720), fc.nat(9), fc.nat(9)).map(numbers => numbers.join('.')),
}

function meaningOf({ grammar: { roles, countsWithB } }: LearnedTags): string {
  return JSON.stringify([[...roles].toSorted(([a], [b]) => compareTexts(a, b)), countsWithB])
}

function isSpelledAlike(tags: readonly string[], learned: LearnedTags): boolean {
  const versions = tags.map(tag => readBy(learned, tag)).filter(version => typeof version === 'object')
  return new Set(versions.map(({ prefix }) => prefix)).size < 2
}

// What was learned, without the tags.
function plain({ grammar }: LearnedTags): unknown {
  const { roles, commitSlots, decorations, series, spellings, inParallel, ...rest } = grammar
  const sets = [commitSlots, decorations, inParallel, ...Object.values(series)].map(set =>
    [...set].toSorted(compareTexts),
  )
  const newest = [...spellings].map(
    ([prefix, cores]) => `${prefix} ${cores.map(core => core.join('.')).join(' ')}`,
  )
  return {
    newest: newest.toSorted(compareTexts),
    roles: [...roles].toSorted(([a], [b]) => compareTexts(a, b)),
    sets,
    ...rest,
  }
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
