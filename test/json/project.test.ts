import { assert, json as anyJson, property, integer } from 'fast-check'
import t from 'tap'
import { MalformedJsonError, project, type Shape } from '../../src/json/index.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const plenty = 1_000_000
const ab: Shape = { members: { a: 'whole', b: { members: { c: 'whole' } } } }
const list: Shape = { items: { members: { image: 'whole' } }, most: 2 }

const read: readonly (readonly [json: string, shape: Shape, value: unknown])[] = [
  ['{"a":1}', 'whole', { a: 1 }],
  [' [1,"ä",null] ', 'whole', [1, 'ä', null]],
  ['{"a":{"x":[1,2]},"z":{"a":3},"b":{"c":"d","e":[{}]}}', ab, { a: { x: [1, 2] }, b: { c: 'd' } }],
  ['{ "z" : [ "}]\\"" ] , "a" : 1 }', ab, { a: 1 }],
  ['{"a":1,"a":2}', ab, { a: 2 }],
  ['{"\\u0061":1}', ab, {}],
  ['{"__proto__":{"a":1},"constructor":1}', ab, {}],
  ['{}', ab, {}],
  ['[]', ab, []],
  ['"a"', ab, ''],
  ['null', ab, null],
  ['{"b":[{"c":1}]}', ab, { b: [] }],
  ['{"b":null}', ab, { b: null }],
  ['{"b":"c"}', ab, { b: '' }],
  ['[]', list, []],
  ['{"image":1}', list, {}],
  ['[{"image":"a","x":1},7,{"image":"b"}]', list, [{ image: 'a' }, 7, { image: 'b' }]],
  ['[{},{},{},{},[[[]]]]', list, [{}, {}, {}]],
  [`{"z":${'['.repeat(100_000)}${']'.repeat(100_000)},"a":1}`, ab, { a: 1 }],
]
for (const [json, shape, value] of read)
  t.strictSame(
    { ...project(bytes(json), shape, plenty), ranges: undefined },
    { value, ranges: undefined, complete: true },
    json.slice(0, 60),
  )

t.test('a part that is left out for its size, and JSON that ends early, make it incomplete', async t => {
  const rows: readonly (readonly [json: string, mostBytes: number, value: unknown])[] = [
    ['{"a":"123456","b":{"c":1}}', 8, { a: '123456', b: { c: undefined } }],
    ['{"a":"1234567","b":{"c":1}}', 8, { a: undefined, b: { c: undefined } }],
    ['{"b":{"c":1},"a":"1', plenty, { b: { c: 1 }, a: undefined }],
    ['{"b":{"c":1},"a":tru', plenty, { b: { c: 1 }, a: undefined }],
    ['{"b":{"c":1},"a":', plenty, { b: { c: 1 } }],
    ['{"b":{"c":1},"a"', plenty, { b: { c: 1 } }],
    ['{"b":{"c":1},"', plenty, { b: { c: 1 } }],
    ['{"b":{"c":1},', plenty, { b: { c: 1 } }],
    ['{"b":{"c":1}', plenty, { b: { c: 1 } }],
    ['{"b":{"c":1', plenty, { b: { c: 1 } }],
    ['{"x":[[', plenty, {}],
    ['{', plenty, {}],
  ]
  for (const [json, mostBytes, value] of rows)
    t.strictSame(
      { ...project(bytes(json), ab, mostBytes), ranges: undefined },
      { value, ranges: undefined, complete: false },
      json,
    )
  t.strictSame(project(bytes('[{},{},{},{}'), list, plenty).complete, false)
})

t.test('what is no JSON is an error that quotes nothing', async t => {
  for (const json of [
    '',
    ' ',
    '}',
    '{"a":1}x',
    '{"a":1]',
    '{a:1}',
    '{"a" 1}',
    '{"a":hunter2}',
    '{"a":}',
    '{"a":1 2}',
    '{,}',
    ',',
    '{"b":{"c":01}}',
  ])
    t.throws(() => project(bytes(json), ab, plenty), new MalformedJsonError(), json)
  t.throws(() => project(bytes('[1 2]'), list, plenty), new MalformedJsonError())
})

t.test('the bytes of a part are told', async t => {
  const shape: Shape = {
    members: {
      old: { range: 'old' },
      new: { members: { spec: { members: { x: 'whole' }, range: 'spec' } } },
    },
  }
  const { ranges, value } = project(bytes('{"old": [1, {}] ,"new":{"spec":{"x":1 }}}'), shape, plenty)
  const texts = [...ranges].map(([name, range]) => [name, new TextDecoder().decode(range)])
  t.strictSame(texts, [
    ['old', '[1, {}]'],
    ['spec', '{"x":1 }'],
  ])
  t.strictSame(value, { old: [], new: { spec: { x: 1 } } })
})

t.test('it reads what JSON.parse reads', async () => {
  assert(
    property(anyJson({ maxDepth: 5 }), anyJson({ maxDepth: 5 }), (one, other) => {
      const text = `{"x":${one},"a":${other},"b":{"d":${one},"c":${other}}}`
      const { value, complete } = project(bytes(text), ab, plenty)
      return (
        complete &&
        JSON.stringify(value) === JSON.stringify({ a: JSON.parse(other), b: { c: JSON.parse(other) } })
      )
    }),
  )
})

t.test('a beginning of JSON never is an error, and never complete', async () => {
  assert(
    property(anyJson({ maxDepth: 5 }), integer({ min: 1, max: 1_000_000 }), (one, cut) => {
      const whole = bytes(`{"x":${one},"a":${one},"b":{"c":${one}}}`)
      return !project(whole.subarray(0, 1 + (cut % (whole.length - 1))), ab, plenty).complete
    }),
  )
})
