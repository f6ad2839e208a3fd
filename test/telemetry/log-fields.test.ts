import t from 'tap'
import { withoutSecrets } from '../../src/telemetry/log-fields.ts'

const error = new Error('x')
const rows: readonly (readonly [Record<string, unknown>, Record<string, unknown>])[] = [
  [{}, {}],
  [
    { port: 1, list: [{ token: 'a' }] },
    { port: 1, list: [{ token: 'a' }] },
  ],
  [
    { password: 'a', port: 1 },
    { password: '[redacted]', port: 1 },
  ],
  [{ Authorization: 'a' }, { Authorization: '[redacted]' }],
  [{ registry: { host: 'h', token: 'a' } }, { registry: { host: 'h', token: '[redacted]' } }],
  [
    { registry: { auth: { username: 'u' } }, n: null },
    { registry: { auth: '[redacted]' }, n: null },
  ],
  [
    { err: error, secret: 1 },
    { err: error, secret: '[redacted]' },
  ],
]
for (const [fields, safe] of rows) t.strictSame(withoutSecrets(fields), safe, JSON.stringify(fields))

const clean = { image: 'nginx', inner: { a: 1 } }
t.equal(withoutSecrets(clean), clean, 'nothing is copied where nothing is secret')
