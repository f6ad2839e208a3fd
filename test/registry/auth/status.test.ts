import t from 'tap'

import { checkRegistryStatus } from '../../../src/registry/auth/status.ts'

t.test('which statuses are no error', t => {
  const rows = [
    [200, [200], undefined],
    [304, [200, 304], undefined],
    [304, [200], 'invalid-answer'],
    [404, [200], 'not-found'],
    [404, [200, 304], 'not-found'],
    [404, [200, 404], undefined],
    [204, [200], 'invalid-answer'],
    [403, [200, 404], 'unauthorized'],
    [408, [200], 'unavailable'],
    [503, [200, 304], 'unavailable'],
  ] as const
  for (const [status, allowed, code] of rows) {
    const response = {
      url: new URL('https://registry.example/v2/'),
      status,
      headers: {},
      body: Buffer.alloc(0),
    }
    const check = (): void => checkRegistryStatus(response, ...allowed)
    if (code === undefined) t.doesNotThrow(check, String(status))
    else t.throws(check, { code })
  }
  t.end()
})
