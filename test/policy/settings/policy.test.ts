import t from 'tap'
import { policySpecSchema } from '../../../src/api/index.ts'
import { modeLabel, modes, strategyAnnotation } from '../../../src/policy/settings/policy.ts'
import { strategies } from '../../../src/version/index.ts'

t.test('the names that people write', async t => {
  t.equal(modeLabel, 'patchline.dev/mode')
  t.equal(strategyAnnotation, 'patchline.dev/strategy')
  t.strictSame(modes, ['off', 'audit', 'warn', 'enforce'])
})

t.test('a policy of the cluster has the same modes and strategies', async t => {
  t.strictSame(policySpecSchema.properties.mode.enum, modes)
  t.strictSame(policySpecSchema.properties.strategy.enum, strategies)
})
