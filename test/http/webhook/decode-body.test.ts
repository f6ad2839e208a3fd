import t from 'tap'
import { decodeBody, UndecodableBodyError } from '../../../src/http/webhook/decode-body.ts'

const body = (text: string, isWhole = true) => [Buffer.from(text), isWhole] as const
const large = (json: string): string => json + ' '.repeat(65_537)
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const reviewOf = (object: string): string =>
  `{"kind":"AdmissionReview","request":{"uid":"u","namespace":"shop","object":${object},"oldObject":null}}`

t.test('JSON is decoded, with every key', async t => {
  t.strictSame(decodeBody(...body('{"a":["ä",1]}')), { value: { a: ['ä', 1] }, isWhole: true })
  const { value } = decodeBody(...body('{"__proto__":{"x":1}}'))
  t.ok(typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__'))
})

t.test('of a large review only what it is judged by is read, however deep and long the rest is', async t => {
  const metadata =
    '"metadata":{"annotations":{"a":"b"},"deletionTimestamp":"2026-01-01T00:00:00Z","ownerReferences":[{"kind":"X"}]'
  const kept = {
    metadata: {
      annotations: { a: 'b' },
      deletionTimestamp: '2026-01-01T00:00:00Z',
      ownerReferences: [{ kind: 'X' }],
    },
    spec: { a: [1] },
  }
  const rows: readonly (readonly [object: string, object_: unknown])[] = [
    [`{${metadata}},"spec":{"a":[1]}}`, kept],
    [`{${metadata},"managedFields":${nested(100_000)}},"spec":{"a":[1]},"status":{}}`, kept],
    [`{${metadata},"managedFields":[${'{},'.repeat(1_000_000)}1]},"spec":{"a":[1]}}`, kept],
  ]
  for (const [object, read] of rows)
    t.strictSame(decodeBody(...body(large(reviewOf(object)))), {
      value: {
        kind: 'AdmissionReview',
        request: { uid: 'u', namespace: 'shop', object: read, oldObject: null },
      },
      isWhole: true,
    })
})

t.test('what memory cannot bear is left out, and who asks for what is still known', async t => {
  const rows: readonly (readonly [text: string, isWhole: boolean])[] = [
    [reviewOf(`{"metadata":{"name":"web"},"spec":[${'{},'.repeat(400_000)}1]}`), true],
    [reviewOf(`{"metadata":{"name":"web"},"spec":{"a":"${'x'.repeat(100_000)}`), false],
    [reviewOf(`{"metadata":{"name":"web"},"spec":${nested(400_000)}}`), true],
  ]
  for (const [text, isWhole] of rows)
    t.match(decodeBody(...body(text, isWhole)), {
      value: {
        request: { uid: 'u', namespace: 'shop', object: { metadata: { name: 'web' }, spec: undefined } },
      },
      isWhole: false,
    })
})

t.test('what is no JSON is an error that quotes nothing', async t => {
  for (const json of ['', '{"password": hunter2}', large('{"kind": hunter2}'), large('{} {}'), large('')])
    t.throws(() => decodeBody(...body(json)), new UndecodableBodyError())
  t.equal(new UndecodableBodyError().message, 'the body is not JSON')
})
