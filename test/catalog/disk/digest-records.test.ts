import t from 'tap'

import { createDigestRecords } from '../../../src/catalog/disk/digest-records.ts'
import type { DigestRecord } from '../../../src/catalog/disk/stored-header.ts'
import type { View } from '../../../src/catalog/entry/views.ts'

const repository = { registry: 'r.example', repository: 'team/app' }
const view: View = { key: 'r.example/team/app', repository, credentials: [] }
const recordOf = (more: Partial<DigestRecord> = {}): DigestRecord => ({
  digest: { digest: 'sha256:a', platforms: undefined },
  fetchedAt: 1,
  since: 1,
  told: false,
  ...more,
})

t.test('records of one sort push out none of another', async t => {
  const records = createDigestRecords(20_000)
  const fill = (name: string, count: number, more: Partial<DigestRecord> = {}) => {
    for (let n = 0; n < count; n++) records.keep(view, `${name}-${n}`, recordOf(more))
  }
  const count = (name: string): number =>
    [...records.of(view).keys()].filter(tag => tag.startsWith(name)).length
  records.keep(view, '1.25.5', recordOf({ told: true }))
  records.keep(view, '1.25.1', recordOf())
  fill('made-up', 500, { digest: undefined })
  t.equal(count('made-up'), 100)
  t.ok(records.of(view).has('1.25.1'))
  fill('another', 500)
  t.equal(count('another'), 100)
  t.equal(count('made-up'), 100)
  t.ok(records.of(view).has('1.25.5'))
  t.notOk(records.of(view).has('1.25.1'))
  fill('line', 999, { told: true })
  t.ok(records.of(view).has('1.25.5'))
  fill('beyond', 1, { told: true })
  t.notOk(records.of(view).has('1.25.5'), 'the oldest of a thousand')
})

t.test('a record that is kept again is the newest', async t => {
  const records = createDigestRecords(20_000)
  for (let n = 0; n < 100; n++) records.keep(view, `t-${n}`, recordOf())
  records.keep(view, 't-0', recordOf({ fetchedAt: 2 }))
  records.keep(view, 'more', recordOf())
  t.equal(records.of(view).get('t-0')?.fetchedAt, 2)
  t.notOk(records.of(view).has('t-1'))
})

const own = (n: number): View => ({
  key: `r.example/team/app team-${n} x`,
  repository,
  credentials: [{ username: '', password: '', origin: '' }],
})

t.test('views with secrets push out nothing that is shared', async t => {
  const records = createDigestRecords(100)
  records.keep(view, '1.0', recordOf())
  for (let n = 0; n < 200; n++) records.keep(own(n), '1.0', recordOf())
  t.equal(records.of(view).size, 1)
  t.equal(records.of(own(0)).size, 0)
  t.equal(records.of(own(199)).size, 1)
})
