import t from 'tap'
import { parseDuration } from '../../../src/policy/index.ts'

const hour = 60 * 60_000

t.test('a number and a unit', async t => {
  const rows: readonly (readonly [string, number | undefined])[] = [
    ['7d', 7 * 24 * hour],
    ['72h', 72 * hour],
    ['30m', hour / 2],
    ['2w', 14 * 24 * hour],
    ['0d', 0],
    ['99999w', 99_999 * 7 * 24 * hour],
    ...['', '7', 'd', '7D', '7 d', '-1d', '1.5d', '07d', '100000d', '1d12h', '7s', '７d'].map(
      text => [text, undefined] as const,
    ),
  ]
  for (const [text, expected] of rows) t.equal(parseDuration(text), expected, JSON.stringify(text))
})
