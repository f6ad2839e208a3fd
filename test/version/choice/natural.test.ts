import * as fc from 'fast-check'
import t from 'tap'
import { compareNaturally } from '../../../src/version/choice/natural.ts'

t.test('as people order texts with numbers in them', async t => {
  const order = [
    '',
    '-alpine',
    '-alpine3.9',
    '-alpine3.018x',
    '-alpine3.18',
    '-alpine3.19',
    '-alpine10',
    '-alpinf',
    '-jdk8',
    '-jdk17',
  ]
  for (const [at, a] of order.entries())
    for (const [place, b] of order.entries())
      t.equal(compareNaturally(a, b), Math.sign(at - place) + 0, `${a} and ${b}`)
})

t.test('a total order', async () => {
  const text = fc.string({ unit: fc.constantFrom('0', '1', '2', 'a', '.'), maxLength: 6 })
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      const [first = '', second = '', third = ''] = [a, b, c].toSorted(compareNaturally)
      if ((compareNaturally(a, b) === 0) !== (a === b)) return false
      if (compareNaturally(a, b) !== 0 - compareNaturally(b, a)) return false
      return (
        compareNaturally(first, second) < 1 &&
        compareNaturally(second, third) < 1 &&
        compareNaturally(first, third) < 1
      )
    }),
    { numRuns: 20_000 },
  )
})
