import t from 'tap'
import { isDnsLabel, isDnsSubdomain } from '../../src/text/index.ts'

const table: readonly (readonly [text: string, isLabel: boolean, isSubdomain: boolean])[] = [
  ['web', true, true],
  ['0-a', true, true],
  ['a'.repeat(63), true, true],
  ['a'.repeat(64), false, true],
  ['web.example', false, true],
  [`${'a.'.repeat(126)}a`, false, true],
  [`${'a.'.repeat(127)}a`, false, false],
  ['', false, false],
  ['-web', false, false],
  ['web-', false, false],
  ['web..x', false, false],
  ['Web', false, false],
  ['we_b', false, false],
  ['web\n', false, false],
  ['--server=http://evil.example', false, false],
]

for (const [text, label, subdomain] of table)
  t.test(JSON.stringify(text), async t => {
    t.equal(isDnsLabel(text), label)
    t.equal(isDnsSubdomain(text), subdomain)
  })
