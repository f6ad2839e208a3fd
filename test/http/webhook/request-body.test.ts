import { readFileSync } from 'node:fs'
import { assert, array, nat, property } from 'fast-check'
import t from 'tap'
import { createBodyBuffer } from '../../../src/http/webhook/request-body.ts'

const MiB = 1024 * 1024
const chunksOf = (lengths: readonly number[]): Buffer[] =>
  lengths.map((length, at) => Buffer.alloc(length, 97 + (at % 26)))

const resident = (): number =>
  1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])

t.test('what was appended is read, however it came, and up to the most', async () => {
  assert(
    property(array(nat(40_000), { maxLength: 20 }), nat(500_000), (lengths, most) => {
      const chunks = chunksOf(lengths)
      const buffer = createBodyBuffer(most)
      for (const chunk of chunks) buffer.append(chunk)
      const expected = Buffer.concat(chunks).subarray(0, most)
      return (
        buffer.length() === expected.length &&
        buffer.readOnce(bytes => bytes.equals(expected)) &&
        buffer.length() === expected.length &&
        buffer.readOnce(bytes => bytes.length === 0)
      )
    }),
  )
})

t.test('what is truncated is its beginning', async t => {
  const buffer = createBodyBuffer(MiB)
  for (const chunk of chunksOf([300_000, 300_000])) buffer.append(chunk)
  buffer.truncate(700_000)
  t.equal(buffer.length(), 600_000)
  buffer.truncate(1000)
  t.equal(
    buffer.readOnce(bytes => bytes.toString()),
    'a'.repeat(1000),
  )
})

t.test('a reader that fails leaves nothing behind', async t => {
  const buffer = createBodyBuffer(MiB)
  buffer.append(Buffer.alloc(200_000))
  t.throws(
    () =>
      buffer.readOnce(() => {
        throw new Error('no JSON')
      }),
    { message: 'no JSON' },
  )
  t.equal(
    buffer.readOnce(bytes => bytes.length),
    0,
  )
})

t.test('memory goes back to the system at once: no garbage is collected here', async t => {
  const chunk = Buffer.alloc(MiB, 1)
  const full = (): ReturnType<typeof createBodyBuffer> => {
    const buffer = createBodyBuffer(64 * MiB)
    for (let at = 0; at < 64; at++) buffer.append(chunk)
    return buffer
  }
  full().free()
  const before = resident()
  const buffers = [full(), full(), full()]
  t.ok(resident() - before > 150 * MiB, 'they hold it')
  buffers[0]?.free()
  buffers[1]?.truncate(MiB)
  buffers[2]?.readOnce(() => undefined)
  t.ok(resident() - before < 20 * MiB, `${resident() - before} bytes are left`)
})
