import t from 'tap'

import { proveAgainstHostileAnswers } from '../support/registry/hostile/hostile-run.ts'

// A quick run of 500 is in test/registry.
t.test('10,000 hostile answers', async t => {
  const { ownDelay } = await proveAgainstHostileAnswers(t, 10_000)
  t.ok(
    ownDelay < 50,
    `the 99th percentile of the event loop's delay by work of its own is ${ownDelay.toFixed(1)} ms, less than 50`,
  )
})
