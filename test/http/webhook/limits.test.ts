import t from 'tap'
import { lookupBudget, readTimeout } from '../../../src/http/webhook/limits.ts'

const timeouts: readonly (readonly [text: unknown, milliseconds: number])[] = [
  ['3s', 3_000],
  ['30s', 30_000],
  ['1m30s', 90_000],
  ['2m', 120_000],
  ['1h0m0s', 3_600_000],
  ['0s', 0],
  ['', 10_000],
  [undefined, 10_000],
  ['3', 10_000],
  ['s', 10_000],
  ['1.5s', 10_000],
  ['500ms', 10_000],
  ['-3s', 10_000],
  ['3s ', 10_000],
  ['1s1m', 10_000],
  ['9999999999s', 10_000],
  [['3s', '4s'], 10_000],
]
for (const [text, milliseconds] of timeouts)
  t.equal(readTimeout(text), milliseconds, `timeout=${JSON.stringify(text)}`)

const budgets: readonly (readonly [timeout: unknown, configured: number, budget: number])[] = [
  ['3s', 800, 800],
  ['1s', 800, 750],
  ['0s', 800, 0],
  [undefined, 25_000, 9_750],
  ['30s', 25_000, 25_000],
  ['10s', 0, 0],
]
for (const [timeout, configured, budget] of budgets)
  t.equal(lookupBudget(timeout, configured), budget, `${String(timeout)} and ${configured}`)
