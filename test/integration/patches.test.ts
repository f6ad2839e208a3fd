import t from 'tap'
import { tryPatches } from '../support/admission/patch-trial.ts'

// The same as test/admission/patches.test.ts, by more objects of another seed.

t.test('every patch of 100,000 random objects applies', async t => {
  const start = performance.now()
  const { patches, faults } = await tryPatches(2, 100_000)
  t.comment(`${patches} patches of 100,000 objects in ${((performance.now() - start) / 1000).toFixed(1)} s`)
  t.strictSame(faults.slice(0, 20), [])
  t.ok(patches > 20_000, `${patches} patches`)
})
