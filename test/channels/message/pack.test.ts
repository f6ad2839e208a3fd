import * as fc from 'fast-check'
import t from 'tap'
import { pack, type Limits, type Part } from '../../../src/channels/message/pack.ts'

const wide: Limits = { chunk: 400, chunks: 3, together: 1_200, apart: false }
const item = (letter: string, length: number): string => letter.repeat(length)

const rows: readonly (readonly [string, readonly Part[], Limits, readonly string[]])[] = [
  ['nothing', [], wide, ['head']],
  [
    'all of it',
    [
      { title: 'A', items: ['1', '2'], more: 0 },
      { title: 'B', items: ['3'], more: 7 },
    ],
    wide,
    ['head\n\nA\n1\n2\n\nB\n3\nand 7 more'],
  ],
  [
    'each part a chunk',
    [
      { title: 'A', items: ['1'], more: 0 },
      { title: 'B', items: ['2'], more: 0 },
    ],
    { ...wide, apart: true },
    ['head', 'A\n1', 'B\n2'],
  ],
  [
    'a second chunk begins with an item',
    [{ title: 'A', items: [item('a', 300), item('b', 300)], more: 0 }],
    wide,
    [`head\n\nA\n${item('a', 300)}`, item('b', 300)],
  ],
  [
    'an item that fits nowhere is left out, those after it are not',
    [{ title: 'A', items: [item('a', 500), 'b'], more: 0 }],
    wide,
    ['head\n\nA\nb\nand 1 more'],
  ],
  [
    'what is left out of one part is counted there, and the next one has its place',
    [
      { title: 'A', items: Array.from('abcdefgh', letter => item(letter, 150)), more: 2 },
      { title: 'B', items: [item('z', 90)], more: 0 },
    ],
    wide,
    [
      `head\n\nA\n${item('a', 150)}\n${item('b', 150)}`,
      `${item('c', 150)}\n${item('d', 150)}`,
      `${item('e', 150)}\n${item('f', 150)}\nand 4 more\n\nB\nand 1 more`,
    ],
  ],
]

for (const [what, parts, limits, expected] of rows)
  t.test(what, async t => t.strictSame(pack(['head'], parts, limits), expected))

t.test('every part is there with its title and its count, within the limits', async () => {
  const parts = fc.array(
    fc.record({
      items: fc.array(fc.integer({ min: 1, max: 4_000 }), { maxLength: 60 }),
      more: fc.integer({ min: 0, max: 5_000 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  fc.assert(
    fc.property(parts, fc.boolean(), (given, apart) => {
      const limits = { chunk: 3_000, chunks: apart ? 49 : 3, together: 9_000, apart }
      const all = given.map(({ items, more }, part) => ({
        title: `<title ${part}>`,
        items: items.map((length, place) => `<${part} ${place}>`.padEnd(length, '.')),
        more: items.length === 0 ? more + 1 : more,
      }))
      const chunks = pack([], all, limits)
      const text = chunks.join('\n')
      if (chunks.length > limits.chunks || chunks.some(({ length }) => length > limits.chunk))
        throw new Error('too much in a chunk')
      if (chunks.join('').length > limits.together) throw new Error('too much together')
      all.forEach(({ title, items, more }, part) => {
        const told = items.filter(one => text.includes(one)).length
        const count = new RegExp(`<title ${part}>[^]*?(?=<title ${part + 1}>|$)`).exec(text)?.[0]
        const said = Number(/and (\d+) more/.exec(count ?? '')?.[1] ?? 0)
        if (count === undefined) throw new Error(`${title} is missing`)
        if (said !== more + items.length - told) throw new Error(`${title}: ${said} are said to be left out`)
      })
    }),
  )
})
