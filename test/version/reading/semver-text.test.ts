import * as fc from 'fast-check'
import semver from 'semver'
import t from 'tap'
import { learnTags, readBy } from '../../../src/version/reading/learned-tags.ts'
import { semverTextOf } from '../../../src/version/reading/semver-text.ts'
import { createSchemes, tagListOf, type TagReading } from '../../../src/version/index.ts'
import { compareReleases } from '../../../src/version/reading/version.ts'
import { repository } from '../tags.ts'

function textOf(tag: string, others: string, reading?: TagReading): string | undefined {
  const version = readBy(learnTags(tagListOf([tag, ...others.split(' ')]), reading), tag)
  if (typeof version === 'string') throw new Error(`${tag}: ${version}`)
  return semverTextOf(version)
}

function schemeOf(pattern: string): TagReading {
  const repository = { registry: 'docker.io', repository: 'library/app' }
  return createSchemes([{ images: ['app'], pattern }]).of(repository)
}

const rows: readonly (readonly [string, string | undefined, string?])[] = [
  ['1.25.1', '1.25.1'],
  ['v1.25', '1.25.0'],
  ['7', '7.0.0'],
  ['1.25.1-alpine3.19', '1.25.1'],
  ['2024.01.05', '2024.1.5'],
  ['10.4.0.2', '10.4.0'],
  // semver has no place for what comes after a release
  ['v10.4.0.2-patch', '10.4.0'],
  ['3.5.1-debian-11-r72', '3.5.1'],
  ['1.2.0.4-rc.1', '1.2.0'],
  // pre-releases, and in one spelling
  ['v1.19.12-rc.0', '1.19.12-rc.0'],
  ['1.2-rc1', '1.2.0-rc.1'],
  ['1.2.0.CR2', '1.2.0-rc.2'],
  ['1.2.0-beta', '1.2.0-beta'],
  ['1.2.0-alpha.3', '1.2.0-alpha.3'],
  ['1.2.0-M1', '1.2.0-preview.1'],
  ['1.2.0-snapshot', '1.2.0-0.build'],
  // numbers that semver does not take
  ['1.2.9007199254740991', '1.2.9007199254740991'],
  ['1.2.9007199254740992', undefined],
  ['1.2.99999999999999999999', undefined],
  // no such versions
  ['bookworm-20230919-slim', undefined, 'bookworm-20231030-slim'],
  ['python3', undefined],
  ['100004', undefined, '99987 99990 100001'],
  ['15-3.3', undefined, '15-3.3 15-3.4 16-3.4 14-3.3'],
]

t.test('as semver writes it', async t => {
  for (const [tag, text, others = '1.0.0'] of rows) t.equal(textOf(tag, others), text, tag)
})

t.test('of a scheme, but not of its date alone', async t => {
  const numbered = schemeOf('(?P<major>[0-9]+)_(?P<minor>[0-9]+)')
  t.equal(textOf('2_7', '2_8', numbered), '2.7.0')
  const dated = schemeOf('RELEASE\\.(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})')
  t.equal(textOf('RELEASE.2024-05-10', 'RELEASE.2024-06-10', dated), undefined)
})

const withoutZeros = (text: string): string => text.replace(/(?:\.0)+$/, '')

t.test('every text is a version of semver, and in its order', async () => {
  const property = fc.property(repository, ({ tags }) => {
    const learned = learnTags(tagListOf(tags))
    const read = tags.flatMap(tag => {
      const version = readBy(learned, tag)
      const text = typeof version === 'string' ? undefined : semverTextOf(version)
      return typeof version === 'string' || text === undefined ? [] : [{ version, text }]
    })
    return read.every(one =>
      read.every(other => {
        const [order, releases] = [
          semver.compare(one.text, other.text),
          compareReleases(one.version, other.version),
        ]
        // `preview` and `preview.0` are one release for us, and two versions for semver, of which a range may name either.
        return order === 0 || order === releases || withoutZeros(one.text) === withoutZeros(other.text)
      }),
    )
  })
  const found = ['2.0.0-preview-0.dev-12-g4f3a9c1', '2-pisp-preview']
  fc.assert(property, { numRuns: 2_000, examples: [[{ tags: found, current: '2-pisp-preview' }]] })
})
