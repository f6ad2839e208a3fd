import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import t from 'tap'
import { printable, shellWords, shortAge, shorten, shortLine } from '../../src/text/index.ts'

t.test('what must not be shown is left out', async t => {
  const rows: [string, string][] = [
    ['nginx:1.25.1', 'nginx:1.25.1'],
    ['a\nb\tc\rd\u0000e', 'abcde'],
    ['a\u001b[31mb', 'a[31mb'],
    ['a\u007fb\u0085c', 'abc'],
    ['a\u202eb\u2066c\u200fd\u061ce', 'abcde'],
    ['a\u2028b\u2029c', 'abc'],
    ['a\u200bb\ufeffc\u00add', 'abcd'],
    ['a\ud800b\udc00c', 'abc'],
    ['größe 日本 🚀', 'größe 日本 🚀'],
    ['', ''],
  ]
  for (const [index, [text, expected]] of rows.entries()) t.equal(printable(text), expected, `row ${index}`)
})

t.test('what is too long is cut where it stays readable', async t => {
  t.equal(shorten('abcdef', 6), 'abcdef')
  t.equal(shorten('abcdef', 5), 'abcd…')
  t.equal(shorten('abcdef', 1), '…')
  t.equal(shorten('abcdef', 0), '…')
  t.equal(shorten('a🚀🚀', 3), 'a…', 'no half of a pair')
})

t.test('a short line is printable and cut', async t => {
  t.equal(shortLine('a\nb', 3), 'ab')
  t.equal(shortLine('abcdef', 4), 'abc…')
  t.equal(shortLine('ab\u202ecdef', 4), 'abc…', 'a mark that turns text counts, and is left out')
  t.equal(shortLine('ab🚀🚀', 4), 'ab…', 'no half of a pair')
})

const minute = 60_000
const table: readonly (readonly [milliseconds: number, text: string])[] = [
  [-1, '0m'],
  [minute - 1, '0m'],
  [59 * minute, '59m'],
  [60 * minute, '1h'],
  [48 * 60 * minute - 1, '47h'],
  [48 * 60 * minute, '2d'],
]

for (const [milliseconds, text] of table) t.test(text, async t => t.equal(shortAge(milliseconds), text))

t.test('a shell reads the words as they were', async () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'binary', maxLength: 20 }).filter(text => !text.includes('\0')),
        { minLength: 1, maxLength: 5 },
      ),
      texts => {
        const out = execFileSync('sh', ['-c', `printf '%s\\0' ${shellWords(texts)}`], { encoding: 'buffer' })
        const expected = Buffer.from(texts.map(text => `${text}\0`).join(''))
        if (!out.equals(expected)) throw new Error(`read as ${JSON.stringify(out.toString())}`)
      },
    ),
    { numRuns: 150 },
  )
})
