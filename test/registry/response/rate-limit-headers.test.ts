import t from 'tap'

import { remainingRequests } from '../../../src/registry/response/rate-limit-headers.ts'

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
