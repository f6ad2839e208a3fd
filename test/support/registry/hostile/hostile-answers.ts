import { gzipSync } from 'node:zlib'

import { pagingKinds } from './hostile-pages.ts'
import { page, pick, randomOf, reply, type HostileKind } from './hostile-reply.ts'

const KiB = 1024
const filler = Buffer.alloc(64 * KiB, 'a')

function* flood(start: string, count: number): Generator<string | Uint8Array> {
  yield start
  for (let at = 0; at < count; at++) yield filler
}

function bytes(seed: number, count: number): Buffer {
  const random = randomOf(seed)
  return Buffer.from(Array.from({ length: count }, () => random(256)))
}

const someTags = (seed: number): readonly string[] => {
  const random = randomOf(seed)
  return Array.from({ length: 1 + random(300) }, (_, at) => `1.${random(40)}.${at}`)
}

/** Names that are properties of every object. */
const inherited = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf']
const illegal = ['', ' ', '-a', '.a', 'a b', 'a/b', '\u0000', 'a\n', 'ä', '\u202e1.0', 'x'.repeat(129)]
const bomb = gzipSync(Buffer.alloc(4096 * KiB, ' '))
const open = 'HTTP/1.1 200 X\r\ncontent-type: application/json\r\n'
const chunked = `${open}transfer-encoding: chunked\r\n\r\n`

const sizes: readonly HostileKind[] = [
  {
    name: 'endless',
    weight: 8,
    answer: () => ({ chunks: flood(`${open}\r\n{"tags":["`, 1024), end: 'close' }),
  },
  {
    name: 'length-of-a-gigabyte',
    weight: 4,
    answer: () => ({
      chunks: flood(`${open}content-length: 1000000000\r\n\r\n{"tags":["`, 1024),
      end: 'close',
    }),
  },
  {
    name: 'bomb',
    weight: 20,
    answer: () => reply(200, bomb, 'content-encoding: gzip\r\n'),
  },
  {
    name: 'brackets',
    weight: 10,
    answer: ({ seed }) =>
      reply(200, `{"tags":${pick(seed, ['[', '{"a":', '[{"a":'] as const).repeat(300 * KiB)}`),
  },
  { name: 'many-objects', weight: 6, answer: () => reply(200, `{"tags":[${'{},'.repeat(1000 * KiB)}{}]}`) },
  {
    name: 'too-many-tags',
    weight: 2,
    answer: () => page(Array.from({ length: 200_001 }, (_, at) => `1.0.${at}`)),
  },
  {
    name: 'long-headers',
    weight: 20,
    answer: ({ seed }) =>
      reply(200, '{"tags":[]}', pick(seed, [`x: ${'y'.repeat(90 * KiB)}\r\n`, 'x: y\r\n'.repeat(20_000)])),
  },
  {
    name: 'one-long-text',
    weight: 6,
    answer: () => reply(200, `{"name":"${'x'.repeat(2048 * KiB)}","tags":["a"]}`),
    tags: () => ['a'],
  },
]

const texts: readonly HostileKind[] = [
  {
    name: 'truncated',
    weight: 80,
    answer({ seed }) {
      const whole = JSON.stringify({ name: 'x', tags: someTags(seed) })
      return reply(200, whole.slice(0, randomOf(seed)(whole.length)))
    },
  },
  { name: 'random', weight: 80, answer: ({ seed }) => reply(200, bytes(seed, seed % 3000)) },
  {
    name: 'html',
    weight: 50,
    answer: () => reply(200, '<!doctype html><title>log in</title>', 'content-type: text/html\r\n'),
  },
  {
    name: 'not-utf-8',
    weight: 50,
    answer: ({ seed }) =>
      reply(
        200,
        Buffer.concat([Buffer.from('{"tags":["1.0'), bytes(seed, 4), Buffer.from('\xff"]}', 'latin1')]),
      ),
  },
  {
    name: 'another-shape',
    weight: 60,
    answer: ({ seed }) =>
      reply(
        200,
        pick(seed, [
          'null',
          '[]',
          '1e999',
          '"tags"',
          '{"__proto__":{"tags":["a"]}}',
          '{"tags":{"length":3,"0":"a"}}',
          '{"tags":["a",{"toString":"x"}]}',
          '{"tags":[["a"]]}',
          '{"tags":["a",null]}',
          '{"tags":7}',
          '{"Tags":["a"]}',
          '{"tags":["a"]}{"tags":["b"]}',
        ]),
      ),
  },
  {
    name: 'inherited-names',
    weight: 70,
    answer: ({ seed }) => page([...inherited, ...illegal, ...someTags(seed)]),
    tags: seed => [...inherited, ...someTags(seed)],
  },
  {
    name: 'type-that-lies',
    weight: 40,
    answer: ({ seed }) =>
      reply(200, JSON.stringify({ tags: someTags(seed) }), 'content-type: image/png; charset=utf-16\r\n'),
    tags: someTags,
  },
  {
    name: 'key-twice',
    weight: 30,
    answer: ({ seed }) => reply(200, `{"tags":["9.9.9"],"tags":${JSON.stringify(someTags(seed))}}`),
    tags: someTags,
  },
  { name: 'good', weight: 60, answer: ({ seed }) => page(someTags(seed)), tags: someTags },
]

const framing: readonly HostileKind[] = [
  { name: 'no-http', weight: 40, answer: ({ seed }) => ({ chunks: [bytes(seed, 500)], end: 'close' }) },
  {
    name: 'length-too-long',
    weight: 30,
    answer: () => ({ chunks: [`${open}content-length: 99\r\n\r\n{"tags":["a"]}`], end: 'close' }),
  },
  {
    name: 'length-too-short',
    weight: 40,
    answer: () => ({ chunks: [`${open}content-length: 9\r\n\r\n{"tags":["a"]}`], end: 'close' }),
  },
  {
    name: 'two-lengths',
    weight: 30,
    answer: () => ({
      chunks: [`${open}content-length: 14\r\ncontent-length: 3\r\n\r\n{"tags":["a"]}`],
      end: 'close',
    }),
  },
  {
    name: 'bad-chunks',
    weight: 40,
    answer: ({ seed }) => ({
      chunks: [`${chunked}${pick(seed, ['fffffffffffffffff', '-1', 'zz', '5'])}\r\n{"tags":["a"]}\r\n`],
      end: 'close',
    }),
  },
  { name: 'reset', weight: 20, answer: () => ({ chunks: [], end: 'reset' }) },
  {
    name: 'reset-in-the-middle',
    weight: 20,
    answer: () => ({ chunks: [`${chunked}5\r\n{"tag\r\n`], end: 'reset' }),
  },
  { name: 'silent', weight: 10, answer: () => ({ chunks: [], end: 'hold' }) },
  { name: 'stalled', weight: 10, answer: () => ({ chunks: [`${chunked}5\r\n{"tag\r\n`], end: 'hold' }) },
  {
    name: 'drip',
    weight: 10,
    answer: () => ({
      chunks: [`${open}\r\n`, ...Array.from({ length: 300 }, () => ' ')],
      end: 'hold',
      pause: 25,
    }),
  },
  {
    name: 'interim-answers',
    weight: 20,
    answer: ({ seed }) => ({
      chunks: [pick(seed, ['HTTP/1.1 100 C\r\n\r\n', 'HTTP/1.1 103 E\r\nlink: <x>\r\n\r\n']).repeat(5000)],
      end: 'close',
    }),
  },
]

/** Every way there is. */
export const hostileKinds: readonly HostileKind[] = [...sizes, ...texts, ...framing, ...pagingKinds]

const wheel = hostileKinds.flatMap(kind => Array.from({ length: kind.weight }, () => kind))

/** The way of a seed. */
export function kindOf(seed: number): HostileKind {
  const [first] = hostileKinds
  const kind = wheel[randomOf(seed)(wheel.length)] ?? first
  if (kind === undefined) throw new Error('no kinds')
  return kind
}
