import t from 'tap'
import { tryPatches } from '../support/admission/patch-trial.ts'

t.test(
  'every patch of 5,000 random objects applies, adds nothing to itself, and changes only our annotations',
  async t => {
    const { patches, faults } = await tryPatches(1, 5_000)
    t.strictSame(faults.slice(0, 20), [])
    t.ok(patches > 1_000, `${patches} patches`)
  },
)
