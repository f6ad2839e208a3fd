import * as fc from 'fast-check'
import t from 'tap'
import { compileOfferRule, type OfferSettings } from '../../../src/policy/index.ts'
import type { OfferRule } from '../../../src/version/index.ts'

function ruleOf(settings: OfferSettings): OfferRule {
  const rule = compileOfferRule(settings)
  if (rule === undefined || !('preReleases' in rule)) throw new Error(JSON.stringify(rule))
  return rule
}

t.test('settings that restrict nothing are no rule', async t => {
  for (const settings of [
    {},
    { never: [] },
    { preReleases: 'follow' as const },
    { releaseChannel: 'any' as const },
  ])
    t.equal(compileOfferRule(settings), undefined)
  t.strictSame(compileOfferRule({ preReleases: 'leave' }), { preReleases: 'leave' })
  t.strictSame(compileOfferRule({ releaseChannel: 'lts' }), { preReleases: 'follow', channel: 'lts' })
})

t.test('a range', async t => {
  const rows: readonly (readonly [range: string, inside: string, outside: string])[] = [
    ['>=1.2 <2', '1.2.0 1.99.0 1.3.0-rc.1 1.2.0-rc.1', '1.1.9 2.0.0 2.0.0-rc.1'],
    ['~1.25.1', '1.25.1 1.25.9', '1.25.0 1.26.0 1.26.0-0.build'],
    ['^1.2', '1.2.0 1.9.9', '2.0.0 1.1.0'],
    ['1.2.3 || 2.x', '1.2.3 2.7.0', '1.2.4 3.0.0'],
    ['*', '0.0.0 9007199254740991.0.0', ''],
  ]
  for (const [range, inside, outside] of rows) {
    const { inRange } = ruleOf({ range })
    for (const version of inside.split(' ')) t.equal(inRange?.(version), true, `${version} in ${range}`)
    for (const version of outside.split(' ').filter(Boolean))
      t.equal(inRange?.(version), false, `${version} in ${range}`)
  }
})

t.test('tags that are never offered', async t => {
  const { never } = ruleOf({ never: ['1.25.4', '*-debug', 'nightly-*-arm64', '2.*.0', 'a*b*c'] })
  const rows: Readonly<Record<string, boolean>> = {
    '1.25.4': true,
    '1.25.40': false,
    '1.25.4-alpine': false,
    '1.26.0-debug': true,
    '-debug': true,
    debug: false,
    'nightly-20240101-arm64': true,
    'nightly-arm64': false,
    '2.1.0': true,
    '2.0': false,
    abc: true,
    axbxc: true,
    acb: false,
    'a.c': false,
  }
  for (const [tag, expected] of Object.entries(rows)) t.equal(never?.(tag), expected, tag)
})

function textOf(symbols: readonly string[]): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...symbols), minLength: 1, maxLength: 8 })
}

t.test('a pattern matches as an expression does', async () => {
  const property = fc.property(textOf(['a', 'b', '.', '*']), textOf(['a', 'b', '.']), (pattern, tag) => {
    const { never } = ruleOf({ never: [pattern] })
    const expression = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
    return never?.(tag) === expression.test(tag)
  })
  fc.assert(property, { numRuns: 5_000 })
})

t.test('all problems, by place', async t => {
  const never = ['1.25.4', '', 'a b', 'x'.repeat(129)]
  t.strictSame(compileOfferRule({ range: 'one or two', never }), [
    { path: 'range', message: '"one or two" is no range of versions; write ">=1.2 <2"' },
    { path: 'never[1]', message: '"" is no tag, with * for any text; write 1.25.4 or *-debug' },
    { path: 'never[2]', message: '"a b" is no tag, with * for any text; write 1.25.4 or *-debug' },
    {
      path: 'never[3]',
      message: `"${'x'.repeat(40)}…" is no tag, with * for any text; write 1.25.4 or *-debug`,
    },
  ])
  for (const range of ['', ' ', '>', '>=1.2 <99999999999999999999', 'v1.2.3.4'])
    t.match(compileOfferRule({ range }), [{ path: 'range' }], JSON.stringify(range))
})
