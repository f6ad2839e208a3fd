import t from 'tap'
import { TagSourceError, type DigestCatalog, type WantedDigest } from '../../src/evaluation/index.ts'
import { createAnswers } from '../../src/evaluation/look-up-missing.ts'
import { proofInMemory, proofOf, type Claim, type Proof } from '../../src/evaluation/proof.ts'
import { parseReference } from '../../src/image/index.ts'
import { contentOf, digestNamed, digestsOf, type Held } from './fake-catalogs.ts'

const twoPlatforms = { 'linux/amd64': 'b', 'linux/arm64': 'c' }

type Row = readonly [image: string, held: Readonly<Record<string, Held>>, expected: Proof]

const rows: readonly Row[] = [
  // a tag beside another
  ['app:1', { '1': contentOf('a'), '2': contentOf('b') }, 'exists'],
  ['app:1', { '1': contentOf('a'), '2': contentOf('a') }, 'same-content'],
  ['app:1', { '1': contentOf('a'), '2': 'gone' }, 'missing'],
  ['app:1', { '1': 'gone', '2': contentOf('a') }, 'exists'],
  ['app:1', { '1': 'gone', '2': 'gone' }, 'missing'],
  // two indexes of the same manifests
  ['app:1', { '1': contentOf('a', twoPlatforms), '2': contentOf('d', twoPlatforms) }, 'same-content'],
  [
    'app:1',
    { '1': contentOf('a', twoPlatforms), '2': contentOf('d', { ...twoPlatforms, 'linux/arm64': 'e' }) },
    'exists',
  ],
  // what runs elsewhere, and what runs nowhere
  [
    'app:1',
    { '1': contentOf('a', twoPlatforms), '2': contentOf('d', { 'linux/amd64': 'b' }) },
    'other-platform',
  ],
  ['app:1', { '1': contentOf('a', twoPlatforms), '2': contentOf('d') }, 'other-platform'],
  ['app:1', { '1': contentOf('a'), '2': contentOf('d', twoPlatforms) }, 'exists'],
  ['app:1', { '1': contentOf('a'), '2': contentOf('d', 'none') }, 'no-image'],
  ['app:1', { '1': contentOf('a', 'none'), '2': contentOf('d', 'none') }, 'exists'],
  ['app:1', { '1': contentOf('a'), '2': contentOf('d', 'untold') }, 'untold'],
  ['app:1', { '1': contentOf('a', 'untold'), '2': contentOf('d', twoPlatforms) }, 'exists'],
  ['app:1', { '1': 'gone', '2': contentOf('d', twoPlatforms) }, 'exists'],
  ['app:1', { '1': contentOf('a', {}), '2': contentOf('d', {}) }, 'exists'],
  // the reference's own digest counts, not what its tag stands for by now
  [`app:1@${digestNamed('a')}`, { '1': contentOf('b'), '2': contentOf('b') }, 'exists'],
  [`app:1@${digestNamed('a')}`, { '1': 'never', '2': contentOf('a') }, 'same-content'],
  [`app:1@${digestNamed('c')}`, { '1': 'never', '2': contentOf('a', twoPlatforms) }, 'same-content'],
  [`app:1@${digestNamed('d')}`, { '1': contentOf('e'), '2': contentOf('a', twoPlatforms) }, 'exists'],
  // of what its tag stands for, a reference may be pinned to one platform
  [
    `app:1@${digestNamed('b')}`,
    { '1': contentOf('a', twoPlatforms), '2': contentOf('d', { 'linux/amd64': 'e' }) },
    'exists',
  ],
  [
    `app:1@${digestNamed('c')}`,
    { '1': contentOf('a', twoPlatforms), '2': contentOf('d', { 'linux/amd64': 'e' }) },
    'other-platform',
  ],
  [`app:1@${digestNamed('d')}`, { '2': 'gone' }, 'missing'],
]

/** The digests that the proof asks for one after the other, and what it is by them. */
async function proven(claim: Claim, digests: DigestCatalog): Promise<Proof | TagSourceError> {
  const answers = createAnswers(digests)
  for (;;) {
    const proof = proofOf(claim, answers)
    if (typeof proof === 'string' || proof instanceof TagSourceError) return proof
    await answers.ask(proof)
  }
}

t.test('at once where memory knows', async t => {
  for (const [image, held, expected] of rows) {
    const digests = digestsOf(held)
    const claim = {
      reference: parseReference(image),
      access: undefined,
      namespace: undefined,
      fresh: undefined,
      candidateTag: '2',
      differs: true,
    }
    t.equal(proofOf(claim, digests), expected, `${image} ${JSON.stringify(held)}`)
    t.strictSame(digests.asked, [])
  }
})

t.test('else when it has been asked', async t => {
  const digest = digestNamed('a')
  const cases: readonly (readonly [string, Readonly<Record<string, Held>>, Proof, readonly string[]])[] = [
    ['app:1', {}, 'exists', ['1', '2']],
    ['app:1', { '1': contentOf('a') }, 'exists', ['2']],
    ['app:1', { '2': contentOf('a') }, 'exists', ['1']],
    ['app:1', { '1': 'later gone', '2': 'later gone' }, 'missing', ['1', '2']],
    [`app:1@${digest}`, {}, 'exists', ['1', '2']],
    [`app:1@${digest}`, { '2': 'later gone' }, 'missing', ['1', '2']],
  ]
  for (const [image, held, expected, asked] of cases) {
    const digests = digestsOf(held)
    const claim = {
      reference: parseReference(image),
      access: undefined,
      namespace: undefined,
      fresh: undefined,
      candidateTag: '2',
      differs: true,
    }
    t.equal(await proven(claim, digests), expected, `${image} ${JSON.stringify(held)}`)
    t.strictSame(digests.asked.map(({ tag }) => tag).toSorted(), asked)
    for (const { tag, platforms } of digests.asked) t.equal(platforms, true, `${image}: ${tag}`)
  }
})

t.test('what is claimed only to exist is compared with nothing', async t => {
  const claim = {
    reference: parseReference('app:1'),
    access: undefined,
    namespace: undefined,
    fresh: undefined,
    candidateTag: '2',
    differs: false,
  }
  t.equal(proofOf(claim, digestsOf({ '1': 'never', '2': contentOf('a') })), 'exists')
  t.equal(proofOf(claim, digestsOf({ '2': 'gone' })), 'missing')
  const digests = digestsOf({ '1': 'never' })
  t.equal(await proven(claim, digests), 'exists')
  t.strictSame(digests.asked, [{ registry: 'docker.io', repository: 'library/app', tag: '2', told: true }])
})

t.test('who asks is passed on, and a failure is handed back', async t => {
  const access = { namespace: 'shop', credentialsFor: () => [], problems: [] }
  const failing = digestsOf({ '2': new TagSourceError('rate-limited', 'wait') })
  const claim = {
    reference: parseReference('app:1'),
    access,
    namespace: 'shop',
    fresh: undefined,
    candidateTag: '2',
    differs: true,
  }
  t.match(await proven(claim, failing), { code: 'rate-limited' })
  t.ok(failing.asked.every(wanted => wanted.access === access && wanted.namespace === 'shop'))
  t.strictSame(
    failing.asked.map(({ tag, told }) => [tag, told]),
    [
      ['1', undefined],
      ['2', true],
    ],
  )
})

t.test('where only the digest of its own tag cannot be had, the list suffices', async t => {
  const claim = {
    reference: parseReference('app:1'),
    access: undefined,
    namespace: undefined,
    fresh: undefined,
    candidateTag: '2',
    differs: true,
  }
  const failure = new TagSourceError('unavailable', 'down')
  t.equal(await proven(claim, digestsOf({ '1': failure, '2': contentOf('a') })), 'exists')
  t.equal(await proven(claim, digestsOf({ '1': failure })), 'exists')
  t.equal(await proven(claim, digestsOf({ '1': failure, '2': 'later gone' })), 'missing')
  const broken = {
    ...digestsOf({ '2': contentOf('a') }),
    digest: () => Promise.reject(new RangeError('a bug')),
  }
  await t.rejects(proven(claim, broken), new RangeError('a bug'))
})

t.test('by memory alone', async t => {
  const cases: readonly (readonly [string, Readonly<Record<string, Held>>, Proof | undefined])[] = [
    ['app:1', { '1': contentOf('a'), '2': contentOf('b') }, 'exists'],
    ['app:1', { '1': contentOf('a'), '2': contentOf('a') }, 'same-content'],
    ['app:1', { '2': contentOf('a') }, 'exists'],
    ['app:1', { '1': contentOf('a') }, undefined],
    ['app:1', { '2': 'gone' }, 'missing'],
    [`app:1@${digestNamed('a')}`, { '2': contentOf('a') }, 'same-content'],
    [`app:1@${digestNamed('d')}`, { '2': contentOf('a') }, 'exists'],
    [`app@${digestNamed('d')}`, { '2': contentOf('a') }, 'exists'],
  ]
  for (const [image, held, expected] of cases) {
    const claim = {
      reference: parseReference(image),
      access: undefined,
      namespace: undefined,
      fresh: undefined,
      candidateTag: '2',
      differs: true,
    }
    t.equal(proofInMemory(claim, digestsOf(held)), expected, `${image} ${JSON.stringify(held)}`)
    t.equal(
      proofInMemory({ ...claim, differs: false }, digestsOf(held)),
      expected === 'same-content' ? 'exists' : expected,
    )
  }
  const platformless = digestsOf({ '2': { ...contentOf('a'), platforms: undefined } })
  const digests = {
    ...platformless,
    knownDigest: (wanted: WantedDigest) =>
      wanted.platforms === true ? undefined : platformless.knownDigest(wanted),
  }
  const pinned = {
    access: undefined,
    namespace: undefined,
    fresh: undefined,
    candidateTag: '2',
    differs: true,
  }
  t.equal(
    proofInMemory({ ...pinned, reference: parseReference(`app:1@${digestNamed('d')}`) }, digests),
    'untold',
    'its platforms are not known, and it is there',
  )
})
