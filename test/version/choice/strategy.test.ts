import t from 'tap'
import { strategies } from '../../../src/version/choice/strategy.ts'

t.test('from the narrowest to the widest', async t => {
  t.strictSame(strategies, ['rebuild', 'patch', 'minor', 'major'])
})
