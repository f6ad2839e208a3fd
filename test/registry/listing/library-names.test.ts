import t from 'tap'

import { digestOf, imageManifest } from '../../support/registry/memory-replies.ts'
import {
  listed,
  memoryRegistry,
  never,
  portError,
  registryClient,
} from '../../support/registry/registry-fixture.ts'

const repositories = { 'library/mysql': ['8.0.33', '8.0.36'], 'hub/library/mysql': ['8.0.36'] }

t.test('a proxy of Docker Hub that knows official images as library/ alone', async t => {
  const registry = await memoryRegistry(t, { repositories })
  const { host } = registry
  const client = registryClient(t, [
    { host, insecure: true },
    { host, insecure: true, prefix: 'hub' },
  ])
  const digest = digestOf(imageManifest('library/mysql', '8.0.36'))
  const plain = { registry: host, repository: 'mysql' }
  t.same(await listed(client.listTags(plain, never)), ['8.0.33', '8.0.36'])
  t.match(await client.digestOf({ ...plain, tag: '8.0.36' }, never), { digest })
  t.equal(await client.digestOf({ ...plain, tag: '8.0.37' }, never), undefined)
  const below = { registry: host, repository: 'hub/mysql' }
  t.same(await listed(client.listTags(below, never)), ['8.0.36'], 'below the prefix of an entry')
  t.match(await client.digestOf({ ...below, tag: '8.0.36' }, never), {})

  const asked = registry.requests.length
  const absent = await portError(client.listTags({ registry: host, repository: 'team/mysql' }, never))
  t.equal(absent.code, 'not-found')
  t.equal(registry.requests.length, asked + 1, 'no official image has a path')
})

t.test('its own name counts where neither is there', async t => {
  const registry = await memoryRegistry(t)
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  const plain = { registry: registry.host, repository: 'mysql' }
  for (const status of [404, 401, 400]) {
    registry.misbehave(({ path }) => (path.includes('/library/') ? { status } : undefined))
    const { message, code } = await portError(client.listTags(plain, never))
    t.equal(code, 'not-found')
    t.equal(message, `${registry.host}/mysql: the registry has no such repository; check its name`)
    t.equal(await client.digestOf({ ...plain, tag: '1' }, never), undefined)
  }
})

t.test('a registry that cannot be a proxy of Docker Hub is not asked', async t => {
  const registry = await memoryRegistry(t, { repositories })
  for (const kind of ['ghcr', 'quay', 'gitlab'] as const) {
    const client = registryClient(t, [{ host: registry.host, insecure: true, kind }])
    const error = await portError(client.listTags({ registry: registry.host, repository: 'mysql' }, never))
    t.equal(error.code, 'not-found')
  }
  t.notOk(registry.requests.some(({ path }) => path.includes('library')))
})
