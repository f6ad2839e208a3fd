import * as fc from 'fast-check'
import t from 'tap'
import { compareNumerals, exactDigits, numeral } from '../../../src/version/tag/numeral.ts'

t.test('numbers of any size', async t => {
  t.equal(numeral('007'), 7)
  t.equal(numeral('9'.repeat(exactDigits)), 999_999_999_999_999)
  t.equal(numeral('9007199254740991'), Number.MAX_SAFE_INTEGER)
  t.equal(numeral('9007199254740993'), 9_007_199_254_740_993n)
  t.equal(numeral('0'.repeat(40) + '7'), 7, 'one representation for one value')
  t.equal(compareNumerals(numeral('9007199254740991'), numeral('9007199254740993')), -1)
  t.equal(compareNumerals(numeral('99999999999999999999'), numeral('99999999999999999998')), 1)
  t.equal(compareNumerals(numeral('00012'), numeral('12')), 0)
})

t.test('exact in every comparison', async () => {
  const digits = fc.bigInt({ min: 0n, max: 10n ** 24n }).map(String)
  fc.assert(
    fc.property(digits, digits, (a, b) => {
      const wanted = BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0
      return compareNumerals(numeral(a), numeral(b)) === wanted
    }),
  )
})
