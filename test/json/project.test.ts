import {
  array,
  assert,
  constant,
  constantFrom,
  integer,
  json as anyJson,
  oneof,
  property,
  string,
} from 'fast-check'
import t from 'tap'
import { MalformedJsonError, mergeShapes, project, type Shape } from '../../src/json/index.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const plenty = { bytes: 1_000_000, values: 1_000_000 }
const names: Shape = { items: { members: { n: 'whole' } } }
const ab: Shape = { members: { a: 'whole', b: { members: { c: 'whole' } } } }

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
  ['[{"n":1,"z":[2]}, {"z":3},{"n":"a"}]', names, [{ n: 1 }, {}, { n: 'a' }]],
  ['[ ]', names, []],
  ['[[{"n":1}],"b",null,7,{"n":{"n":1}}]', names, [[], '', null, 7, { n: { n: 1 } }]],
  ['{"n":1}', names, {}],
  ['"n"', names, ''],
  ['{"a":[1],"a":[{"n":2}]}', { members: { a: names } }, { a: [{ n: 2 }] }],
  [`{"z":${'['.repeat(100_000)}${']'.repeat(100_000)},"a":1}`, ab, { a: 1 }],
]
for (const [json, shape, value] of read)
  t.strictSame(project(bytes(json), shape, plenty), { value, complete: true }, json.slice(0, 60))

/** How many bytes of a JSON are looked at while it is read. */
function bytesLookedAt(json: string): number {
  let count = 0
  const counted = new Proxy(bytes(json), {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) count++
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  try {
    project(counted, ab, plenty)
  } catch (error) {
    if (!(error instanceof MalformedJsonError)) throw error
  }
  return count
}

t.test('what is passed over is looked at once, however it is nested', t => {
  for (const [begin, end] of [
    ['[', ''],
    ['[', ']'],
    ['{"f":', ''],
    ['{"z":', '1}'],
    ['{"z":[', ''],
  ] as const) {
    const nested = (depth: number) => `{"z":${begin.repeat(depth)}${end.repeat(depth)},"a":1}`
    const [once, twice] = [bytesLookedAt(nested(1_000)), bytesLookedAt(nested(2_000))]
    t.ok(once > 1_000, begin)
    t.ok(twice < 2.01 * once, `${begin}: ${once} of 1,000, ${twice} of 2,000`)
    t.ok(once < 3 * nested(1_000).length, `${begin}: ${once} of ${nested(1_000).length} bytes`)
    const bomb = begin.repeat(1_000)
    t.ok(bytesLookedAt(bomb) < 3 * bomb.length, `${begin} alone`)
  }
  t.end()
})

t.test('a part that is left out for its size, and JSON that ends early, make it incomplete', async t => {
  const rows: readonly (readonly [json: string, mostBytes: number, value: unknown])[] = [
    ['{"a":"123456","b":{"c":1}}', 8, { a: '123456', b: { c: undefined } }],
    ['{"a":"1234567","b":{"c":1}}', 8, { a: undefined, b: { c: undefined } }],
    ['{"b":{"c":1},"a":"1', plenty.bytes, { b: { c: 1 }, a: undefined }],
    ['{"b":{"c":1},"a":tru', plenty.bytes, { b: { c: 1 }, a: undefined }],
    ['{"b":{"c":1},"a":', plenty.bytes, { b: { c: 1 } }],
    ['{"b":{"c":1},"a"', plenty.bytes, { b: { c: 1 } }],
    ['{"b":{"c":1},"', plenty.bytes, { b: { c: 1 } }],
    ['{"b":{"c":1},', plenty.bytes, { b: { c: 1 } }],
    ['{"b":{"c":1}', plenty.bytes, { b: { c: 1 } }],
    ['{"b":{"c":1', plenty.bytes, { b: { c: 1 } }],
    ['{"x":[[', plenty.bytes, {}],
    ['{', plenty.bytes, {}],
  ]
  for (const json of ['[', '[{', '[{"n":1}', '[{"n":1},', '[{"n":1},{"n":2', '[{"n":1},{"z":['])
    t.equal(project(bytes(json), names).complete, false, json)
  for (const [json, mostBytes, value] of rows)
    t.strictSame(project(bytes(json), ab, { ...plenty, bytes: mostBytes }), { value, complete: false }, json)
})

t.test('values are counted where there may be too many', async t => {
  const rows: readonly (readonly [json: string, values: number, complete: boolean])[] = [
    ['{"a":[1,2,3]}', 4, true],
    ['{"a":[1,2,3]}', 3, false],
    ['{"z":[1,2,3,4,5,6],"a":[1]}', 2, true],
    ['{"a":"[,[,[,"}', 1, true],
    ['{"a":{"x":[{}]}}', 4, true],
    ['{"a":{"x":[{}]}}', 3, false],
    ['{"a":[[],[]],"b":{"c":[1]}}', 7, true],
    ['{"a":[[],[]],"b":{"c":[1]}}', 6, false],
  ]
  for (const [json, values, complete] of rows)
    t.equal(project(bytes(json), ab, { ...plenty, values }).complete, complete, `${json} ${values}`)
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
  for (const json of ['[,]', '[{},]', '[{}}', '[{"n":1}{"n":2}]', '[{"n":1]', '[]]'])
    t.throws(() => project(bytes(json), names), new MalformedJsonError(), json)
})

t.test('a merged shape reads what each of its shapes reads', t => {
  const rows: readonly (readonly [shapes: readonly Shape[], merged: Shape])[] = [
    [[], { members: {} }],
    [
      [ab, { members: { b: { members: { d: 'whole' } } } }],
      { members: { a: 'whole', b: { members: { c: 'whole', d: 'whole' } } } },
    ],
    [[names, { items: { members: { m: 'whole' } } }], { items: { members: { n: 'whole', m: 'whole' } } }],
    [[ab, 'whole'], 'whole'],
    [[names, ab], 'whole'],
    [[ab, names], 'whole'],
  ]
  for (const [shapes, merged] of rows) t.strictSame(mergeShapes(shapes), merged, JSON.stringify(shapes))
  t.end()
})

t.test('of the items of an array it reads what JSON.parse reads', async () => {
  assert(
    property(array(anyJson({ maxDepth: 3 })), anyJson({ maxDepth: 3 }), (values, other) => {
      const text = `{"x":${other},"a":[${values.map(one => `{"z":${other},"n":${one}}`).join(' , ')}]}`
      const { value, complete } = project(bytes(text), { members: { a: names } })
      const a = values.map(one => ({ n: JSON.parse(one) }))
      return complete && JSON.stringify(value) === JSON.stringify({ a })
    }),
  )
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

t.test('strings of every length end where they end, however many backslashes stand in them', async () => {
  const character = oneof({ weight: 8, arbitrary: constant('a') }, constantFrom('\\', '"', 'ä', '{', '\n'))
  assert(
    property(string({ unit: character, maxLength: 300 }), text => {
      const { value, complete } = project(bytes(`{"x":${JSON.stringify(text)},"a":1}`), ab, plenty)
      return complete && JSON.stringify(value) === '{"a":1}'
    }),
    { numRuns: 1000 },
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
