import t from 'tap'

import { retryAtOf, retryHeaderOf } from '../../../src/registry/response/retry-after.ts'

const now = Date.UTC(2026, 10, 21, 12, 0, 0)
const rows: readonly (readonly [header: string | undefined, seconds: number])[] = [
  ['5', 5],
  [' 120 ', 120],
  ['0.5', 1],
  ['0', 1],
  ['1000000000', 3600],
  [undefined, 60],
  ['', 60],
  ['-5', 60],
  ['soon', 60],
  ['713.5µs', 60],
  ['1e3', 60],
  ['Sat, 21 Nov 2026 12:02:00 GMT', 120],
  ['Sat, 21 Nov 2026 11:00:00 GMT', 1],
  ['Tue, 21 Nov 2034 12:00:00 GMT', 3600],
  ['Sat, 99 Nov 2026 12:02:00 GMT', 60],
  ['2026-11-21', 60],
]

t.test('Retry-After', t => {
  for (const [header, seconds] of rows)
    t.equal((retryAtOf(header, now) - now) / 1000, seconds, JSON.stringify(header))
  t.end()
})

t.test('the header of Docker Hub is an instant', t => {
  const hub = { 'x-retry-after': String(now / 1000 + 120) }
  t.equal(retryHeaderOf({ headers: hub }), 'Sat, 21 Nov 2026 12:02:00 GMT')
  t.equal(retryHeaderOf({ headers: { ...hub, 'retry-after': '5' } }), '5', 'the standard one goes first')
  t.equal(retryHeaderOf({ headers: { 'x-retry-after': 'soon' } }), undefined)
  t.equal(retryHeaderOf({ headers: {} }), undefined)
  t.end()
})
