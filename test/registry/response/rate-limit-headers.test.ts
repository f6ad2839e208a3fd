import t from 'tap'

import {
  remainingRequests,
  retryAtOf,
  retryHeaderOf,
} from '../../../src/registry/response/rate-limit-headers.ts'

const now = Date.UTC(2026, 10, 21, 12, 0, 0)
const inSeconds = now / 1000

type Row = readonly [
  headers: Readonly<Record<string, string>>,
  expected: readonly [remaining: number, limit: number | undefined, seconds: number] | undefined,
]
const rows: readonly Row[] = [
  // Docker Hub
  [{ 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '76;w=21600' }, [76, 100, 3600]],
  [{ 'ratelimit-remaining': ' 0 ; w=120 ' }, [0, undefined, 120]],
  [{ 'ratelimit-limit': '100;w=300', 'ratelimit-remaining': '5' }, [5, 100, 300]],
  // hub.docker.com, GitHub
  [
    {
      'x-ratelimit-limit': '180',
      'x-ratelimit-remaining': '179',
      'x-ratelimit-reset': String(inSeconds + 45),
    },
    [179, 180, 45],
  ],
  // GitLab
  [
    {
      'ratelimit-limit': '500',
      'ratelimit-remaining': '499',
      'ratelimit-reset': String(inSeconds + 60),
      'ratelimit-name': 'throttle',
    },
    [499, 500, 60],
  ],
  // seconds from now, fractions, milliseconds
  [{ 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '30' }, [1, undefined, 30]],
  [{ 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '2.5' }, [1, undefined, 2.5]],
  [{ 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': `${inSeconds + 20}.5` }, [1, undefined, 20.5]],
  [{ 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': String(now + 30_000) }, [1, undefined, 30]],
  // bounds: a second to an hour, a minute where nothing is said
  [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '0' }, [0, undefined, 1]],
  [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' }, [0, undefined, 1]],
  [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(inSeconds - 500) }, [0, undefined, 1]],
  [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '999999999999999' }, [0, undefined, 3600]],
  [{ 'x-ratelimit-remaining': '0' }, [0, undefined, 60]],
  [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'tomorrow' }, [0, undefined, 60]],
  // several limits: the first
  [
    { 'ratelimit-limit': '10, 10;w=1, 1000;w=3600', 'ratelimit-remaining': '9', 'ratelimit-reset': '1' },
    [9, 10, 1],
  ],
  // one form where the other cannot be read
  [{ 'ratelimit-remaining': 'many', 'x-ratelimit-remaining': '3' }, [3, undefined, 60]],
  // nothing to be read
  [{}, undefined],
  [{ 'ratelimit-limit': '100;w=21600' }, undefined],
  [{ 'ratelimit-remaining': '' }, undefined],
  [{ 'ratelimit-remaining': '-1' }, undefined],
  [{ 'ratelimit-remaining': '1e3' }, undefined],
  [{ 'ratelimit-remaining': '7.5' }, undefined],
  [{ 'ratelimit-remaining': '99999999999' }, undefined],
  [{ 'ratelimit-remaining': '5;w=x' }, [5, undefined, 60]],
]

t.test('what is left', t => {
  for (const [headers, expected] of rows) {
    const told = remainingRequests({ headers }, now)
    const seconds = told === undefined ? 0 : (told.resetAt - now) / 1000
    t.strictSame(
      told === undefined ? undefined : [told.remaining, told.limit, seconds],
      expected,
      JSON.stringify(headers),
    )
  }
  t.end()
})

const retryRows: readonly (readonly [header: string | undefined, seconds: number])[] = [
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
  for (const [header, seconds] of retryRows)
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
