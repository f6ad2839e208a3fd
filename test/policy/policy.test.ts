import t from 'tap'
import { modeLabel, modes, resolvePolicy, strategyAnnotation, type Policy } from '../../src/policy/policy.ts'
import { strategies } from '../../src/version/index.ts'

const defaults: Policy = { mode: 'warn', strategy: 'patch' }

t.test('the names that people write', async t => {
  t.equal(modeLabel, 'patchline.dev/mode')
  t.equal(strategyAnnotation, 'patchline.dev/strategy')
  t.strictSame(modes, ['off', 'audit', 'warn', 'enforce'])
})

t.test('the defaults where nothing is written', async t => {
  t.strictSame(resolvePolicy(defaults, {}, {}), { ...defaults, problems: [] })
})

t.test('every mode and strategy', async t => {
  for (const mode of modes)
    for (const strategy of strategies)
      t.strictSame(resolvePolicy(defaults, { [modeLabel]: mode }, { [strategyAnnotation]: strategy }), {
        mode,
        strategy,
        problems: [],
      })
})

t.test('a long value is told by its beginning', async t => {
  const { problems } = resolvePolicy(defaults, {}, { [strategyAnnotation]: 'x'.repeat(500) })
  t.strictSame(problems, [
    `annotation patchline.dev/strategy=${'x'.repeat(20)}… is none of rebuild, patch, minor, major: patch applies`,
  ])
})

t.test('an unknown value changes nothing and is named', async t => {
  t.strictSame(resolvePolicy(defaults, { [modeLabel]: 'Enforce' }, { [strategyAnnotation]: '' }), {
    ...defaults,
    problems: [
      'namespace label patchline.dev/mode=Enforce is none of off, audit, warn, enforce: warn applies',
      'annotation patchline.dev/strategy= is none of rebuild, patch, minor, major: patch applies',
    ],
  })
})

t.test('the label counts on the namespace only, the annotation on the object only', async t => {
  const swapped = resolvePolicy(defaults, { [strategyAnnotation]: 'major' }, { [modeLabel]: 'enforce' })
  t.strictSame(swapped, {
    ...defaults,
    problems: ['annotation patchline.dev/mode does nothing: it is a label, of the namespace'],
  })
})

t.test('what is inherited is not written', async t => {
  const inherited: Record<string, string> = Object.create({
    [modeLabel]: 'off',
    [strategyAnnotation]: 'major',
  })
  t.strictSame(resolvePolicy(defaults, inherited, inherited), { ...defaults, problems: [] })
})
