import t from 'tap'

import { proveAgainstHostileAnswers } from '../support/hostile-run.ts'

t.test('500 hostile answers', async t => proveAgainstHostileAnswers(t, 500))
