import t from 'tap'
import { instantOf, spellDay, spellInstant } from '../../src/text/index.ts'

t.test('a date or an RFC 3339 instant', async t => {
  const rows: readonly (readonly [string, number | undefined])[] = [
    ['1970-01-01', 0],
    ['2026-10-28', 1_793_145_600_000],
    ['1970-01-01T00:01:00Z', 60_000],
    ['1970-01-01T01:00+01:00', 0],
    ...['', '2026', '2026-13-01', '2026-02-30', '28.10.2026', '2026-10-28x'].map(
      text => [text, undefined] as const,
    ),
  ]
  for (const [text, expected] of rows) t.equal(instantOf(text), expected, JSON.stringify(text))
})

t.test('an instant in words', async t => {
  t.equal(spellInstant(60_000), '1970-01-01T00:01Z')
  t.equal(spellDay(86_399_999), '1970-01-01')
})
