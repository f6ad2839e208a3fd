import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'

import type { StoreProblems } from '../../../src/catalog/disk/store.ts'
import { createWriteBehind } from '../../../src/catalog/disk/write-behind.ts'

const problems: StoreProblems = { add: () => {}, solved: () => {} }

t.test('what is newer is written last, also at the end and where the older write is slow', async t => {
  const written: string[] = []
  const writes = createWriteBehind<string>({
    directory: 'd',
    problems,
    async write(_key, value) {
      await sleep(value === 'old' ? 50 : 0)
      written.push(value)
    },
  })
  writes.add('key', 'old')
  await sleep(1)
  writes.add('key', 'new')
  await writes.close()
  t.strictSame(written, ['old', 'new'])
})
