import t from 'tap'
import {
  evaluateImages,
  rememberChoices,
  TagSourceError,
  type DigestCatalog,
  type Evaluation,
  type EvaluationPorts,
  type EvaluationRequest,
  type KnownTags,
} from '../../src/evaluation/index.ts'
import { catalogOf, contentOf, digestNamed, digestsOf, timeLimit } from './fake-catalogs.ts'

const day = 24 * 60 * 60_000
const now = 100 * day
const tags = ['1.25', '1.25.1', '1.25.2', '1.25.3', '1.25.4', '1.25.5', '1.26.0']

async function evaluate(
  image: string,
  ports: Pick<EvaluationPorts, 'catalog'> & Partial<EvaluationPorts>,
  request: Partial<EvaluationRequest> = {},
): Promise<Evaluation> {
  const asked = { images: [image], strategy: 'patch', budget: 10, minimumAge: 7 * day, ...request } as const
  const evaluation = (await evaluateImages(asked, { wallClock: () => now, timeLimit, ...ports })).get(image)
  if (evaluation === undefined) throw new Error(image)
  return evaluation
}

function short({ verdict, reason, newest, behind, waiting }: Evaluation): string {
  const left = waiting === undefined ? '' : `, ${waiting.tag} in ${(waiting.until - now) / day} d`
  return `${verdict}: ${reason}${newest === undefined ? '' : ` ${newest}`} (${behind})${left}`
}

/** How many days ago tags came. */
type Ages = Readonly<Record<string, number>>

function instants(ages: Ages): (tag: string) => number | undefined {
  return tag => {
    const age = ages[tag]
    return age === undefined ? undefined : now - age * day
  }
}

const old = { knownSince: now - 50 * day }

type Row = readonly [image: string, known: Partial<KnownTags>, expected: string]

const rows: readonly Row[] = [
  // by the push date of the registry
  ['nginx:1.25.1', { ...old, published: instants({ '1.25.5': 7 }) }, 'outdated: newer 1.25.5 (4)'],
  [
    'nginx:1.25.1',
    { ...old, published: instants({ '1.25.5': 3 }) },
    'outdated: newer 1.25.4 (3), 1.25.5 in 4 d',
  ],
  // a push date counts before a first sight, be it later or earlier
  [
    'nginx:1.25.1',
    { ...old, published: instants({ '1.25.5': 30 }), firstSeen: instants({ '1.25.5': 1 }) },
    'outdated: newer 1.25.5 (4)',
  ],
  [
    'nginx:1.25.1',
    { ...old, published: instants({ '1.25.5': 1 }), firstSeen: instants({ '1.25.5': 30 }) },
    'outdated: newer 1.25.4 (3), 1.25.5 in 6 d',
  ],
  // by first sight
  [
    'nginx:1.25.1',
    { ...old, firstSeen: instants({ '1.25.5': 2 }) },
    'outdated: newer 1.25.4 (3), 1.25.5 in 5 d',
  ],
  // by the first look
  ['nginx:1.25.1', old, 'outdated: newer 1.25.5 (4)'],
  ['nginx:1.25.1', { knownSince: now - 6 * day }, 'current: waiting (0), 1.25.5 in 1 d'],
  ['nginx:1.25.1', {}, 'current: waiting (0), 1.25.5 in 7 d'],
  // several wait, and an old one between them is offered
  [
    'nginx:1.25.1',
    { ...old, firstSeen: instants({ '1.25.5': 1, '1.25.4': 2, '1.25.2': 3 }) },
    'outdated: newer 1.25.3 (2), 1.25.5 in 6 d',
  ],
  ['nginx:1.25.4', { ...old, firstSeen: instants({ '1.25.5': 1 }) }, 'current: waiting (0), 1.25.5 in 6 d'],
  ['nginx:1.25.5', { ...old, firstSeen: instants({ '1.25.5': 1 }) }, 'current: newest (0)'],
  // a floating tag floats, whatever waits
  [
    'nginx:1.25',
    { ...old, firstSeen: instants({ '1.25.5': 1 }) },
    'floating: extended 1.25.4 (0), 1.25.5 in 6 d',
  ],
  ['nginx:1.25', {}, 'floating: extended (0), 1.25.5 in 7 d'],
]

t.test('what is too young is passed over', async t => {
  for (const [image, known, expected] of rows) {
    t.equal(short(await evaluate(image, { catalog: catalogOf(tags, known) })), expected, expected)
    const ports = { catalog: catalogOf(tags, known), digests: digestsOf({}), choose: rememberChoices() }
    t.equal(short(await evaluate(image, ports)), expected, `${expected}, proven`)
  }
})

t.test('many may wait', async t => {
  const daily = Array.from({ length: 60 }, (_, at) => `1.0.${at}`)
  const ages = Object.fromEntries(daily.map((tag, at) => [tag, 59 - at]))
  const catalog = catalogOf(daily, { ...old, published: instants(ages) })
  const request = { minimumAge: 30 * day }
  const evaluation = await evaluate('app:1.0.3', { catalog, digests: digestsOf({}) }, request)
  t.equal(short(evaluation), 'outdated: newer 1.0.29 (26), 1.0.59 in 30 d')
  t.equal(evaluation.passed.length, 30)
  t.equal(evaluation.firstSeenNewer, now - 55 * day)
})

// 1.25.5 stands for something else since then.
function movedAt(since: number): DigestCatalog {
  const others = digestsOf({})
  return {
    ...others,
    knownDigest: wanted =>
      wanted.tag === '1.25.5' ? { digest: contentOf('e'), age: 5, since } : others.knownDigest(wanted),
  }
}

t.test('a tag that moved is as young as its content', async t => {
  const catalog = catalogOf(tags, old)
  const by = async (since: number) =>
    short(await evaluate('nginx:1.25.1', { catalog, digests: movedAt(since) }))
  t.equal(await by(now - 7 * day), 'outdated: newer 1.25.5 (4)')
  t.equal(await by(now - 2 * day), 'outdated: newer 1.25.4 (3), 1.25.5 in 5 d')
  t.equal(await by(now - 60 * day), 'outdated: newer 1.25.5 (4)', 'the tag came later than its content')
})

t.test('what is no newer content does not wait, nor what runs elsewhere', async t => {
  const catalog = catalogOf(tags, { ...old, firstSeen: instants({ '1.25.5': 1 }) })
  const same = digestsOf({ '1.25.1': contentOf('a'), '1.25.5': contentOf('a') })
  t.equal(short(await evaluate('nginx:1.25.1', { catalog, digests: same })), 'current: same-digest (0)')
  const [amd64, arm64] = ['linux/amd64', 'linux/arm64']
  const held = {
    '1.25.1': contentOf('a', { [amd64]: '1', [arm64]: '2' }),
    '1.25.3': contentOf('d', { [amd64]: '6', [arm64]: '7' }),
    '1.25.4': contentOf('c', { [amd64]: '4', [arm64]: '5' }),
    '1.25.5': contentOf('b', { [amd64]: '3' }),
  }
  const evaluation = await evaluate('nginx:1.25.1', { catalog, digests: digestsOf(held) })
  t.equal(short(evaluation), 'outdated: newer 1.25.4 (3)')
  t.strictSame(evaluation.passed, [{ tag: '1.25.5', reason: 'other-platform' }])
  const young = catalogOf(tags, { ...old, firstSeen: instants({ '1.25.4': 1 }) })
  const both = await evaluate('nginx:1.25.3', { catalog: young, digests: digestsOf(held) })
  t.equal(short(both), 'current: waiting (0), 1.25.4 in 6 d')
})

t.test('when the registry does not say', async t => {
  const catalog = catalogOf(tags, { ...old, firstSeen: instants({ '1.25.5': 1 }) })
  const failing = digestsOf({ '1.25.5': new TagSourceError('unavailable', 'no answer') })
  t.equal(
    short(await evaluate('nginx:1.25.1', { catalog, digests: failing })),
    'outdated: newer 1.25.4 (3), 1.25.5 in 6 d',
  )
  const untold = digestsOf({ '1.25.5': contentOf('b', 'untold'), '1.25.4': contentOf('c', 'untold') })
  t.match(await evaluate('nginx:1.25.1', { catalog, digests: untold }), { newest: '1.25.4', unproven: true })
  const late = digestsOf({ '1.25.5': contentOf('b'), '1.25.1': contentOf('a'), '1.25.4': 'never' }, [
    '1.25.3',
    '1.25.5',
  ])
  const held = {
    ...late,
    knownDigest: (wanted: Parameters<typeof late.knownDigest>[0]) =>
      wanted.tag === '1.25.3' ? { digest: contentOf('c'), age: 5 } : late.knownDigest(wanted),
  }
  t.equal(
    short(await evaluate('nginx:1.25.1', { catalog, digests: held })),
    'outdated: newer 1.25.3 (2), 1.25.5 in 6 d',
  )
  const never = digestsOf({ '1.25.5': 'never', '1.25.1': contentOf('a') })
  const spent = await evaluate('nginx:1.25.4', { catalog, digests: never })
  t.equal(short(spent), 'current: waiting (0), 1.25.5 in 6 d')
  const unclocked = { images: ['nginx:1.25.1'], strategy: 'patch', budget: 1, minimumAge: 1 } as const
  t.throws(() => evaluateImages(unclocked, { catalog, timeLimit }), {
    message: 'a minimum age needs a wall clock',
  })
  const none = (await evaluateImages({ ...unclocked, minimumAge: 0 }, { catalog, timeLimit })).get(
    'nginx:1.25.1',
  )
  t.match(none, { newest: '1.25.5', waiting: undefined }, 'none needs no clock')
})

t.test('what was proven for others is not told where a rule forbids it', async t => {
  const catalog = catalogOf(tags, old)
  const rule = { preReleases: 'follow', never: (tag: string) => tag === '1.25.4' } as const
  const late = digestsOf(
    { '1.25.5': 'never', '1.25.4': contentOf('c'), '1.25.3': contentOf('d'), '1.25.1': contentOf('a') },
    ['1.25.3', '1.25.4'],
  )
  const by = async (request: Partial<EvaluationRequest>) =>
    short(await evaluate('nginx:1.25.1', { catalog, digests: late }, request))
  t.equal(await by({}), 'outdated: newer 1.25.4 (3)')
  t.equal(await by({ rule }), 'outdated: newer 1.25.3 (2)')
})

t.test('when the first newer tag came', async t => {
  const first = async (image: string, known: Partial<KnownTags>, request = {}) =>
    (await evaluate(image, { catalog: catalogOf(tags, known) }, { minimumAge: 0, ...request })).firstSeenNewer
  const seen = { ...old, firstSeen: instants({ '1.25.2': 20, '1.25.5': 2 }) }
  t.equal(await first('nginx:1.25.1', seen), now - 20 * day)
  t.equal(await first('nginx:1.25.1', { ...seen, published: instants({ '1.25.2': 25 }) }), now - 25 * day)
  t.equal(await first('nginx:1.25.2', seen), now - 50 * day)
  t.equal(await first('nginx:1.25.4', seen), now - 2 * day)
  t.equal(await first('nginx:1.25.4', seen, { minimumAge: 3 * day }), undefined)
  t.equal(await first('nginx:1.25.5', seen), undefined)
  t.equal(await first('nginx:1.25', seen), undefined)
  t.equal(await first('nginx:1.25.4', {}), undefined)
  const pinned = `nginx:1.25.1@${digestNamed('a')}`
  const digests = digestsOf({ '1.25.5': contentOf('a') })
  t.match(await evaluate(pinned, { catalog: catalogOf(tags, seen), digests }), {
    reason: 'same-digest',
    firstSeenNewer: undefined,
  })
})
