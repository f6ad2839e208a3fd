import t from 'tap'

import { proveAgainstHostileAnswers } from '../support/registry/hostile/hostile-run.ts'

// A quick run of 500 is in test/registry.
t.test('10,000 hostile answers', async t => proveAgainstHostileAnswers(t, 10_000))
