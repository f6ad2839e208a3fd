import * as fc from 'fast-check'
import t from 'tap'
import {
  evaluateImages,
  judgeImages,
  rememberChoices,
  TagSourceError,
  type Access,
  type DigestCatalog,
  type Evaluation,
  type EvaluationPorts,
  type TagCatalog,
} from '../../src/evaluation/index.ts'
import type { Repository } from '../../src/image/index.ts'
import {
  builtInReading,
  learnTags,
  tagListOf,
  type Strategy,
  type TagReading,
} from '../../src/version/index.ts'
import { catalogOf, contentOf, digestNamed, digestsOf, timeLimit, type Held } from './fake-catalogs.ts'

const tags = ['1.25', '1.25.1', '1.25.2', '1.25.4', '1.25.5', '1.25.5-alpine3.19', '1.25.1-alpine3.17']

async function evaluate(
  image: string,
  ports: Omit<EvaluationPorts, 'timeLimit'>,
  request: { strategy?: Strategy; access?: Access; fresh?: number } = {},
): Promise<Evaluation> {
  const asked = { images: [image], strategy: 'patch' as const, budget: 10, ...request }
  const evaluation = (await evaluateImages(asked, { ...ports, timeLimit })).get(image)
  if (evaluation === undefined) throw new Error(image)
  return evaluation
}

function short({ verdict, reason, newest, elsewhere, behind }: Evaluation): string {
  const other = elsewhere === undefined ? '' : `, ${elsewhere}`
  return `${verdict}: ${reason}${newest === undefined ? '' : ` ${newest}`}${other} (${behind})`
}

function accessWith(problems: readonly string[]): Access {
  return { namespace: 'shop', credentialsFor: () => [], problems }
}

function refusing(code: TagSourceError['code']): TagCatalog {
  return { known: () => undefined, lookUp: () => Promise.reject(new TagSourceError(code, 'no entry')) }
}

type Row = readonly [image: string, held: Readonly<Record<string, Held>>, expected: string]

const rows: readonly Row[] = [
  // proven, in memory or by asking
  ['nginx:1.25.1', { '1.25.1': contentOf('a'), '1.25.5': contentOf('b') }, 'outdated: newer 1.25.5 (3)'],
  ['nginx:1.25.1', {}, 'outdated: newer 1.25.5 (3)'],
  ['nginx:1.25.1', { '1.25.1': 'later gone' }, 'outdated: newer 1.25.5 (3)'],
  // another name for the same
  ['nginx:1.25.1', { '1.25.1': contentOf('a'), '1.25.5': contentOf('a') }, 'current: same-digest (0)'],
  [
    `nginx:1.25.1@${digestNamed('a')}`,
    { '1.25.1': 'never', '1.25.5': contentOf('a') },
    'current: same-digest (0)',
  ],
  [
    `nginx:1.25.1@${digestNamed('a')}`,
    { '1.25.1': 'never', '1.25.5': contentOf('c', { 'linux/amd64': 'a' }) },
    'current: same-digest (0)',
  ],
  [`nginx:1.25.1@${digestNamed('a')}`, { '1.25.5': contentOf('b') }, 'outdated: newer 1.25.5 (3)'],
  // gone: the next one, three times
  ['nginx:1.25.1', { '1.25.5': 'gone' }, 'outdated: newer 1.25.4 (2)'],
  ['nginx:1.25.1', { '1.25.5': 'later gone' }, 'outdated: newer 1.25.4 (2)'],
  ['nginx:1.25.1', { '1.25.5': 'later gone', '1.25.4': 'gone' }, 'outdated: newer 1.25.2 (1)'],
  [
    'nginx:1.25.1',
    { '1.25.5': 'gone', '1.25.4': 'later gone', '1.25.2': 'gone' },
    'current: other-variant, 1.25.5-alpine3.19 (0)',
  ],
  ['nginx:1.25.4', { '1.25.5': 'gone' }, 'current: other-variant, 1.25.5-alpine3.19 (0)'],
  // not proven: nobody is told
  ['nginx:1.25.1', { '1.25.5': 'never' }, 'unknown: not-checked-yet (0)'],
  ['nginx:1.25.1', { '1.25.5': new TagSourceError('unavailable', 'down') }, 'unknown: unavailable (0)'],
  // only the digest of its own tag is missing: the newest exists, and the list says that it is newer
  ['nginx:1.25.1', { '1.25.1': 'never' }, 'outdated: newer 1.25.5 (3)'],
  ['nginx:1.25.1', { '1.25.1': 'never', '1.25.5': contentOf('a') }, 'outdated: newer 1.25.5 (3)'],
  ['nginx:1.25.1', { '1.25.1': 'never', '1.25.5': 'later gone' }, 'outdated: newer 1.25.4 (2)'],
  ['nginx:1.25.1', { '1.25.1': 'never', '1.25.5': 'never' }, 'unknown: not-checked-yet (0)'],
  ['nginx:1.25.1', { '1.25.1': new TagSourceError('rate-limited', 'wait') }, 'outdated: newer 1.25.5 (3)'],
  ['nginx:1.25', { '1.25': 'never' }, 'floating: extended 1.25.5 (0)'],
  // what a floating tag should be pinned to
  ['nginx:1.25', {}, 'floating: extended 1.25.5 (0)'],
  ['nginx:1.25', { '1.25': 'never', '1.25.5': contentOf('a') }, 'floating: extended 1.25.5 (0)'],
  ['nginx:1.25', { '1.25.5': 'gone' }, 'floating: extended 1.25.4 (0)'],
  ['nginx:1.25', { '1.25.5': 'never' }, 'floating: extended (0)'],
  ['nginx:1.25', { '1.25.5': new TagSourceError('unavailable', 'down') }, 'floating: extended (0)'],
  // where a line goes on
  ['nginx:1.25.1-alpine3.17', {}, 'current: other-variant, 1.25.5-alpine3.19 (0)'],
  ['nginx:1.25.1-alpine3.17', { '1.25.5-alpine3.19': 'gone' }, 'current: other-variant, 1.25.5 (0)'],
  ['nginx:1.25.1-alpine3.17', { '1.25.5-alpine3.19': 'never' }, 'current: newest (0)'],
  [
    'nginx:1.25.0-alpine3.17',
    { '1.25.1-alpine3.17': contentOf('a') },
    'outdated: newer 1.25.1-alpine3.17 (1)',
  ],
  // that a tag is not there is proven too: it may have been pushed since the list came
  ['nginx:1.25.9', { '1.25.9': 'gone' }, 'current: not-listed (0)'],
  ['nginx:1.25.9', { '1.25.9': 'later gone' }, 'current: not-listed (0)'],
  ['nginx:1.25.9', { '1.25.9': contentOf('a') }, 'current: unlisted (0)'],
  ['nginx:1.25.9', {}, 'current: unlisted (0)'],
  ['nginx:1.25.9', { '1.25.9': 'never' }, 'current: unlisted (0)'],
  ['nginx:1.25.9', { '1.25.9': new TagSourceError('unavailable', 'down') }, 'current: unlisted (0)'],
  ['nginx:v1.25.1', { 'v1.25.1': 'gone' }, 'current: not-listed, 1.25.5 (0)'],
  ['nginx:v1.25.1', { 'v1.25.1': 'gone', '1.25.5': 'never' }, 'current: not-listed (0)'],
  [
    'nginx:v1.25.1',
    { 'v1.25.1': 'gone', '1.25.5': new TagSourceError('unavailable', 'down') },
    'current: not-listed (0)',
  ],
  ['nginx:v1.25.1', { '1.25.5': new TagSourceError('unavailable', 'down') }, 'current: unlisted (0)'],
  // nothing is told of another tag: nothing is asked
  ['nginx:1.25.5', { '1.25.5': 'never' }, 'current: newest (0)'],
]

t.test('what is told of other tags is proven', async t => {
  for (const [image, held, expected] of rows) {
    const digests = digestsOf(held)
    const evaluation = await evaluate(image, { catalog: catalogOf(tags, { gone: digests.gone }), digests })
    t.equal(short(evaluation), expected, `${image} ${JSON.stringify(held)}`)
    const isTold = [evaluation.newest, evaluation.elsewhere].some(
      tag => tag !== undefined && digests.gone.has(tag),
    )
    t.notOk(isTold, 'nobody is told of a tag that is gone')
  }
})

const two = { 'linux/amd64': '1', 'linux/arm64': '2' }
const newTwo = { 'linux/amd64': '4', 'linux/arm64': '5' }
const arm = { 'linux/arm64': '3' }
const own = { '1.25.1': contentOf('a', two) }

const byPlatform: readonly (readonly [held: Readonly<Record<string, Held>>, expected: string])[] = [
  [{ ...own, '1.25.5': contentOf('b', newTwo) }, 'outdated: newer 1.25.5 (3)'],
  [{ ...own, '1.25.5': contentOf('b', arm), '1.25.4': contentOf('c', newTwo) }, 'outdated: newer 1.25.4 (2)'],
  [
    {
      ...own,
      '1.25.5': contentOf('b', 'none'),
      '1.25.4': contentOf('c', arm),
      '1.25.2': contentOf('d', newTwo),
    },
    'outdated: newer 1.25.2 (1)',
  ],
  [{ ...own, '1.25.5': 'gone', '1.25.4': contentOf('c', arm) }, 'current: other-platform, 1.25.4 (0)'],
  [
    { ...own, '1.25.5': contentOf('b', arm), '1.25.4': contentOf('c', arm), '1.25.2': contentOf('d', arm) },
    'current: other-platform, 1.25.5 (0)',
  ],
  [
    {
      ...own,
      '1.25.5': contentOf('b', 'none'),
      '1.25.4': contentOf('c', 'none'),
      '1.25.2': contentOf('d', 'none'),
    },
    'current: other-variant, 1.25.5-alpine3.19 (0)',
  ],
  [{ '1.25.1': 'never', '1.25.5': contentOf('b', arm) }, 'outdated: newer 1.25.5 (3)'],
]

t.test('what is offered runs where the image does', async t => {
  for (const [held, expected] of byPlatform) {
    const rest = { '1.25.2': contentOf('e', arm), ...held }
    const digests = digestsOf(rest)
    const evaluation = await evaluate('nginx:1.25.1', {
      catalog: catalogOf(tags, { gone: digests.gone }),
      digests,
      choose: rememberChoices(),
    })
    t.equal(short(evaluation), expected, JSON.stringify(held))
    t.equal(evaluation.unproven, false)
  }
})

t.test('where that is not known the verdict says so', async t => {
  const rows: readonly (readonly [held: Held, why: string])[] = [
    [contentOf('b', 'untold'), 'its registry does not tell without a pull'],
    [{ ...contentOf('b'), platforms: undefined }, 'r.example/nginx: down'],
  ]
  for (const [held, why] of rows) {
    const known = digestsOf({ ...own, '1.25.5': held })
    const digests: DigestCatalog = {
      ...known,
      knownDigest(wanted) {
        const found = known.knownDigest(wanted)
        const isLacking = wanted.platforms === true && found?.digest?.platforms === undefined
        return isLacking ? undefined : found
      },
      digest: () => Promise.reject(new TagSourceError('unavailable', 'r.example/nginx: down')),
    }
    const evaluation = await evaluate('nginx:1.25.1', { catalog: catalogOf(tags), digests })
    t.equal(short(evaluation), 'outdated: newer 1.25.5 (3)')
    t.equal(evaluation.unproven, true)
    t.equal(evaluation.detail, `whether 1.25.5 runs on the platforms of the image is not known: ${why}`)
    const slow = await evaluate('nginx:1.25.1', {
      catalog: catalogOf(tags),
      digests: { ...digests, digest: () => new Promise<never>(() => {}) },
    })
    t.equal(slow.unproven, true)
    if (held !== rows[0]?.[0]) t.match(slow.detail, /is not known: that is looked up in the background$/)
  }
})

t.test('in memory what does not run is passed over too, once time is up', async t => {
  const known = digestsOf({ ...own, '1.25.5': contentOf('b', arm), '1.25.4': 'later' })
  const digests: DigestCatalog = {
    ...known,
    digest: wanted => (wanted.tag === '1.25.4' ? new Promise<never>(() => {}) : known.digest(wanted)),
  }
  t.equal(
    short(await evaluate('nginx:1.25.1', { catalog: catalogOf(tags), digests })),
    'unknown: not-checked-yet (0)',
  )
})

t.test('a registry that lists more than it has is not asked for all of it at once', async t => {
  const many = Array.from({ length: 30 }, (_, patch) => `1.25.${patch}`)
  const digests = digestsOf(Object.fromEntries(many.map(tag => [tag, 'later gone'] as const)))
  const catalog = catalogOf(many, { gone: digests.gone })
  const evaluation = await evaluate('nginx:1.25.1', { catalog, digests })
  t.equal(short(evaluation), 'unknown: not-checked-yet (0)')
  t.equal(evaluation.detail, 'its registry lists newer tags that it does not have; it is asked again later')
  t.equal(digests.gone.size, 11, 'ten of them, and its own')
})

t.test('what is counted, and the digest of the newest tag for who has pinned an image', async t => {
  const own = digestNamed('c')
  const held = { '1.25.5': contentOf('b'), '1.25.1-r3': contentOf('d') }
  const cases: readonly (readonly [string, readonly string[], string, string | undefined])[] = [
    ['nginx:1.25.1', tags, 'versions', undefined],
    [`nginx:1.25.1@${own}`, tags, 'versions', digestNamed('b')],
    [`nginx:1.25.1-r1@${own}`, ['1.25.1-r1', '1.25.1-r3'], 'revisions', digestNamed('d')],
    [`nginx:1.25.5@${own}`, tags, 'versions', undefined],
  ]
  for (const [image, listed, counted, newestDigest] of cases) {
    const evaluation = await evaluate(image, { catalog: catalogOf(listed), digests: digestsOf(held) })
    t.strictSame([evaluation.counted, evaluation.newestDigest], [counted, newestDigest], image)
  }
  const believed = await evaluate(`nginx:1.25.1@${own}`, { catalog: catalogOf(tags) })
  t.equal(believed.newestDigest, undefined)
  const access = accessWith([])
  const asked = await evaluate(
    `nginx:1.25.1@${own}`,
    { catalog: catalogOf(tags), digests: digestsOf(held) },
    { access },
  )
  t.equal(asked.newestDigest, digestNamed('b'))
})

t.test('the source of an image is told with a newer tag, where its manifest is known', async t => {
  const source = 'https://github.com/nginx/docker-nginx'
  const tags = ['1.25.1', '1.25.5']
  const held = { '1.25.1': { ...contentOf('a'), source }, '1.25.5': { ...contentOf('b'), source } }
  const cases: readonly (readonly [string, Readonly<Record<string, Held>>, string | undefined])[] = [
    ['nginx:1.25.1', held, source],
    [`nginx:1.25.1@${digestNamed('c')}`, held, source],
    ['nginx:1.25.1', { ...held, '1.25.5': contentOf('b') }, undefined],
    ['nginx:1.25.5', held, undefined],
    ['nginx:1.25.1', { ...held, '1.25.5': { ...contentOf('a'), source } }, undefined],
    ['nginx:latest', held, undefined],
  ]
  for (const [image, known, expected] of cases) {
    const evaluation = await evaluate(image, { catalog: catalogOf(tags), digests: digestsOf(known) })
    t.equal(evaluation.source, expected, image)
  }
  t.equal((await evaluate('nginx:1.25.1', { catalog: catalogOf(tags) })).source, undefined)
})

t.test('what was proven before a still newer tag came is told as long as that one is not', async t => {
  const down = new TagSourceError('unavailable', 'down')
  const rowsBefore: readonly (readonly [
    string,
    Readonly<Record<string, Held>>,
    readonly string[],
    string,
  ])[] = [
    ['nginx:1.25.1', { '1.25.5': down, '1.25.4': contentOf('d') }, ['1.25.4'], 'outdated: newer 1.25.4 (2)'],
    [
      'nginx:1.25.1',
      { '1.25.5': 'never', '1.25.4': contentOf('d') },
      ['1.25.4'],
      'outdated: newer 1.25.4 (2)',
    ],
    [
      'nginx:1.25.1',
      { '1.25.5': 'never', '1.25.4': contentOf('d'), '1.25.2': contentOf('c') },
      ['1.25.2', '1.25.4', '1.25.1'],
      'outdated: newer 1.25.4 (2)',
    ],
    // of another shape or line, older, not listed any more, or what it runs itself
    ['nginx:1.25.1', { '1.25.5': down, '1.24.9': contentOf('d') }, ['1.24.9'], 'unknown: unavailable (0)'],
    ['nginx:1.25.1', { '1.25.5': down, '1.25.3': contentOf('d') }, ['1.25.3'], 'unknown: unavailable (0)'],
    [
      'nginx:1.25.1',
      { '1.25.5': down, '1.25.5-alpine3.19': contentOf('d') },
      ['1.25.5-alpine3.19', 'latest'],
      'unknown: unavailable (0)',
    ],
    ['nginx:1.25.4', { '1.25.5': down, '1.25.2': contentOf('d') }, ['1.25.2'], 'unknown: unavailable (0)'],
    [
      'nginx:1.25.1',
      { '1.25.5': down, '1.25.1': contentOf('a'), '1.25.4': contentOf('a') },
      ['1.25.4'],
      'unknown: unavailable (0)',
    ],
  ]
  for (const [image, held, proven, expected] of rowsBefore) {
    const digests = digestsOf(held, proven)
    const evaluation = await evaluate(image, { catalog: catalogOf(tags), digests })
    t.equal(short(evaluation), expected, `${image} ${JSON.stringify(held)}`)
  }
})

t.test('an own digest that comes late corrects what the list said', async t => {
  const digests = digestsOf({ '1.25.5': contentOf('a'), '1.25.1': 'never' })
  const catalog = catalogOf(tags)
  t.match(await evaluate('nginx:1.25.1', { catalog, digests }), { verdict: 'outdated', newest: '1.25.5' })
  const known = digestsOf({ '1.25.5': contentOf('a'), '1.25.1': contentOf('a') })
  t.match(await evaluate('nginx:1.25.1', { catalog, digests: known }), {
    verdict: 'current',
    reason: 'same-digest',
  })
})

t.test('who wants fresh tags is told of older ones only with why', async t => {
  const failure = new TagSourceError('unavailable', 'down; pull secret a/b', { messageForOthers: 'down' })
  const known = { learned: learnTags(tagListOf(tags)), age: 90, stale: false, wasListed: () => true }
  const wanted: unknown[] = []
  const digests = digestsOf({ '1.25.9': 'gone' })
  const due = (outcome: 'fails' | 'never comes'): TagCatalog => ({
    known(asked) {
      wanted.push([asked.fresh, asked.late])
      return asked.late === true ? { ...known, failure } : undefined
    },
    lookUp: () => (outcome === 'fails' ? Promise.resolve({ ...known, failure }) : new Promise(() => {})),
  })
  const request = { fresh: 7 }
  for (const outcome of ['fails', 'never comes'] as const) {
    const evaluation = await evaluate('nginx:1.25.9', { catalog: due(outcome), digests }, request)
    t.match(evaluation, { overdue: true, age: 90, detail: 'down; pull secret a/b', detailForOthers: 'down' })
    t.match(evaluation, { reason: 'not-listed', wasListed: true })
  }
  t.strictSame(wanted, [
    [7, undefined],
    [7, undefined],
    [7, true],
  ])
  await evaluate('nginx:1.25.1', { catalog: catalogOf(tags), digests }, request)
  t.ok(digests.asked.every(({ fresh }) => fresh === 7))
  t.match(await evaluate('nginx:1.25.1', { catalog: catalogOf(tags) }, request), { overdue: false })
})

t.test('whose object is judged goes to the catalogs, and is nothing that they may tell by', async t => {
  const catalog = catalogOf(tags)
  const digests = digestsOf({})
  const request = { images: ['nginx:1.25.1'], strategy: 'patch', budget: 10, namespace: 'shop' } as const
  await evaluateImages(request, { catalog, digests, timeLimit })
  t.ok(catalog.wanted.every(({ namespace, access }) => namespace === 'shop' && access === undefined))
  t.ok(digests.asked.every(({ namespace, access }) => namespace === 'shop' && access === undefined))
})

const states: readonly Held[] = [
  contentOf('a'),
  contentOf('b', { 'linux/amd64': 'a' }),
  'gone',
  'later',
  'later gone',
  'never',
  new TagSourceError('unavailable', 'down'),
]
const anyHeld = fc.dictionary(fc.constantFrom(...tags), fc.constantFrom(...states))
const anyImage = fc.constantFrom(
  ...tags.flatMap(tag => [`nginx:${tag}`, `nginx:${tag}@${digestNamed('a')}`]),
  'nginx:1.24.0',
)
const impossible: ReadonlySet<unknown> = new Set(['gone', 'later gone', 'never'])

t.test('whatever registries do, what is told exists', async () => {
  const property = fc.asyncProperty(anyImage, anyHeld, fc.boolean(), async (image, held, isDropping) => {
    const digests = digestsOf(held)
    const catalog = catalogOf(tags, isDropping ? { gone: digests.gone } : {})
    const { verdict, reason, newest, elsewhere } = await evaluate(image, { catalog, digests })
    const told = [newest, elsewhere].filter(tag => tag !== undefined)
    if (verdict === 'outdated' ? newest === undefined : verdict === 'unknown' && told.length > 0) return false
    if (reason === 'same-digest' && (verdict !== 'current' || told.length > 0)) return false
    return told.every(tag => !impossible.has(held[tag]) && !(held[tag] instanceof TagSourceError))
  })
  await fc.assert(property, { numRuns: 500 })
})

t.test('what memory knows is told at once', t => {
  const held = { '1.25.1': contentOf('a'), '1.25.4': contentOf('b'), '1.25.5': 'gone' } as const
  const digests = digestsOf(held)
  const catalog = catalogOf(tags, { gone: digests.gone })
  const request = { images: ['nginx:1.25.1', 'nginx:1.25.5'], strategy: 'patch', budget: 10 } as const
  const { evaluations, missing } = judgeImages(request, { catalog, digests, timeLimit })
  t.strictSame(missing, [])
  t.equal(evaluations.get('nginx:1.25.1')?.newest, '1.25.4')
  t.end()
})

t.test('a catalog that does not drop what is gone is not asked for ever', async t => {
  const catalog = catalogOf(tags)
  const evaluation = await evaluate('nginx:1.25.1', { catalog, digests: digestsOf({ '1.25.5': 'gone' }) })
  t.match(evaluation, {
    verdict: 'unknown',
    reason: 'not-checked-yet',
    detail: /lists newer tags that it does not have/,
  })
  t.equal(catalog.wanted.length, 2)
})

t.test('a first look-up and its proof have one budget', async t => {
  const known = { learned: learnTags(tagListOf(tags)), age: 7, stale: false }
  const catalog: TagCatalog = { known: () => undefined, lookUp: async () => known }
  const proven = await evaluate('nginx:1.25.1', { catalog, digests: digestsOf({}) })
  t.match(proven, { verdict: 'outdated', newest: '1.25.5', age: 7 })
  const late = await evaluate('nginx:1.25.1', { catalog, digests: digestsOf({ '1.25.5': 'never' }) })
  t.match(late, { verdict: 'unknown', reason: 'not-checked-yet', age: undefined })
  const gone = await evaluate('nginx:1.25.1', { catalog, digests: digestsOf({ '1.25.5': 'later gone' }) })
  t.match(gone, { verdict: 'unknown', reason: 'not-checked-yet' }, 'and what is gone meanwhile is no verdict')
  const failed = { known: () => undefined, lookUp: () => Promise.reject(new RangeError('a bug')) }
  await t.rejects(evaluate('nginx:1.25.1', { catalog: failed }), new RangeError('a bug'))
  const broken = {
    knownDigest: () => undefined,
    proven: () => [],
    digest: () => Promise.reject(new RangeError('a bug')),
  }
  await t.rejects(evaluate('nginx:1.25.1', { catalog, digests: broken }), new RangeError('a bug'))
})

const instants = {
  firstSeen: (tag: string) => (tag === '1.25.5' ? 100 : undefined),
  published: (tag: string) => (tag === '1.25.5' ? 90 : 80),
}

t.test('when the newest tag came', async t => {
  const catalog = catalogOf(tags, instants)
  const came = async (image: string) => {
    const { newestSeenAt, newestPublishedAt } = await evaluate(image, { catalog })
    return [newestSeenAt, newestPublishedAt]
  }
  t.strictSame(await came('nginx:1.25.1'), [100, 90])
  t.strictSame(await came('nginx:1.25'), [100, 90])
  t.strictSame(await came('nginx:1.25.0-alpine3.17'), [undefined, 80])
  t.strictSame(await came('nginx:1.25.5'), [undefined, undefined])
  t.strictSame(await came('nginx'), [undefined, undefined])
  const same = digestsOf({ '1.25.1': contentOf('a'), '1.25.5': contentOf('a') })
  t.match(await evaluate('nginx:1.25.1', { catalog, digests: same }), { newestSeenAt: undefined })
})

t.test('which tags are wanted, and for whom', async t => {
  const access = accessWith([])
  const catalog = catalogOf(tags)
  await evaluate('nginx:1.25.1', { catalog }, { access })
  await evaluate('nginx:1.25.1', { catalog })
  await evaluate('nginx:2', { catalog }, { access, strategy: 'major' })
  const [own, everybody, another] = catalog.wanted
  t.match(own, { registry: 'docker.io', repository: 'library/nginx' })
  t.equal(own?.access, access)
  t.notOk(everybody !== undefined && 'access' in everybody)
  t.equal(another?.access, access)
  t.ok(catalog.wanted.every(wanted => !('slice' in wanted) || typeof wanted.slice === 'string'))
})

t.test('a pull secret that is of no use is told where it may be the reason', async t => {
  const problems = ['pull secret shop/a does not exist; create it', 'two', 'three', 'four']
  const rows = [
    ['unauthorized', problems, 'unreadable-credentials', `${problems.slice(0, 3).join('; ')}; no entry`],
    ['not-found', ['one'], 'unreadable-credentials', 'one; no entry'],
    ['unavailable', problems, 'unavailable', 'no entry'],
    ['unauthorized', [], 'unauthorized', 'no entry'],
  ] as const
  for (const [code, own, reason, detail] of rows) {
    const evaluation = await evaluate(
      'nginx:1.25.1',
      { catalog: refusing(code) },
      { access: accessWith(own) },
    )
    t.match(evaluation, { verdict: 'unknown', reason, detail })
    const others =
      reason === 'unreadable-credentials' ? /^a pull secret of namespace \S+ cannot be used; / : detail
    t.match(evaluation.detailForOthers, others)
    t.notMatch(evaluation.detailForOthers, 'shop/a')
  }
  const digests = digestsOf({ '1.25.5': new TagSourceError('unauthorized', 'no entry') })
  const unproven = await evaluate(
    'nginx:1.25.1',
    { catalog: catalogOf(tags), digests },
    { access: accessWith(['one']) },
  )
  t.match(unproven, { verdict: 'unknown', reason: 'unreadable-credentials', detail: 'one; no entry' })
})

t.test('the tags of some repositories are read in their own way', async t => {
  const own: TagReading = {
    ...builtInReading,
    reader: grammar => tag => builtInReading.reader(grammar)(tag.replace('build', '1.')),
  }
  const schemes = ({ repository }: Repository) => (repository === 'library/nginx' ? own : builtInReading)
  const list = ['build7', 'build9']
  const catalog: TagCatalog = {
    known: () => ({ learned: learnTags(tagListOf(list), own), age: 0, stale: false }),
    lookUp: () => Promise.reject(new Error('memory has it')),
  }
  t.equal(
    short(await evaluate('nginx:build7', { catalog, schemes }, { strategy: 'minor' })),
    'outdated: newer build9 (1)',
  )
  t.equal(short(await evaluate('other:build7', { catalog, schemes })), 'unversioned: no-version (0)')
})
