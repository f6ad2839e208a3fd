import { isJsonObject } from '../../../src/json/index.ts'
import type { Random } from '../random/seeded.ts'
import { randomText } from './random-reviews.ts'

/** The bytes of a review after something went wrong with them, in its values, in its text or in its bytes. */
export function brokenBody(review: object, random: Random): Buffer {
  const rounds = random.below(4)
  let value: unknown = review
  for (let round = 0; round < rounds; round++) value = brokenValue(value, random)
  const text = random.isChance(0.4) ? brokenText(JSON.stringify(value), random) : JSON.stringify(value)
  // Beyond 64 KiB another reader takes over.
  const bytes = Buffer.from(random.isChance(0.1) ? text + ' '.repeat(70_000) : text)
  return random.isChance(0.3) ? brokenBytes(bytes, random) : bytes
}

const strange = [null, true, 0, -1, 1.5, 1e308, '', ' ', 'a', [], {}, [null], [[]], { a: {} }] as const
const keysOfJavaScript = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
] as const

/** The same with one value at a random path replaced, removed, wrapped or joined by a key of JavaScript. */
function brokenValue(value: unknown, random: Random): unknown {
  const places = countOf(value)
  let left = random.below(places)
  const replace = (_: string, inner: unknown): unknown => (left-- === 0 ? broken(inner, random) : inner)
  return JSON.parse(JSON.stringify(value, replace) ?? 'null')
}

function countOf(value: unknown): number {
  let count = 0
  JSON.stringify(value, (_, inner: unknown) => {
    count++
    return inner
  })
  return count
}

function broken(value: unknown, random: Random): unknown {
  const ways: readonly (() => unknown)[] = [
    () => undefined,
    () => random.pick(strange),
    () => randomText(random, 400),
    () => [value, value],
    () => ({ [random.pick(keysOfJavaScript)]: value }),
    () => (Array.isArray(value) ? Object.fromEntries(value.entries()) : [value]),
    () => withKeys(value, random),
    () => deep(value, random.below(200)),
  ]
  return random.pick(ways)()
}

function withKeys(value: unknown, random: Random): unknown {
  if (!isJsonObject(value)) return JSON.stringify(value)
  const key = random.pick([...keysOfJavaScript, ...Object.keys(value)])
  return Object.fromEntries([
    ...Object.entries(value),
    [key, random.pick([...strange, ...Object.values(value)])],
  ])
}

function deep(value: unknown, depth: number): unknown {
  let nested = value
  for (let level = 0; level < depth; level++) nested = level % 2 === 0 ? [nested] : { spec: nested }
  return nested
}

const pieces = [
  '"',
  '\\',
  '\\u0000',
  '\\ud800',
  '\\u12',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '1e999',
  '-',
  'nul',
  '\u0007',
  '\ufeff',
] as const

/** JSON text with a piece put in, cut out or repeated, a number made huge, or brackets by the thousand. */
function brokenText(text: string, random: Random): string {
  const at = random.below(text.length + 1)
  const end = Math.min(text.length, at + random.below(40))
  const ways: readonly (() => string)[] = [
    () => text.slice(0, at) + random.pick(pieces) + text.slice(at),
    () => text.slice(0, at) + text.slice(end),
    () => text.slice(0, end) + text.slice(at),
    () => text.slice(0, at),
    () => text + text.slice(at),
    () =>
      text.replace(
        /\d+(?=[,}\]])/,
        random.pick(['1e999', '-1e-999', '9'.repeat(400), '0.'.padEnd(400, '1')]),
      ),
    () => nestedAt(text, random, 10 ** (1 + random.below(5))),
  ]
  return random.pick(ways)()
}

/** The text with brackets around a value, closed or not. */
function nestedAt(text: string, random: Random, depth: number): string {
  const colons = [...text.matchAll(/:(?=[[{])/g)].map(({ index }) => index + 1)
  const at = colons.length === 0 ? 0 : random.pick(colons)
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['[', ''],
  ])
  return `${text.slice(0, at)}${open.repeat(depth)}1${close.repeat(depth)}${random.isChance(0.8) ? ',"x":' : ''}${text.slice(at)}`
}

/** The bytes with some flipped, taken out, put in or made invalid UTF-8. */
function brokenBytes(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes)
  const at = random.below(copy.length + 1)
  const ways: readonly (() => Buffer)[] = [
    () => flipped(copy, random),
    () => copy.subarray(0, at),
    () => Buffer.concat([copy.subarray(0, at), garbage(random), copy.subarray(at)]),
    () => Buffer.concat([copy.subarray(0, at), copy.subarray(Math.min(copy.length, at + random.below(9)))]),
    () => garbage(random),
  ]
  return random.pick(ways)()
}

function flipped(bytes: Buffer, random: Random): Buffer {
  for (let flips = 1 + random.below(4); flips > 0 && bytes.length > 0; flips--) {
    const at = random.below(bytes.length)
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.below(8)), at)
  }
  return bytes
}

function garbage(random: Random): Buffer {
  return Buffer.from(
    random.several(30, () => random.pick([0xff, 0xc0, 0x80, 0xed, 0xa0, 0xf8, 0, random.below(256)])),
  )
}
