import { assert, property, string, stringMatching } from 'fast-check'
import t from 'tap'
import { isDnsLabel, isDnsSubdomain } from '../../src/text/index.ts'
import { matchesWildcard } from '../../src/text/patterns.ts'

t.test('a star stands for any text', async t => {
  const rows: [pattern: string, text: string, expected: boolean][] = [
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'abc', true],
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['a*c', 'ac', true],
    ['a*c', 'abbbc', true],
    ['a*a', 'a', false],
    ['ab*ba', 'aba', false],
    ['*a*b*', 'xxaxxb', true],
    ['*a*b*', 'xxbxxa', false],
    ['a**b', 'ab', true],
    ['*.x', 'a.b.x', true],
    ['a*b*c', 'a-b-b-c', true],
  ]
  for (const [pattern, text, expected] of rows)
    t.equal(matchesWildcard(pattern, text), expected, `${pattern} ${text}`)
})

t.test('the same as an expression that backtracks', async () => {
  const pattern = stringMatching(/^[ab*]{0,8}$/)
  assert(
    property(pattern, stringMatching(/^[ab]{0,12}$/), (wild, text) => {
      const slow = new RegExp(`^${wild.replaceAll('*', '.*')}$`)
      return matchesWildcard(wild, text) === slow.test(text)
    }),
  )
  assert(property(string(), text => matchesWildcard('*', text)))
})

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
