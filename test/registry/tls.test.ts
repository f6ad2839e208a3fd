import { createServer } from 'node:net'

import t from 'tap'

import type { RegistrySettings } from '../../src/registry/index.ts'
import { selfSigned } from '../support/registry-certificate.ts'
import { memoryRegistry, never, portError, registryClient, listed } from '../support/registry-fixture.ts'

const good = selfSigned()
const otherName = selfSigned({ addresses: ['127.0.0.2'] })
const expired = selfSigned({ from: -3, to: -1 })
const future = selfSigned({ from: 1, to: 2 })
const authority = 'give the authority that signed it as ca under registries, if you trust it'

t.test('a certificate that cannot be believed is told as what it is', async t => {
  const rows = [
    ['self-signed', good, {}, `its certificate is self-signed; ${authority}`],
    ['of another authority', good, { ca: otherName.cert }, `its certificate is self-signed; ${authority}`],
    [
      'for another name',
      otherName,
      { ca: otherName.cert },
      'its certificate is for another name; check the host or the certificate',
    ],
    ['expired', expired, { ca: expired.cert }, 'its certificate has expired; renew it, and check the clocks'],
    ['not yet', future, { ca: future.cert }, 'its certificate is not valid yet; check the clocks'],
  ] as const
  for (const [name, tls, settings, message] of rows) {
    const registry = await memoryRegistry(t, { repositories: { a: ['1'] }, tls })
    const client = registryClient(t, [{ host: registry.host, ...settings }])
    const error = await portError(client.listTags({ registry: registry.host, repository: 'a' }, never))
    t.equal(error.message, `${registry.host}/a: ${message}`, name)
    t.equal(error.code, 'unavailable')
    t.equal(registry.requests.length, 0)
  }
})

t.test('an authority of one’s own', async t => {
  const registry = await memoryRegistry(t, { repositories: { a: ['1'] }, tls: good })
  const client = registryClient(t, [{ host: registry.host, ca: good.cert }])
  t.same(await listed(client.listTags({ registry: registry.host, repository: 'a' }, never)), ['1'])
})

t.test('plain HTTP only where it is said', async t => {
  const plain = await memoryRegistry(t, { repositories: { a: ['1'] } })
  const client = registryClient(t, [{ host: plain.host }])
  const error = await portError(client.listTags({ registry: plain.host, repository: 'a' }, never))
  t.equal(
    error.message,
    `${plain.host}/a: no TLS connection could be made; if it speaks plain HTTP, say insecure: true under registries`,
  )
  t.equal(error.code, 'unavailable')

  const secure = await memoryRegistry(t, { repositories: { a: ['1'] }, tls: good })
  const insecure = registryClient(t, [{ host: secure.host, insecure: true }])
  t.match(await portError(insecure.listTags({ registry: secure.host, repository: 'a' }, never)), {
    code: 'unavailable',
  })
})

t.test('nobody there', async t => {
  const registry = await memoryRegistry(t)
  await registry.close()
  const rows: readonly (readonly [RegistrySettings, string])[] = [
    [
      { host: registry.host, insecure: true },
      'it refuses connections; check the host and that this process may reach it',
    ],
    [{ host: registry.host }, 'it refuses connections; check the host and that this process may reach it'],
  ]
  for (const [settings, message] of rows) {
    const client = registryClient(t, [settings])
    const error = await portError(client.listTags({ registry: registry.host, repository: 'a' }, never))
    t.equal(error.message, `${registry.host}/a: ${message}`)
    t.equal(error.code, 'unavailable')
  }
})

t.test('a TLS handshake that is never answered', async t => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const address = server.address()
  const host = `127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`
  const client = registryClient(t, [{ host }], { limits: { connectTimeout: 50 } })
  const error = await portError(client.listTags({ registry: host, repository: 'a' }, never))
  const next = 'check the host and that this process may reach it'
  t.equal(error.message, `${host}/a: it does not accept a connection in time; ${next}`)
  t.equal(error.code, 'unavailable')
})
