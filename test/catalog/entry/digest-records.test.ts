import t from 'tap'
import { createDigestRecords } from '../../../src/catalog/entry/digest-records.ts'
import type { DigestRecord } from '../../../src/catalog/entry/digest-records.ts'
import type { CacheScope } from '../../../src/catalog/entry/credential-scope.ts'

const repository = { registry: 'r.example', repository: 'team/app' }
const scope: CacheScope = { key: 'r.example/team/app', repository, credentials: [] }
const recordOf = (more: Partial<DigestRecord> = {}): DigestRecord => ({
  digest: { digest: 'sha256:a', platforms: undefined },
  fetchedAt: 1,
  since: 1,
  movedAt: undefined,
  told: false,
  ...more,
})

t.test('records of one sort push out none of another', async t => {
  const records = createDigestRecords(20_000)
  const fill = (name: string, count: number, more: Partial<DigestRecord> = {}) => {
    for (let n = 0; n < count; n++) records.keep(scope, `${name}-${n}`, recordOf(more))
  }
  const count = (name: string): number =>
    [...records.of(scope).keys()].filter(tag => tag.startsWith(name)).length
  records.keep(scope, '1.25.5', recordOf({ told: true }))
  records.keep(scope, '1.25.1', recordOf())
  fill('made-up', 500, { digest: undefined })
  t.equal(count('made-up'), 100)
  t.ok(records.of(scope).has('1.25.1'))
  fill('another', 500)
  t.equal(count('another'), 100)
  t.equal(count('made-up'), 100)
  t.ok(records.of(scope).has('1.25.5'))
  t.notOk(records.of(scope).has('1.25.1'))
  fill('line', 999, { told: true })
  t.ok(records.of(scope).has('1.25.5'))
  fill('beyond', 1, { told: true })
  t.notOk(records.of(scope).has('1.25.5'), 'the oldest of a thousand')
})

t.test('a record that is kept again is the newest', async t => {
  const records = createDigestRecords(20_000)
  for (let n = 0; n < 100; n++) records.keep(scope, `t-${n}`, recordOf())
  records.keep(scope, 't-0', recordOf({ fetchedAt: 2 }))
  records.keep(scope, 'more', recordOf())
  t.equal(records.of(scope).get('t-0')?.fetchedAt, 2)
  t.notOk(records.of(scope).has('t-1'))
})

const own = (n: number): CacheScope => ({
  key: `r.example/team/app team-${n} x`,
  repository,
  credentials: [{ username: '', password: '', origin: '' }],
})

t.test('scopes with secrets push out nothing that is shared', async t => {
  const records = createDigestRecords(100)
  records.keep(scope, '1.0', recordOf())
  for (let n = 0; n < 200; n++) records.keep(own(n), '1.0', recordOf())
  t.equal(records.of(scope).size, 1)
  t.equal(records.of(own(0)).size, 0)
  t.equal(records.of(own(199)).size, 1)
})
