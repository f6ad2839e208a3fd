import { isDeepStrictEqual } from 'node:util'

import * as fc from 'fast-check'
import t from 'tap'

import { isJsonObject } from '../../../src/json/index.ts'
import { createTagListBuilder, scanPage } from '../../../src/registry/listing/tag-list-builder.ts'
import { RegistryError } from '../../../src/registry/response/registry-error.ts'
import { textsOf } from '../../../src/version/index.ts'

/** What a builder makes of a page: its tags and how many it left out, or why it refuses the page. */
function read(page: string | Uint8Array): { tags: readonly string[]; dropped: number } | string {
  const builder = createTagListBuilder()
  try {
    builder.add(Buffer.from(page))
  } catch (error) {
    if (error instanceof RegistryError) return error.message
    throw error
  }
  return { tags: textsOf(builder.finish()), dropped: builder.dropped() }
}

// The same by JSON.parse alone, for pages without deep nesting.
function parsed(page: Uint8Array): ReturnType<typeof read> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(page))
    if (!isJsonObject(value) || !('tags' in value)) return 'refused'
    const list = value['tags'] ?? []
    if (!Array.isArray(list) || !list.every(tag => typeof tag === 'string')) return 'refused'
    const tags = list.filter(tag => /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(tag))
    return { tags, dropped: list.length - tags.length }
  } catch {
    return 'refused'
  }
}

const isPlain = (page: string): boolean =>
  scanPage(Buffer.from(page), {
    bytes: new Uint8Array(page.length),
    starts: new Uint32Array(page.length),
    length: 0,
  }) !== undefined

const long = 'x'.repeat(128)
const pages: readonly (readonly [page: string, tags: readonly string[], dropped: number, plain: boolean])[] =
  [
    ['{"name":"a/b","tags":["1.25.1","1.25.2-alpine"]}', ['1.25.1', '1.25.2-alpine'], 0, true],
    ['{"tags":["b","a","b"],"name":""}', ['b', 'a', 'b'], 0, true],
    ['{"tags":["_"]}', ['_'], 0, true],
    [' {\n\t"name" : "a" ,\r\n "tags" : [ "1" , "2" ] } \n', ['1', '2'], 0, true],
    ['{"name":"a","tags":null}', [], 0, true],
    ['{"tags":[ ]}', [], 0, true],
    [`{"tags":["${long}","${long}x"]}`, [long], 1, true],
    ['{"tags":["","a b",".a","-a","a/b","sha256:1","a","~"]}', ['a'], 7, true],
    ['{"tags":["\\u0031.25"]}', ['1.25'], 0, false],
    ['{"tags":["a\\n","ok"]}', ['ok'], 1, false],
    ['{"tags":["é","ok","日本"]}', ['ok'], 2, false],
    ['{"tags":["\u007f","ok"]}', ['ok'], 1, false],
    ['\ufeff{"tags":["a"]}', ['a'], 0, false],
    ['{"tags":["a"],"tags":["b"]}', ['b'], 0, false],
    ['{"tags":["a"],"t\\u0061gs":["b"]}', ['b'], 0, false],
    ['{"name":"a","name":"b","tags":["a"]}', ['a'], 0, false],
    ['{"name":7,"tags":["a"]}', ['a'], 0, false],
    ['{"child":[],"manifest":{"sha256:1":{"tag":["x"]}},"name":"a","tags":["a"]}', ['a'], 0, false],
    [
      '{"__proto__":{"tags":["x"]},"tags":["__proto__","constructor"]}',
      ['__proto__', 'constructor'],
      0,
      false,
    ],
  ]

t.test('pages', t => {
  for (const [page, tags, dropped, plain] of pages) {
    t.same(read(page), { tags, dropped }, page)
    t.same(parsed(Buffer.from(page)), { tags, dropped }, `${page} as JSON.parse has it`)
    t.equal(isPlain(page), plain, `${page} is read from its bytes`)
  }
  t.end()
})

const refused: readonly (readonly [page: string | Uint8Array, why: string])[] = [
  ['', 'its answer is not JSON'],
  ['{"tags":["a"]', 'its answer is not JSON'],
  ['{"tags":["a",]}', 'its answer is not JSON'],
  ['{"tags":["a"],}', 'its answer is not JSON'],
  ['{"tags":["a"]}}', 'its answer is not JSON'],
  ['{"tags":["a\nb"]}', 'its answer is not JSON'],
  ['{"tags":["a"}', 'its answer is not JSON'],
  ['{"tags":[a]}', 'its answer is not JSON'],
  ['{"tags" ["a"]}', 'its answer is not JSON'],
  ['{"tags":nul}', 'its answer is not JSON'],
  ['{"tags":["', 'its answer is not JSON'],
  ['{"name":"a}', 'its answer is not JSON'],
  [' <html>', 'its answer is not JSON but HTML'],
  [Buffer.from('{"tags":["\xff"]}', 'latin1'), 'its answer is not UTF-8'],
  ['{}', 'its answer has no list of tags'],
  ['{"name":"a"}', 'its answer has no list of tags'],
  ['{"__proto__":{"tags":["x"]}}', 'its answer has no list of tags'],
  ['{"tags":["a",1]}', 'its tags are not a list of texts'],
  ['{"tags":"a"}', 'its tags are not a list of texts'],
  ['{"tags":{"a":1}}', 'its tags are not a list of texts'],
  [`{"a":${'['.repeat(64)}${']'.repeat(64)},"tags":[]}`, 'its answer is nested more than 64 levels deep'],
  [`{"a":[${'{},'.repeat(300_000)}0],"tags":[]}`, 'its answer has more than 300000 values'],
  ['['.repeat(7 * 1024 * 1024), 'its answer is nested more than 64 levels deep'],
]

t.test('what is no page', t => {
  for (const [page, why] of refused) t.equal(read(page), why, String(page).slice(0, 80))
  const brackets = '['.repeat(100)
  t.same(
    read(`{"a":"\\"${brackets}","tags":["a"]}`),
    { tags: ['a'], dropped: 0 },
    'brackets in a text are none',
  )
  t.end()
})

const tag = fc.oneof(
  { weight: 5, arbitrary: fc.stringMatching(/^[a-zA-Z0-9_.-]{1,12}$/) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'x'.repeat(128), 'x'.repeat(129), '\ufeff', '\\', '"'),
  },
)
const value = fc.oneof(
  { weight: 6, arbitrary: fc.array(tag) },
  { weight: 1, arbitrary: fc.constantFrom(null, 1, 'a', [1], ['a', null], {}, [[]]) },
)
const key = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('name', 'tags') },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'toString', 'child') },
)
const member = fc.tuple(
  key,
  fc.oneof({ weight: 3, arbitrary: value }, fc.string()),
  fc.constantFrom('', ' ', '\n\t'),
)
const page = fc
  .tuple(fc.array(member, { maxLength: 3 }), fc.constantFrom('', ' ', '\r\n', '\ufeff', ',', '\0'))
  .map(([members, space]) => {
    const texts = members.map(
      ([name, of, gap]) => `${gap}${JSON.stringify(name)}${gap}:${gap}${JSON.stringify(of)}`,
    )
    return Buffer.from(`${space}{${texts.join(',')}}${space}`)
  })
const damage = fc.record({
  at: fc.nat(400),
  remove: fc.nat(2),
  insert: fc.constantFrom(
    '',
    '',
    ',',
    '"',
    '\\',
    ']',
    '}',
    '[',
    '{',
    ':',
    'null',
    '1',
    '\u0000',
    '\n',
    'é',
    '\u00ff',
  ),
  cut: fc.boolean(),
})

function both(bytes: Buffer): boolean {
  const [own, expected] = [read(bytes), parsed(bytes)]
  return expected === 'refused' ? typeof own === 'string' : isDeepStrictEqual(own, expected)
}

t.test('the same as JSON.parse says, whatever the page', t => {
  fc.assert(fc.property(page, both), { numRuns: 2_000 })
  fc.assert(
    fc.property(page, fc.array(damage, { minLength: 1, maxLength: 2 }), (bytes, damages) => {
      let text = bytes.toString('latin1')
      for (const { at, remove, insert, cut } of damages) {
        const place = at % (text.length + 1)
        text = text.slice(0, place) + insert + (cut && remove === 0 ? '' : text.slice(place + remove))
      }
      return both(Buffer.from(text, 'latin1'))
    }),
    { numRuns: 5_000 },
  )
  t.end()
})

t.test('pages one after another', t => {
  const builder = createTagListBuilder(6)
  t.equal(builder.add(Buffer.from('{"tags":["a","b"]}')), 2)
  t.equal(builder.add(Buffer.from('{"tags":["c","!"]}')), 2)
  t.same(textsOf(builder.soFar()), ['a', 'b', 'c'])
  t.equal(builder.dropped(), 1)
  t.throws(() => builder.add(Buffer.from('{"tags":["x","y",1]}')), {
    message: 'its tags are not a list of texts',
  })
  t.same(textsOf(builder.soFar()), ['a', 'b', 'c'], 'nothing of a page that is refused')
  builder.cut(1)
  builder.add(Buffer.from('{"tags":["\\u0064"]}'))
  const list = builder.finish()
  builder.cut(0)
  t.same(textsOf(list), ['a', 'd'])
  t.equal(list.bytes.length, 2)
  t.equal(list.starts.length, 3)
  builder.add(Buffer.from('{"tags":["e"]}'))
  t.throws(() => builder.add(Buffer.from('{"tags":["f","g"]}')), {
    code: 'invalid-answer',
    message: /more than 6 tags/,
  })
  t.end()
})
