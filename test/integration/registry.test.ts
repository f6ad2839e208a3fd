import t, { type Test } from 'tap'

import { createRegistryClient } from '../../src/registry/index.ts'
import { never, portError, listed } from '../support/registry-fixture.ts'
import { pushTags, startDistribution } from '../support/registry-process.ts'

const tags = Array.from({ length: 23 }, (_, at) => `1.25.${at}`)

t.test('distribution v3, which pages', async t => {
  const distribution = await startDistribution({ version: 'v3', maxTags: 5 })
  t.teardown(() => distribution.close())
  await pushTags(distribution.origin, 'team/app', tags)

  const page = await fetch(`${distribution.origin}/v2/team/app/tags/list?n=1000`)
  t.match(page.headers.get('link'), /last=/, 'it gives one page of several')
  t.equal((await page.text()).match(/1\.25\./g)?.length, 5)
  await walk(t, distribution.origin, ['team/app', 'team/none'])
})

t.test('docker-registry of Debian, v2, which does not', async t => {
  const distribution = await startDistribution({ version: 'v2' })
  t.teardown(() => distribution.close())
  await pushTags(distribution.origin, 'team/app', tags)
  await walk(t, distribution.origin, ['team/app', 'team/none'])
})

async function walk(t: Test, origin: string, [present, absent]: readonly [string, string]): Promise<void> {
  const host = new URL(origin).host
  const client = createRegistryClient({
    registries: [{ host, insecure: true }],
    userAgent: 'patchline/test',
    now: Date.now,
  })
  t.teardown(() => client.close())
  const found = await listed(client.listTags({ registry: host, repository: present }, never))
  t.same(found.toSorted(), tags.toSorted(), 'every tag of every page')
  const error = await portError(client.listTags({ registry: host, repository: absent }, never))
  t.equal(error.message, `${host}/team/none: the registry has no such repository; check its name`)
  t.equal(error.code, 'not-found')
}
