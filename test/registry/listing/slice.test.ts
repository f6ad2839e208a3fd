import t from 'tap'
import type { Test } from 'tap'

import type { TagAnswer, TagListing } from '../../../src/evaluation/index.ts'
import { anchorsBefore } from '../../../src/registry/listing/slice.ts'
import { readValidator, writeValidator } from '../../../src/registry/listing/validator.ts'
import type { RegistryKind } from '../../../src/registry/settings/settings.ts'
import { textsOf } from '../../../src/version/index.ts'
import type { MemoryRegistry } from '../../support/registry/memory-registry.ts'
import type { Paging } from '../../support/registry/memory-replies.ts'
import { memoryRegistry, never, portError, registryClient } from '../../support/registry/registry-fixture.ts'

// 75 lines of 40 tags: with pages of 100 these are 30 pages.
const tags = Array.from({ length: 3000 }, (_, at) => `1.${Math.floor(at / 40)}.${at % 40}`)
const sorted = tags.toSorted()
const line = (slice: string): readonly string[] => sorted.filter(tag => tag.startsWith(slice))
const pageSize = 100
const base = '/v2/a/b/tags/list?n=100'

interface Setting {
  readonly paging?: Paging
  readonly kind?: RegistryKind
  readonly tags?: readonly string[]
  readonly now?: () => number
}

async function setUp(t: Test, { paging, kind = 'oci', tags: own = tags, now = Date.now }: Setting = {}) {
  const registry = await memoryRegistry(t, {
    repositories: { 'a/b': own },
    pageSize,
    ...(paging !== undefined && { paging }),
  })
  // As fast as it can: what is tested is which requests are made.
  const limits = { pageSize, requestsPerSecond: 10_000, burst: 10_000, concurrency: 4 }
  const client = registryClient(t, [{ host: registry.host, insecure: true, kind, limits }], { now })
  const ask = (query: Ask = {}): Promise<TagAnswer> =>
    client.listTags({ registry: registry.host, repository: 'a/b', ...query }, never)
  return { registry, ask, list: async (query?: Ask) => listing(await ask(query)), seen: seenBy(registry) }
}

interface Ask {
  readonly slice?: string
  readonly held?: { readonly tags: number; readonly validator: string | undefined }
}

function listing(answer: TagAnswer): TagListing {
  if (answer.kind !== 'listed') throw new Error('nothing was listed')
  return answer
}

/** The paths since the last call. */
function seenBy(registry: MemoryRegistry): () => readonly string[] {
  let from = 0
  return () => {
    const paths = registry.requests.slice(from).map(({ path }) => path)
    from = registry.requests.length
    return paths
  }
}

const held = (tagCount: number, validator?: string) => ({ held: { tags: tagCount, validator } })
const inSlice = (answer: TagListing, slice: string) =>
  textsOf(answer.tags).filter(tag => tag.startsWith(slice))

t.test('what is asked for before a slice', t => {
  const rows: readonly (readonly [slice: string, anchors: readonly string[]])[] = [
    ['1.25', ['1.24', '1.2', '1.1']],
    ['1.20', ['1.2', '1.1', '1']],
    ['1.3', ['1.2', '1', '0']],
    ['8.0', ['8', '7']],
    ['v2', ['v1', 'v']],
    ['2026.11', ['2026.10', '2026.1', '2026.0']],
    ['10', ['1', '0']],
    ['0', []],
    ['release-1.4', ['release-1.3', 'release-1', 'release-0']],
  ]
  for (const [slice, anchors] of rows) {
    t.same(anchorsBefore(slice, undefined), anchors, slice)
    t.ok(anchors.every(anchor => anchor < slice && !anchor.startsWith(slice)))
  }
  t.same(anchorsBefore('1.25', '1.24.9'), ['1.24.9', '1.24', '1.2'])
  t.same(anchorsBefore('1.25', '1.26'), ['1.24', '1.2', '1.1'], 'one behind it is of no use')
  t.same(anchorsBefore('1.25', '1 &n=1'), ['1.24', '1.2', '1.1'], 'nor what is no tag')
  t.end()
})

t.test('a huge repository for the first time: five pages, then the slice', async t => {
  const { list, seen } = await setUp(t)
  const answer = await list({ slice: '1.45' })
  const read = sorted.slice(0, 500)
  t.same(seen(), [
    base,
    ...[100, 200, 300, 400].map(at => `${base}&last=${sorted[at - 1] ?? ''}`),
    `${base}&last=1.44`,
  ])
  t.equal(answer.slice, '1.45')
  t.same(
    textsOf(answer.tags),
    [...read, ...line('1.44'), ...line('1.45'), ...line('1.46').slice(0, 20)],
    'and what was read on the way',
  )
  t.equal(answer.shared, true)

  const again = await list({ slice: '1.45', ...held(answer.tags.length, 'of another kind') })
  t.same(seen(), [`${base}&last=1.44.6`], 'what is known to be huge is one request')
  const start = sorted.indexOf('1.44.6') + 1
  t.same(textsOf(again.tags), sorted.slice(start, start + pageSize))
})

t.test('a list of a few pages: what was read says where its slices begin', async t => {
  const few = tags.filter(tag => /^1\.[1-5]\./.test(tag)) // two pages
  let now = Date.now()
  const { ask, list, seen } = await setUp(t, { tags: few, now: () => now })
  const whole = await list({ slice: '1.4' })
  t.equal(whole.slice, undefined)
  await list({ slice: '1.1' })
  seen()
  const before = held(whole.tags.length, whole.validator)
  t.equal((await list({ slice: '1.4', ...before })).slice, '1.4')
  t.same(seen(), [`${base}&last=1.3.6`], 'one request')
  const pages = [base, `${base}&last=${few.toSorted()[99] ?? ''}`]
  t.match(await ask({ slice: '1.1', ...before }), { kind: 'unchanged' })
  t.same(seen(), pages, 'nothing lies before the first line, so nothing is guessed')
  now += 6 * 3_600_000
  t.match(await ask({ slice: '1.1', ...before }), { kind: 'unchanged' })
  t.equal(seen().length, pages.length + 3, 'it is tried again after some hours')
})

t.test('the slice is complete where it is longer than a page, at the end and at the beginning', async t => {
  const { list, seen } = await setUp(t)
  for (const slice of ['1.4', '1.5', '1.9', '1.74', '1']) {
    const answer = await list({ slice, ...held(3000) })
    t.same(inSlice(answer, slice), line(slice), slice)
  }
  seen()
  const first = await list({ slice: '1.0', ...held(3000) })
  t.same(inSlice(first, '1.0'), line('1.0'))
  t.equal(first.slice, '1.0')
  t.same(
    seen().slice(0, 2),
    [`${base}&last=1`, `${base}&last=0`],
    'nothing comes before it: it is looked for from the first page on',
  )
  const none = await list({ slice: '1.451', ...held(3000) })
  t.equal(none.slice, '1.451')
  t.same(inSlice(none, '1.451'), [])
})

t.test(
  'a slice that is held: one request, however the registry takes a last that it does not have',
  async t => {
    for (const unknownLast of [undefined, 'leaves-one-out', 'nothing', 'error'] as const) {
      const { registry, list, ask, seen } = await setUp(
        t,
        unknownLast === undefined ? {} : { paging: { unknownLast } },
      )
      const first = await list({ slice: '1.45' })
      t.same(inSlice(first, '1.45'), line('1.45'), String(unknownLast))
      seen()
      if (first.slice === undefined) continue // that which says 400 was read whole
      const before = held(first.tags.length, first.validator)
      t.same(await ask({ slice: '1.45', ...before }), { kind: 'unchanged', shared: true })
      t.same(seen(), [`${base}&last=1.44.6`], 'from a tag shortly before it')

      registry.setTags('a/b', [...tags, '1.45.40'])
      const more = await list({ slice: '1.45', ...before })
      t.same(inSlice(more, '1.45'), [...line('1.45'), '1.45.40'].toSorted())
      registry.setTags('a/b', [...tags, '1.44.99'])
      t.equal(
        (await ask({ slice: '1.45', ...before })).kind,
        'unchanged',
        'what is beside the slice does not count',
      )
      registry.setTags(
        'a/b',
        tags.filter(tag => tag !== '1.44.6'),
      )
      t.equal(
        (await ask({ slice: '1.45', ...before })).kind,
        'unchanged',
        'nor that the tag before it is gone',
      )

      seen()
      const other = await list({ slice: '1.30', ...before })
      t.same(inSlice(other, '1.30'), line('1.30'), 'another slice than the one that is held')
    }
  },
)

t.test('where last is not honoured, everything is read, and slices are not asked for again', async t => {
  let now = 1_000_000_000
  const whole = Array.from({ length: 30 }, (_, at) =>
    at === 0 ? base : `${base}&last=${sorted[100 * at - 1] ?? ''}`,
  )
  const { registry, list, seen } = await setUp(t, { paging: { unknownLast: 'error' }, now: () => now })
  for (const expected of [[`${base}&last=1.44`, ...whole], whole]) {
    const answer = await list({ slice: '1.45', ...held(3000) })
    t.same(seen(), expected)
    t.equal(answer.slice, undefined)
    t.same(textsOf(answer.tags), sorted)
  }
  registry.setTags('a/other', tags)
  now += 6 * 3_600_000
  await list({ slice: '1.45', ...held(3000) })
  t.equal(seen().length, 31, 'it is tried again after six hours')
})

t.test('a registry that takes last for nothing', async t => {
  const { list, seen } = await setUp(t, {
    paging: { ignoresLast: true, link: false },
    tags: sorted.slice(0, 90),
  })
  const answer = await list({ slice: '1.10', ...held(3000) })
  t.same(seen(), [`${base}&last=1.1`, base])
  t.equal(answer.slice, undefined)
  t.equal(answer.tags.length, 90)
})

t.test('tags in another order are read to the end', async t => {
  for (const kind of ['oci', 'ghcr'] as const) {
    const { list, seen } = await setUp(t, {
      paging: { order: 'oldest-first' },
      kind,
      tags: tags.toReversed(),
    })
    const answer = await list({ slice: '1.45' })
    t.equal(seen().length, 30)
    t.equal(answer.slice, undefined)
    t.same(textsOf(answer.tags), tags.toReversed())
  }
  // By luck the oldest are in order; GHCR is not believed.
  const { list } = await setUp(t, {
    paging: { order: 'oldest-first' },
    kind: 'ghcr',
    tags: [...sorted, '1.10.99'],
  })
  t.equal((await list({ slice: '1.10' })).tags.length, 3001)
})

t.test('without a slice, and for one that is no beginning of a tag, everything is read', async t => {
  const { list, seen } = await setUp(t)
  for (const query of [{}, { slice: '-1' }, { slice: '1.2/' }, { slice: '' }]) {
    t.equal((await list({ ...query, ...held(3000) })).tags.length, 3000)
    t.equal(seen().length, 30)
  }
})

t.test('the slice was passed on the way', async t => {
  const { list, seen } = await setUp(t)
  const answer = await list({ slice: '1.10' })
  t.equal(answer.slice, '1.10')
  t.equal(seen().length, 5)
  const later = await list({ slice: '1.2.' })
  t.same(inSlice(later, '1.2.'), line('1.2.'))
  t.equal(seen().length, 5 + 1)
})

t.test('an outage in a slice is no reason to read everything', async t => {
  const { registry, ask, seen } = await setUp(t)
  registry.misbehave(({ path }) => (path.endsWith('last=1.44') ? { status: 503 } : undefined))
  const error = await portError(ask({ slice: '1.45', ...held(3000) }))
  t.equal(error.code, 'unavailable')
  t.ok(seen().every(path => path.endsWith('last=1.44')))
  registry.misbehave(({ path }) => (path.endsWith('last=1.44') ? { status: 404 } : undefined))
  t.same(
    inSlice(listing(await ask({ slice: '1.45', ...held(3000) })), '1.45'),
    line('1.45'),
    'another anchor',
  )
})

t.test('Nexus says nothing of further pages: behind a full one it is asked', async t => {
  const full = sorted.slice(0, 300)
  const { list, seen, registry } = await setUp(t, { paging: { link: false }, kind: 'nexus', tags: full })
  t.same(textsOf((await list()).tags), full)
  t.same(seen(), [base, ...[99, 199, 299].map(at => `${base}&last=${full[at] ?? ''}`)])

  for (const status of [400, 404]) {
    registry.misbehave(({ path }) => (path.includes('last') ? { status } : undefined))
    t.equal((await list()).tags.length, 100, `${status} is the end`)
  }
  registry.misbehave(({ path }) => (path.includes('last') ? { status: 500 } : undefined))
  await t.rejects(list(), { code: 'unavailable' }, 'an outage is not')
  registry.misbehave(() => ({ body: JSON.stringify({ tags: full.slice(0, 100).toReversed() }) }))
  t.equal((await list()).tags.length, 100, 'a page without anything new is the end')
  let page = 0
  registry.misbehave(() => ({
    body: JSON.stringify({ tags: [full.slice(0, 100), ['0', ...full.slice(0, 99)]][page++] ?? [] }),
  }))
  t.equal((await list()).tags.length, 200, 'one new tag is news')
  registry.misbehave(undefined)
  registry.setTags('a/b', full.slice(0, 99))
  seen()
  t.equal((await list()).tags.length, 99)
  t.equal(seen().length, 1, 'a page that is not full is the end')
  registry.misbehave(() => ({ body: JSON.stringify({ tags: full.slice(0, 101) }) }))
  t.equal((await list()).tags.length, 101)
  t.equal(seen().length, 1, 'so is one that is longer than was asked for: it does not page')
})

t.test('links behind another name: Artifactory and Nexus', async t => {
  for (const kind of ['artifactory', 'nexus'] as const) {
    const { registry, list } = await setUp(t, { kind })
    registry.misbehave(({ path }) =>
      path === base
        ? {
            headers: { link: '</repository/docker/v2/a/b/tags/list?n=100&last=x>; rel="next"' },
            body: '{"tags":["a"]}',
          }
        : { body: '{"tags":["b"]}' },
    )
    t.same(textsOf((await list()).tags), ['a', 'b'])
    t.equal(registry.requests.at(-1)?.path, `${base}&last=x`)
  }
})

t.test('a list that came on one page is asked for by its entity tag', async t => {
  const { registry, list, ask } = await setUp(t, { paging: { etag: true }, tags: sorted.slice(0, 42) })
  const first = await list()
  t.same(await ask(held(42, first.validator)), { kind: 'unchanged', shared: true })
  t.match(registry.requests.at(-1)?.headers, { 'if-none-match': /^"[0-9a-f]{32}"$/ })
  registry.setTags('a/b', sorted.slice(0, 43))
  t.equal((await list(held(42, first.validator))).tags.length, 43)

  registry.misbehave(() => ({ body: JSON.stringify({ tags: sorted.slice(0, 42) }) }))
  t.equal(
    (await ask(held(42, first.validator))).kind,
    'unchanged',
    'the tags are the same, whatever the header says',
  )
  registry.misbehave(() => ({ body: JSON.stringify({ tags: sorted.slice(0, 42).toReversed() }) }))
  t.equal((await ask(held(42, first.validator))).kind, 'listed')
  registry.misbehave(() => ({ status: 304 }))
  await t.rejects(ask(), { code: 'invalid-answer', message: /the registry answered 304/ }, 'nobody asked')
})

t.test('an entity tag is of no use where the list may have grown by another page', async t => {
  const { registry, list, ask } = await setUp(t, { paging: { etag: true }, tags: sorted.slice(0, 100) })
  const full = await list()
  t.equal(readValidator(full.validator)?.etag, undefined)
  registry.setTags('a/b', sorted.slice(0, 250))
  const several = await list(held(100, full.validator))
  t.equal(several.tags.length, 250)
  t.equal((await ask(held(250, several.validator))).kind, 'unchanged', 'by its tags, when they have come')
  t.equal(registry.requests.filter(({ headers }) => headers['if-none-match'] !== undefined).length, 0)
})

t.test('validators', t => {
  const validator = { content: 'x', pages: 2, etag: 'W/"a"', slice: '1.2', after: '1.1' }
  t.same(readValidator(writeValidator(validator)), validator)
  const bare = { content: 'x', pages: 1, etag: undefined, slice: undefined, after: undefined }
  t.same(readValidator(writeValidator(bare)), bare)
  for (const text of [undefined, '', 'hub 1', 'oci-1 ', 'oci-1 {}', 'oci-1 [1,1]', 'oci-1 ["x","1"]'])
    t.equal(readValidator(text), undefined, String(text))
  for (const etag of ['a', '""', '"a\r\nb: c"', '"é"', `"${'x'.repeat(201)}"`])
    t.equal(readValidator(writeValidator({ ...bare, etag }))?.etag, undefined, etag)
  t.end()
})
