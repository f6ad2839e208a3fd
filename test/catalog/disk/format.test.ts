import * as fc from 'fast-check'
import { createHash } from 'node:crypto'
import t from 'tap'

import { decodeStored, encodeStored, type Stored } from '../../../src/catalog/disk/format.ts'
import { withTimestamps, noTimestamps } from '../../../src/catalog/entry/tag-history.ts'
import { tagListOf, textsOf } from '../../../src/version/index.ts'

const text = fc.string({ maxLength: 20 })
const instant = fc.nat(2_000_000_000_000)
const instants = fc
  .array(fc.tuple(fc.nat(2 ** 31 - 1), instant))
  .map(pairs => withTimestamps(noTimestamps, new Map(pairs)))
const source = fc.constantFrom('https://github.com/acme/web', 'https://a.test')
const digest = fc.record({
  digest: fc.option(
    fc.record(
      {
        digest: text,
        platforms: fc.option(
          fc.oneof(
            fc.array(fc.tuple(text, text)).map(pairs => new Map(pairs)),
            fc.constantFrom('one', 'none', 'untold'),
          ),
          { nil: undefined },
        ),
        source,
      },
      { requiredKeys: ['digest', 'platforms'] },
    ),
    { nil: undefined },
  ),
  fetchedAt: instant,
  since: instant,
  movedAt: fc.option(instant, { nil: undefined }),
  told: fc.boolean(),
})

const arbitrary: fc.Arbitrary<Stored> = fc.record({
  repository: fc.record({ registry: text, repository: text }),
  tags: fc.array(fc.stringMatching(/^[\w.-]{0,30}$/), { maxLength: 20 }).map(tagListOf),
  ranges: fc.array(
    fc
      .record({ prefix: text, fetchedAt: instant })
      .map(({ prefix, fetchedAt }) => ({ prefix, fetchedAt, refreshAt: fetchedAt, contentHash: '' })),
    { minLength: 1, maxLength: 5 },
  ),
  count: fc.nat(),
  validator: fc.option(text, { nil: undefined }),
  walkedAt: instant,
  history: fc.record({ baseline: instant, seen: instants, published: instants }),
  missing: fc.boolean(),
  absent: fc.array(fc.tuple(text, instant)).map(pairs => new Map(pairs)),
  digests: fc.array(fc.tuple(text, digest)).map(pairs => new Map(pairs)),
})

t.test('what is written is read', t => {
  fc.assert(
    fc.property(arbitrary, fc.nat(7), (stored, shift) => {
      const file = encodeStored(stored)
      // A file may lie anywhere in memory.
      const moved = new Uint8Array(file.length + shift)
      moved.set(file, shift)
      t.same(decodeStored(moved.subarray(shift)), stored)
    }),
    { numRuns: 200 },
  )
  t.end()
})

t.test('any truncation and any changed bit is found', t => {
  fc.assert(
    fc.property(arbitrary, fc.nat(), fc.nat(7), (stored, place, bit) => {
      const file = encodeStored(stored)
      t.equal(decodeStored(file.subarray(0, place % file.length)), 'corrupt')
      t.equal(decodeStored(Buffer.concat([file, Buffer.of(bit)])), 'corrupt')
      const at = place % file.length
      const flipped = Buffer.from(file)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
      t.equal(decodeStored(flipped), at >= 8 && at < 12 ? 'other-version' : 'corrupt')
    }),
    { numRuns: 500 },
  )
  t.end()
})

t.test('bytes that are no file at all', t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), bytes => {
      t.equal(decodeStored(bytes), 'corrupt')
    }),
  )
  t.equal(decodeStored(new Uint8Array(0)), 'corrupt')
  t.end()
})

const sample: Stored = {
  repository: { registry: 'r.example', repository: 'team/app' },
  tags: tagListOf(['1.0', '1.1']),
  ranges: [{ prefix: '', fetchedAt: 5, refreshAt: 5, contentHash: '' }],
  count: 2,
  validator: undefined,
  walkedAt: 5,
  history: {
    baseline: 5,
    seen: withTimestamps(noTimestamps, new Map([[7, 8_000]])),
    published: noTimestamps,
  },
  missing: false,
  absent: new Map(),
  digests: new Map(),
}

// Somebody who writes into the directory can give what he writes a good checksum.
function signed(change: (file: Buffer) => Buffer): Buffer {
  const file = change(Buffer.from(encodeStored(sample)))
  file.fill(0, 32, 64)
  const hash = createHash('sha256').update(file.subarray(0, 32)).update(file.subarray(64)).digest()
  hash.copy(file, 32)
  return file
}

// A file with another header, and the header of the sample.
function withHeader(text: string): Buffer {
  return signed(file => {
    const start = file.indexOf('{"registry"')
    const changed = Buffer.concat([file.subarray(0, start), Buffer.from(text)])
    changed.writeUInt32LE(text.length, 28)
    return changed
  })
}

const good = JSON.parse(
  encodeStored(sample)
    .toString('latin1')
    .replace(/^[^]*?(?=\{"registry")/, ''),
)

t.test('a good checksum makes no good file', t => {
  t.equal(textsOf(sample.tags).length, 2)
  t.match(decodeStored(withHeader(JSON.stringify(good))), { count: 2 }, 'the way of this test is right')
  const rows: readonly (readonly [string, Buffer])[] = [
    ['no JSON', withHeader('{"registry"')],
    ['null', withHeader('null')],
    ['a list', withHeader('[]')],
    ['no parts', withHeader(JSON.stringify({ ...good, parts: [] }))],
    ['parts that are none', withHeader(JSON.stringify({ ...good, parts: [['', 'x']] }))],
    ['a part without an instant', withHeader(JSON.stringify({ ...good, parts: [['']] }))],
    ['an instant below nothing', withHeader(JSON.stringify({ ...good, walkedAt: -1 }))],
    ['an instant beyond all', withHeader(JSON.stringify(good).replace('"walkedAt":5', '"walkedAt":1e999'))],
    ['a registry that is none', withHeader(JSON.stringify({ ...good, registry: { toString: 'x' } }))],
    ['digests that are none', withHeader(JSON.stringify({ ...good, digests: [null] }))],
    ['from elsewhere', withHeader('{"__proto__":' + JSON.stringify(good) + '}')],
    ['huge lengths', signed(file => (file.writeUInt32LE(0xffffffff, 12), file))],
    ['starts that go back', signed(file => (file.writeUInt32LE(200, 64 + 12 + 4), file))],
    ['starts that begin late', signed(file => (file.writeUInt32LE(1, 64 + 12), file))],
  ]
  for (const [what, file] of rows) t.equal(decodeStored(file), 'corrupt', what)
  t.end()
})

t.test('the source of a digest may be missing, as in older files, and is an address or nothing', t => {
  const web = 'https://github.com/acme/web'
  const rows: readonly (readonly [stored: unknown, source: string | undefined])[] = [
    [undefined, undefined],
    [web, web],
    ['https://a.test/<b>', undefined],
    [`${web}|x`, undefined],
    [[web], undefined],
  ]
  for (const [source, expected] of rows) {
    const digests = [{ tag: '1.0', digest: 'sha256:a', platforms: 'one', source, fetchedAt: 5, since: 5 }]
    const decoded = decodeStored(withHeader(JSON.stringify({ ...good, digests })))
    if (typeof decoded === 'string') throw new Error(decoded)
    t.same(decoded.digests.get('1.0')?.digest, {
      digest: 'sha256:a',
      platforms: 'one',
      ...(expected !== undefined && { source: expected }),
    })
  }
  t.end()
})
