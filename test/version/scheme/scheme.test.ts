import * as fc from 'fast-check'
import t from 'tap'
import { choose, learnTags, strategies, tagListOf, type Strategy } from '../../../src/version/index.ts'
import { originOf } from '../../../src/version/scheme/images.ts'
import { partNames } from '../../../src/version/scheme/parts.ts'
import { shippedSchemes } from '../../../src/version/scheme/table.ts'
import {
  compileScheme,
  SchemeError,
  type Scheme,
  type SchemeSettings,
} from '../../../src/version/scheme/scheme.ts'
import { createSchemes } from '../../../src/version/scheme/schemes.ts'
import { isNewer } from '../../../src/version/choice/offers.ts'
import { readBy as readTagBy } from '../../../src/version/reading/learned-tags.ts'
import { builtInReading, type TagReading } from '../../../src/version/reading/tag-reading.ts'
import { compareVersions, isComparable, type Version } from '../../../src/version/reading/version.ts'
import { suffixReading } from '../../../src/version/reading/read-suffix.ts'
import { noGrammar } from '../../../src/version/grammar/grammar.ts'
import { readSuffix, type Unreadable } from '../../../src/version/tag/fields.ts'
import { anyTag } from '../tags.ts'

const afterWord = (word: string): string => `${word}(?P<major>\\d+)`
const here = { registry: 'example.com', repository: 'team/app' }

function readingOf(...patterns: readonly string[]) {
  return createSchemes(patterns.map(pattern => ({ images: ['example.com/team/app'], pattern }))).of(here)
}

function schemeOf(pattern: string): Scheme {
  const scheme = compileScheme(pattern)
  if (typeof scheme === 'string') throw new Error(scheme)
  return scheme
}

function readWith(scheme: Scheme, tag: string): Version | undefined {
  return scheme.read(tag, (text, core) =>
    suffixReading({ kind: 'version', prefix: '', core, suffix: readSuffix(text) }, noGrammar),
  )
}

function readBy(reading: TagReading, tag: string): Version | Unreadable {
  return readTagBy({ grammar: noGrammar, reading }, tag)
}

function said(pattern: string, tags: string, strategy: Strategy): string {
  const list = tags.split(' ')
  const { verdict, newest, line } = choose(list[0], learnTags(tagListOf(list), readingOf(pattern)), {
    strategy,
  })
  return [verdict, newest, line].filter(text => text !== undefined).join(' ')
}

t.test('what each part is', async t => {
  const date = '(?P<year>[0-9]+)-(?P<month>[0-9]+)-(?P<day>[0-9]+)'
  const rows: readonly (readonly [pattern: string, tags: string, strategy: Strategy, expected: string])[] = [
    // numbers
    ['(?P<major>\\d+)_(?P<minor>\\d+)_(?P<patch>\\d+)', '1_2_3 1_2_4 1_3_0', 'patch', 'outdated 1_2_4 1_2'],
    ['(?P<major>\\d+)_(?P<minor>\\d+)_(?P<patch>\\d+)', '1_2_3 1_2_4 1_3_0', 'minor', 'outdated 1_3_0 1'],
    ['(?P<major>\\d+)(?:_(?P<minor>\\d+))?', '1 1_2 1_3', 'patch', 'floating 1_3 1'],
    ['(?P<patch>\\d+)', '7 10 9', 'patch', 'outdated 10'],
    ['(?P<patch>\\d+)', '7 10 9', 'rebuild', 'current 7'],
    ['v?(?P<major>\\d+)', 'v1 2', 'major', 'outdated 2'],
    [
      '(?P<major>\\d+)',
      '9 99999999999999999998 99999999999999999999',
      'major',
      'outdated 99999999999999999999',
    ],
    // dates: one line of them, or a line for each year or month
    [date, '2024-1-5 2023-12-31 2024-02-01', 'patch', 'outdated 2024-02-01'],
    [date, '2024-02-01 2024-1-5 2023-12-31', 'patch', 'current'],
    [date, '2024-1-5 2024-02-01', 'rebuild', 'current 2024-1-5'],
    ['(?P<year>\\d\\d)\\.(?P<month>\\d\\d)', '23.10 24.04 24.13', 'patch', 'outdated 24.04'],
    ['(?P<year>\\d+)\\.(?P<month>\\d\\d)', '22.04 2024.05 23.10', 'patch', 'outdated 2024.05'],
    [
      '(?P<major>\\d{4})\\.(?P<minor>\\d\\d)\\.(?P<patch>\\d+)',
      '2024.05.1 2024.05.2 2024.06.0',
      'patch',
      'outdated 2024.05.2 2024.05',
    ],
    ['(?P<major>\\d{4})\\.(?P<patch>\\d\\d)', '2024.05 2024.06 2025.01', 'patch', 'outdated 2024.06 2024'],
    [
      `${date}T(?P<time>[0-9-]+)`,
      '2024-05-10T01-41 2024-05-10T01-41-38 2024-05-10T9',
      'rebuild',
      'outdated 2024-05-10T9 2024-05-10',
    ],
    // a date behind a patch number counts rebuilds
    [
      `(?P<major>\\d+)\\.(?P<minor>\\d+)\\.(?P<patch>\\d+)-${date}`,
      '1.2.3-2024-01-01 1.2.3-2024-02-01 1.2.4-2024-01-15',
      'rebuild',
      'outdated 1.2.3-2024-02-01 1.2.3',
    ],
    // text that must be equal
    ['(?P<prefix>[a-z]+)(?P<major>\\d+)', 'a1 a2 b3', 'major', 'outdated a2 a'],
    ['(?P<major>\\d+)(?P<variant>-[a-z]+)?', '1 2-x 3-y', 'major', 'current'],
    // pre-releases
    ['(?P<major>\\d+)(?:~(?P<prerelease>.*))?', '1', 'major', 'current'],
    ['(?P<major>\\d+)(?:_(?P<prerelease>.+))?', '1 2_rc1', 'major', 'current'],
    ['(?P<major>\\d+)(?:_(?P<prerelease>.+))?', '2_rc1 2_beta9 2_rc2 2', 'major', 'outdated 2'],
    ['(?P<major>\\d+)(?:_(?P<prerelease>.+))?', '2_odd 2_rc2', 'major', 'current'],
    // revisions: one without is before the first
    ['(?P<major>\\d+)(?:\\+|_(?P<revision>\\d+))?', '1 1_2 1_10', 'major', 'outdated 1_10'],
    // the built-in rules for the rest
    ['(?P<major>\\d+)\\.(?P<patch>\\d+)(?P<suffix>.*)', '1.2-alpine 1.3rc1-alpine 1.3', 'patch', 'current 1'],
    [
      '(?P<major>\\d+)\\.(?P<patch>\\d+)(?P<suffix>.*)',
      '1.2-r1 1.2-r10 1.2-r9',
      'rebuild',
      'outdated 1.2-r10 1.2',
    ],
  ]
  for (const [pattern, tags, strategy, expected] of rows)
    t.equal(said(pattern, tags, strategy), expected, `${pattern}: ${tags}`)
})

t.test('what a pattern finds and is no number is not read by it', async t => {
  for (const [pattern, tag] of [
    ['(?P<major>.+)', 'x1'],
    ['(?P<major>.+)', '1.2'],
    ['(?P<year>.+)', '202'],
    ['(?P<year>\\d{4})(?P<month>\\d\\d)', '202413'],
    ['(?P<year>\\d{4})(?P<month>\\d\\d)(?P<day>\\d\\d)', '20241241'],
    ['(?P<year>\\d{4})(?P<month>\\d\\d)(?P<day>\\d\\d)(?P<time>.+)', '20241201T1234567890'],
    ['(?P<major>\\d)(?P<revision>.+)', '1a'],
    ['(?P<major>\\d)(?P<suffix>.+)', '1.x'],
    ['(?P<major>\\d)', '11'],
    ['(?P<major>\\d)', ' 1'],
  ] as const)
    t.equal(readWith(schemeOf(pattern), tag), undefined, `${pattern} ${tag}`)
  t.equal(schemeOf('(?P<major>\\d)').line('11', 1), undefined)
})

t.test('what no scheme reads, the built-in rules read, and it is never compared', async t => {
  const reading = readingOf('(?P<major>\\d+)\\.(?P<patch>\\d+)')
  const tags = ['1.2', '1.3', '1.2.9', '1.2.10', 'main', 'sha256-0123456789abcdef0123456789abcdef.sig']
  const index = learnTags(tagListOf(tags), reading)
  t.match(choose('1.2', index, { strategy: 'major' }), {
    verdict: 'outdated',
    newest: '1.3',
    line: undefined,
  })
  t.match(choose('1.3', index, { strategy: 'major' }), {
    verdict: 'current',
    reason: 'newest',
    elsewhere: undefined,
  })
  t.match(choose('1.2.9', index, { strategy: 'major' }), { verdict: 'outdated', newest: '1.2.10' })
  t.match(choose('1.2.9', index, { strategy: 'patch' }), { newest: '1.2.10', line: '1.2' })
  t.equal(readBy(reading, 'main'), 'no-version')
  t.equal(readBy(reading, '-1'), 'illegal')
  t.equal(readBy(readingOf('.*(?P<major>6).*'), tags[5] ?? ''), 'artefact', 'whatever the pattern says')
  t.equal(readBy(readingOf('(?P<major>.)'), '٣'), 'illegal')
})

t.test('the first pattern that fits reads a tag, and its versions are compared with the others', async t => {
  const reading = readingOf(
    'r(?P<major>\\d+)',
    '(?P<prefix>s)(?P<major>\\d+)',
    'q?(?P<major>\\d+)\\.(?P<minor>\\d+)',
  )
  const index = learnTags(tagListOf(['r1', 's7', '2.5', 'q2.6']), reading)
  t.match(choose('r1', index, { strategy: 'major' }), { newest: 'q2.6', behind: 2 })
})

t.test('what a repository is a copy of', async t => {
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    ['proxy.example.com', 'docker.io/library/postgres', 'docker.io/library/postgres'],
    ['proxy.example.com', 'docker.io/postgres', 'docker.io/library/postgres'],
    ['proxy.example.com', 'cache/quay.io/minio/minio', 'quay.io/minio/minio'],
    ['harbor.example.com', 'proxy/library/postgres', 'docker.io/library/postgres'],
    ['docker.io', 'arm64v8/postgres', 'docker.io/library/postgres'],
    ['docker.io', 'bitnami/postgresql', undefined],
    ['ghcr.io', 'arm64v8/postgres', undefined],
    ['example.com', 'postgres', undefined],
    ['example.com', 'team/quay.io', undefined],
  ]
  for (const [registry, repository, wanted] of rows) {
    const origin = originOf({ registry, repository })
    t.equal(origin && `${origin.registry}/${origin.repository}`, wanted, `${registry}/${repository}`)
  }
  const schemes = createSchemes([])
  const postgres = schemes.of({ registry: 'docker.io', repository: 'library/postgres' })
  t.equal(schemes.of({ registry: 'harbor.example.com', repository: 'hub/library/postgres' }), postgres)
  t.not(postgres, builtInReading)
})

t.test('which scheme is meant', async t => {
  const schemes = createSchemes([
    { images: ['example.com'], pattern: afterWord('host') },
    { images: ['example.com/team/'], pattern: afterWord('team') },
    { images: ['example.com/team/app', 'EXAMPLE.com:443/team/other'], pattern: afterWord('app') },
    { images: ['nginx'], pattern: afterWord('nginx') },
    { images: ['postgres'], pattern: afterWord('postgres') },
    { images: ['index.docker.io/bitnami'], pattern: afterWord('bitnami') },
    { images: ['localhost:5000/a'], pattern: afterWord('local') },
  ])
  const rows: readonly (readonly [string, string, string])[] = [
    ['example.com', 'x', 'host'],
    ['example.com', 'team/x/y', 'team'],
    ['example.com', 'team', 'team'],
    ['example.com', 'team/app', 'app'],
    ['example.com', 'team/app/sub', 'app'],
    ['example.com', 'team/application', 'team'],
    ['example.com', 'team/other', 'app'],
    ['docker.io', 'library/nginx', 'nginx'],
    ['docker.io', 'nginx/nginx-ingress', 'nginx'],
    ['docker.io', 'library/postgres', 'postgres'],
    ['docker.io', 'bitnami/redis', 'bitnami'],
    ['localhost:5000', 'a/b', 'local'],
  ]
  for (const [registry, repository, expected] of rows) {
    const reading = schemes.of({ registry, repository })
    t.type(readBy(reading, `${expected}7`), 'object', `${registry}/${repository}`)
    t.equal(schemes.of({ registry, repository }), reading, 'the same object')
  }
  for (const [registry, repository] of [
    ['example.com.evil', 'team/app'],
    ['example.comx', 'team/app'],
    ['docker.io', 'library/nginx-other'],
    ['localhost:5001', 'a/b'],
    ['docker.io', 'bitnamilegacy/redis'],
  ] as const)
    t.equal(schemes.of({ registry, repository }), builtInReading, `${registry}/${repository}`)
})

t.test('what is wrong with a scheme', async t => {
  const images = ['postgres']
  const rows: readonly (readonly [SchemeSettings, string, string])[] = [
    [
      { images, pattern: '(' },
      'invalid-pattern',
      "the pattern is none of RE2's syntax: error parsing regexp: missing closing ): `(`",
    ],
    [
      { images, pattern: '(?P<major>.)(?!x)' },
      'invalid-pattern',
      "the pattern is none of RE2's syntax: error parsing regexp: invalid or unsupported Perl syntax: `(?!`",
    ],
    [
      { images, pattern: `(?P<major>${'1'.repeat(512)})` },
      'invalid-pattern',
      'the pattern is longer than 512 characters',
    ],
    [
      { images, pattern: '(?P<major>(?:a{0,100}){0,10})' },
      'invalid-pattern',
      'the pattern is too large once compiled (2013 instructions, at most 500): repeat fewer things fewer times',
    ],
    [
      { images, pattern: '(?P<hour>.)' },
      'invalid-pattern',
      `"hour" is no name of a part; these are: ${partNames.join(', ')}`,
    ],
    [
      { images, pattern: '(\\d+)' },
      'invalid-pattern',
      'no group puts tags in order; name one of major, minor, patch, build, year, revision: (?P<major>[0-9]+)',
    ],
    [
      { images, pattern: '(?P<variant>.)' },
      'invalid-pattern',
      'no group puts tags in order; name one of major, minor, patch, build, year, revision: (?P<major>[0-9]+)',
    ],
    [
      { images, pattern: '(?P<major>.)(?P<day>.)' },
      'invalid-pattern',
      'the part "day" needs the part "month"',
    ],
    [
      { images, pattern: '(?P<major>.)(?P<suffix>.)(?P<variant>.)' },
      'invalid-pattern',
      'the parts "suffix" and "variant" take the same place: name one of them',
    ],
    [
      { images, pattern: '(?P<patch>.)(?P<year>.)(?P<revision>.)' },
      'invalid-pattern',
      'the parts "year" and "revision" take the same place: name one of them',
    ],
    [
      { images, pattern: '(?P<year>.)(?P<month>.)(?P<day>.)(?P<time>.)(?P<build>.)' },
      'invalid-pattern',
      'the parts "time" and "build" take the same place: name one of them',
    ],
    [{ images: [], pattern: '(?P<major>.)' }, 'invalid-images', 'it names no images'],
    ...[
      '',
      '/',
      'Upper/case',
      'a b',
      'https://example.com/a',
      'example.com//a',
      'postgres:bookworm',
      `a${'b'.repeat(255)}`,
    ].map(
      text =>
        [
          { name: 'mine', images: [text], pattern: '(?P<major>.)' },
          'invalid-images',
          'no image begins with',
        ] as const,
    ),
  ]
  for (const [settings, code, message] of rows) {
    const good = { images: ['a'], pattern: '(?P<major>.)' }
    try {
      createSchemes([good, settings])
      t.fail(JSON.stringify(settings))
    } catch (error) {
      if (!(error instanceof SchemeError)) throw error
      const called = settings.name ?? settings.images[0] ?? 'no images'
      t.match(error, { name: 'SchemeError', code, scheme: 1 })
      t.ok(error.message.startsWith(`scheme 2 (${JSON.stringify(called)}): ${message}`), error.message)
    }
  }
})

const group = fc
  .tuple(
    fc.constantFrom(...partNames, 'other'),
    fc.constantFrom('[0-9]+', '[0-9]*', '.*', '[a-z]*', '(?:rc)?[0-9]+'),
  )
  .map(([name, pattern]) => `(?P<${name}>${pattern})`)
const pattern = fc
  .array(fc.tuple(group, fc.constantFrom('', '-', '\\.', '?', '?-?')), { minLength: 1, maxLength: 5 })
  .map(parts => parts.flat().join(''))
const anySettings = fc.oneof(pattern, fc.constantFrom(...shippedSchemes.map(scheme => scheme.pattern)))
const anyTags = fc.array(
  fc.oneof(anyTag, fc.string({ unit: fc.constantFrom(...'0129.-arc'.split('')), maxLength: 8 })),
  { minLength: 1, maxLength: 10 },
)

// Each pair has one order, and it goes on over a third.
function isOrdered(versions: readonly Version[]): boolean {
  return versions.every(a =>
    versions
      .filter(b => isComparable(a, b) && a.revisionKinds === b.revisionKinds)
      .every(
        (b, _, others) =>
          compareVersions(a, b) + compareVersions(b, a) === 0 &&
          others.every(
            c => compareVersions(a, b) < 0 || compareVersions(b, c) < 0 || compareVersions(a, c) >= 0,
          ),
      ),
  )
}

t.test('laws', async t => {
  t.test('any text is a scheme or an error that says why', async () => {
    const anyText = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'(?P<major>[0-9]*)+{1,9}|\\dx^$'.split('')) }),
      fc.string(),
    )
    fc.assert(
      fc.property(anyText, text => {
        const scheme = compileScheme(text)
        return typeof scheme === 'string' ? scheme.length > 10 : readWith(scheme, '1') !== null
      }),
      { numRuns: 5_000 },
    )
  })
  t.test('versions are in one order, equal tags are read alike', async () => {
    const property = fc.property(anySettings, anyTags, (text, tags) => {
      const scheme = compileScheme(text)
      if (typeof scheme === 'string') return true
      const read = tags.flatMap(tag => {
        const version = readWith(scheme, tag)
        return version === undefined ? [] : [{ tag, version }]
      })
      if (!isOrdered(read.map(({ version }) => version))) return false
      return read.every(
        ({ tag, version }) => compareVersions(version, readWith(scheme, tag) ?? version) === 0,
      )
    })
    fc.assert(property, { numRuns: 3_000 })
  })
  t.test('what is newest is newer, in the list, and of the same prefix and variant', async () => {
    const property = fc.property(
      anySettings,
      anyTags,
      fc.constantFrom(...strategies),
      (text, tags, strategy) => {
        if (typeof compileScheme(text) === 'string') return true
        const reading = readingOf(text)
        const current = tags[0] ?? ''
        const learned = learnTags(tagListOf(tags), reading)
        const { verdict, newest } = choose(current, learned, { strategy })
        if (verdict !== 'outdated') return true
        const read = reading.reader(learned.grammar)
        const [own, other] = [read(current), read(newest ?? '')]
        if (typeof own === 'string' || typeof other === 'string' || !tags.includes(newest ?? '')) return false
        return isComparable(own, other) && isNewer(other, own)
      },
    )
    fc.assert(property, { numRuns: 3_000 })
  })
  t.test('a line is a part of the tag', async () => {
    const property = fc.property(anySettings, anyTag, fc.nat(4), (text, tag, depth) => {
      const scheme = compileScheme(text)
      if (typeof scheme === 'string') return true
      const line = scheme.line(tag, depth)
      return line === undefined || (line !== '' && tag.includes(line))
    })
    fc.assert(property, { numRuns: 3_000 })
  })
})

// An engine that tries one way after the other would not end within the time of the universe.
t.test('hostile patterns and tags cost what the longest tag costs', async t => {
  const long = 'a'.repeat(127)
  for (const hostile of ['(a+)+', '(a|a)*', '(a|aa)+', '(.*a){10}', '(?:a?){40}a{40}', '([a-z]+)*-?'])
    for (const tag of [`${long}!`, `${long}b`, `${long}0`])
      t.equal(readWith(schemeOf(`${hostile}(?P<major>[1-9])`), tag), undefined, hostile)
})
