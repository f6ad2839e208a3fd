import * as fc from 'fast-check'
import t from 'tap'
import { neutralPrefix, readFields, type Fields } from '../../../src/version/tag/fields.ts'
import { anyTag } from '../tags.ts'

// `kind prefix|core|suffix`, the suffix with `#` before numbers, `*` before commits.
function said(tag: string): string {
  const fields = readFields(tag)
  return typeof fields === 'string' ? fields : textOf(fields)
}

function textOf({ kind, prefix, core, suffix }: Fields): string {
  const marks = { text: '', number: '#', commit: '*' } as const
  const rest = suffix.parts.map(part => `${marks[part.kind]}${part.text}`).join(' ')
  return `${kind} ${prefix}|${core.join('.')}|${rest}`
}

const rows: readonly (readonly [string, string])[] = [
  ['1.25.1', 'version |1.25.1|'],
  ['v1.25.1-alpine3.18', 'version v|1.25.1|#-alpine3.18'],
  ['01.002', 'version |1.2|'],
  ['38', 'version |38|'],
  ['3.11.2023.08.02.10', 'version |3.11.2023.8.2.10|'],
  // behind a prefix
  ['release-1.2', 'version release-|1.2|'],
  ['controller-v1.8.0', 'version controller-v|1.8.0|'],
  ['go1.21.3', 'version go|1.21.3|'],
  ['x86_64-1.2', 'version x86_64-|1.2|'],
  ['v4-4.0.0.141-ls6', 'version v|4|#-4.0.0.141 #-ls6'],
  ['temurin-17-tools-1.11.1.1413', 'version temurin-17-tools-|1.11.1.1413|'],
  // other ways to write numbers
  ['8u382-b05-jdk', 'version |8.0.382|#-b05 -jdk'],
  ['openjdk-6b34-jdk', 'version openjdk-|6|#b34 -jdk'],
  ['defender_33_01_137', 'version defender_|33.1.137|'],
  ['10.8.10ubu2204-ls5', 'version |10.8.10|#ubu2204 #-ls5'],
  ['1.247360.0b252689', 'version |1.247360.0|#b252689'],
  ['110.3.16mariabionic', 'version |110.3.16|mariabionic'],
  ['1.1.1w-alpine', 'version |1.1.1|w -alpine'],
  // numbers of a word
  ['python3', 'named python|3|'],
  ['alpine3.18', 'named alpine|3.18|'],
  ['ltsc2022-KB5030216-amd64', 'named ltsc|2022|#-KB5030216 -amd64'],
  // dates
  ['2025-06-03', 'version |2025.6.3|'],
  ['v20231011-8b53cabe0', 'version v|2023.10.11|*-8b53cabe0'],
  ['bookworm-20230919-slim', 'dated bookworm||#-20230919 -slim'],
  ['nightly-2023-10-20-libc', 'dated nightly||#-2023-10-20 -libc'],
  ['2023-01-12T02-06-16Z', 'version |2023.1.12.20616|'],
  ['20230112T020616Z', 'version |2023.1.12.20616|'],
  ['20230112t020616z', 'version |2023.1.12.20616|'],
  ['2023-01-12T020616-slim', 'version |2023.1.12.20616|-slim'],
  ['2023.01.12_02.06.16', 'version |2023.1.12.20616|'],
  ['2023_01_12_02_06_16', 'version |2023.1.12.20616|'],
  ['2023-01-12T0206Z', 'version |2023.1.12.20600|'],
  ['2023-01-12.1', 'version |2023.1.12.1|'],
  ['2023-01-12T31-06-16Z', 'version |2023.1.12|#T31 #-06 -16Z'],
  ['RELEASE.2023-01-12T02-06-16Z', 'version RELEASE.|2023.1.12.20616|'],
  ['release.1.2.3', 'version release.|1.2.3|'],
  ['RELEASE.2023', 'no-version'],
  ['main-20230112T020616Z-4f3a9c1', 'dated main||#-20230112T020616Z *-4f3a9c1'],
  ['1.2.3-2023-01-12T02-06-16Z-slim', 'version |1.2.3|#-2023-01-12T02-06-16Z -slim'],
  ['1.2.3-2023-01-12Torino', 'version |1.2.3|#-2023 #-01 -12Torino'],
  ['2023-W05', 'no-version'],
  ['T020616Z', 'no-version'],
  ['20230101', 'no-version'],
  ['2023-01', 'no-version'],
  ['3.0-20230901', 'version |3.0|#-20230901'],
  ['1.0-202209221209', 'version |1.0|#-202209221209'],
  // counts
  ['100004', 'counter |100004|'],
  ['pr-12', 'no-version'],
  ['main-1234', 'no-version'],
  // commits
  ['1.43.1.10611-1e34174b1', 'version |1.43.1.10611|*-1e34174b1'],
  ['1.17--h00cdaf9_0', 'version |1.17|*--h00cdaf9 #_0'],
  ['1.16.1--h6899075_1', 'version |1.16.1|*--h6899075 #_1'],
  ['1.2.3-4-g4f3a9c1', 'version |1.2.3|#-4 *-g4f3a9c1'],
  ['4.1.8-6728-850cde1ubuntu18.04.1', 'version |4.1.8|#-6728 *-850cde1 #ubuntu18.04.1'],
  ['4f3a9c1', 'no-version'],
  ['sha-abc123def', 'no-version'],
  // processors are words
  ['7.2.0-v13-x86_64', 'version |7.2.0|#-v13 -x86_64'],
  ['1.2.3-arm64v8', 'version |1.2.3|-arm64v8'],
  // no versions
  ['latest', 'no-version'],
  ['bookworm', 'no-version'],
  ['1.x', 'no-version'],
  ['0.33.X-libc', 'no-version'],
  ['1.2.', 'no-version'],
  ['3a', 'no-version'],
  ['-1.2.3', 'illegal'],
  ['', 'illegal'],
  ['1.2.3+build', 'illegal'],
  ['1'.repeat(129), 'illegal'],
  [`sha256-${'0123456789abcdef'.repeat(4)}.sig`, 'artefact'],
  ['1.2.3.sbom', 'artefact'],
]

t.test('the fields of a tag', async t => {
  for (const [tag, wanted] of rows) t.equal(said(tag), wanted, tag)
})

t.test('nothing of a tag is lost', async () => {
  fc.assert(
    fc.property(anyTag, tag => {
      const fields = readFields(tag)
      if (typeof fields === 'string') return true
      const { prefix, suffix } = fields
      const rest = suffix.parts.map(({ text }) => text).join('')
      return rest === suffix.text && tag.startsWith(prefix) && tag.endsWith(suffix.text)
    }),
    { numRuns: 20_000 },
  )
})

t.test('what comes and goes in a prefix', async t => {
  for (const [prefix, wanted] of [
    ['v', ''],
    ['release-', ''],
    ['version-', ''],
    ['controller-v', 'controller-'],
    ['dev', 'dev'],
    ['V', 'V'],
    ['libtorrentv1-release-', 'libtorrentv1-release-'],
  ] as const)
    t.equal(neutralPrefix(prefix), wanted, prefix)
})
