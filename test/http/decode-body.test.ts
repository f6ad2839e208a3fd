import { assert, json as anyJson, property } from 'fast-check'
import t from 'tap'
import { decodeBody, nestsDeeperThan, UndecodableBodyError } from '../../src/http/decode-body.ts'

const bytes = (text: string): Buffer => Buffer.from(text)
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const large = (json: string): string => json + ' '.repeat(65_537)

const rows: readonly (readonly [json: string, depth: number])[] = [
  ['', 0],
  ['1', 0],
  ['[]', 1],
  ['{"a":[{}]}', 3],
  ['[[],[],[[]]]', 3],
  ['"[[[["', 0],
  ['["]]]]",[["[["]]]', 3],
  [String.raw`["\"[[[["]`, 1],
  [String.raw`["\\",[[]]]`, 3],
  [String.raw`{"a\\\"[":{"b":[1]}}`, 3],
  ['[[[', 3],
  ['"[[', 0],
  ['"\\', 0],
  ['["ä[",["€"]]', 2],
]
for (const [json, depth] of rows) {
  t.notOk(nestsDeeperThan(depth, bytes(json)), `${json} nests ${depth} deep`)
  if (depth > 0) t.ok(nestsDeeperThan(depth - 1, bytes(json)), `${json} nests deeper than ${depth - 1}`)
}

t.test('the depth is that of the value', async () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? 1 + Math.max(0, ...Object.values(value).map(inner => depthOf(inner)))
      : 0
  assert(
    property(anyJson({ maxDepth: 8 }), json => {
      const depth = depthOf(JSON.parse(json))
      return !nestsDeeperThan(depth, bytes(json)) && (depth === 0 || nestsDeeperThan(depth - 1, bytes(json)))
    }),
  )
})

t.test('JSON is decoded, with every key', async t => {
  t.strictSame(decodeBody(bytes('{"a":["ä",1]}')), { a: ['ä', 1] })
  const value = decodeBody(bytes('{"__proto__":{"x":1}}'))
  t.ok(typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__'))
  const review = {
    kind: 'AdmissionReview',
    request: { uid: 'u', object: { metadata: { annotations: { a: 'b' } }, spec: { a: [1] } } },
  }
  t.strictSame(decodeBody(bytes(large(JSON.stringify(review)))), review, 'a large one')
})

t.test('what is no JSON, or large and too deep, is an error that quotes nothing', async t => {
  const bad: readonly (readonly [json: string, error: UndecodableBodyError])[] = [
    ['', new UndecodableBodyError('not-json', 'the body is not JSON')],
    ['{"password": hunter2}', new UndecodableBodyError('not-json', 'the body is not JSON')],
    [large(nested(10_001)), new UndecodableBodyError('too-deep', 'the body nests deeper than 10000')],
  ]
  for (const [json, error] of bad) t.throws(() => decodeBody(bytes(json)), error)
})
