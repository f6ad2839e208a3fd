import t from 'tap'

import { shown } from '../../../src/registry/response/registry-error.ts'

t.test('hostile text is shown short and printable', t => {
  const rows = [
    ['auth.example:8443', 'auth.example:8443'],
    ['a\r\nb\u001b[31m\u202e', 'a??b?[31m?'],
    ['x'.repeat(100), 'x'.repeat(100)],
    ['x'.repeat(101), `${'x'.repeat(100)}...`],
  ] as const
  for (const [text, expected] of rows) t.equal(shown(text), expected)
  t.end()
})
