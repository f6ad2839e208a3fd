import { inspect } from 'node:util'

import t from 'tap'
import type { Test } from 'tap'

import { RegistryError } from '../../../src/registry/response/registry-error.ts'
import type { RegistrySettings } from '../../../src/registry/settings/settings.ts'
import type { EgressSettings } from '../../../src/registry/transport/egress.ts'
import { dnsServer } from '../../support/network/dns-server.ts'
import {
  outcomeOf,
  requestTo,
  resolverAt,
  testRegistry,
  testServer,
  testTransport,
} from '../../support/network/egress-fixture.ts'
import { proxyServer, type ProxyOptions } from '../../support/network/proxy-server.ts'
import { selfSigned } from '../../support/registry/registry-certificate.ts'
import { trapServer } from '../../support/network/trap-server.ts'

const tls = selfSigned({ addresses: ['127.0.0.1'], names: ['r.example'] })
const check = 'check it and what names it: HTTPS_PROXY, HTTP_PROXY, NO_PROXY, or proxy under registries'

// A registry with a name that only the proxy knows, over https or plain HTTP.
async function behindProxy(t: Test, options: ProxyOptions & { readonly isPlain?: boolean } = {}) {
  const { isPlain = false, ...rest } = options
  const server = await testServer(t, isPlain ? {} : { tls })
  const [host = '', port = ''] = server.host.split(':')
  const proxy = await proxyServer(t, { leadsTo: { host, port: Number(port) }, ...rest })
  const dns = await dnsServer(t, () => 'nxdomain')
  const settings: RegistrySettings = isPlain
    ? { host: 'r.example:5000', insecure: true }
    : { host: 'r.example', ca: tls.cert }
  return { server, proxy, dns, registry: testRegistry(settings), settings }
}

type Situation = Awaited<ReturnType<typeof behindProxy>>

function askThrough(t: Test, { dns, registry }: Situation, egress: EgressSettings): Promise<string> {
  const limits = { connectTimeout: 300, headersTimeout: 300 }
  const transport = testTransport(t, { egress, resolver: resolverAt(dns), limits })
  return outcomeOf(transport, requestTo(registry, '/v2/?n=1'))
}

t.test('through a proxy, which resolves the name', async t => {
  const https = await behindProxy(t)
  t.equal(await askThrough(t, https, { proxy: { https: https.proxy.origin } }), '200')
  t.same(https.proxy.requests, ['CONNECT r.example:443'])
  t.same(
    https.server.requests.map(({ path }) => path),
    ['/v2/?n=1'],
  )
  t.equal(https.dns.questions.length, 0)

  const http = await behindProxy(t, { isPlain: true })
  t.equal(await askThrough(t, http, { proxy: { http: http.proxy.origin } }), '200')
  t.same(http.proxy.requests, ['GET http://r.example:5000/v2/?n=1'])
  t.equal(http.server.requests[0]?.headers.host, 'r.example:5000')

  for (const situation of [https, http])
    t.match(await askThrough(t, situation, {}), /its name is not in DNS/, 'without the proxy there is no way')
})

t.test('a proxy that wants a name and a password gets them, and nobody else does', async t => {
  for (const isPlain of [false, true]) {
    const situation = await behindProxy(t, { isPlain, login: 'user:p@ss/word' })
    const origin = situation.proxy.origin.replace('://', '://user:p%40ss%2Fword@')
    t.equal(await askThrough(t, situation, { proxy: { https: origin, http: origin } }), '200')
    t.equal(situation.server.requests[0]?.headers['proxy-authorization'], undefined)
    const connect = isPlain ? undefined : situation.proxy.headers[0]
    if (connect !== undefined)
      t.strictSame(Object.keys(connect).toSorted(), ['connection', 'host', 'proxy-authorization'])

    const without = situation.proxy.origin
    t.equal(
      await askThrough(t, situation, { proxy: { https: without, http: without } }),
      `unavailable: the proxy ${without}: it wants a user name and a password (407); ${check}`,
    )
    const wrong = situation.proxy.origin.replace('://', '://user:s3cret@')
    t.equal(
      await askThrough(t, situation, { proxy: { https: wrong, http: wrong } }),
      `unavailable: the proxy ${without}: it refuses its user name or password (407); ${check}`,
    )
  }
})

t.test('a proxy that does not help', async t => {
  const rows: readonly (readonly [ProxyOptions, string])[] = [
    [{ refuseWith: 403 }, 'it answered 403 in place of a connection'],
    [{ refuseWith: 502 }, 'it answered 502 in place of a connection'],
    [{ isDead: true }, 'it does not answer within 0.3 s'],
    [{ chatter: 'HTTP/1.1 200 OK\r\n\r\n' }, 'it sent more than an answer to CONNECT'],
  ]
  for (const [options, why] of rows) {
    const situation = await behindProxy(t, options)
    const { origin } = situation.proxy
    t.equal(
      await askThrough(t, situation, { proxy: { https: origin } }),
      `unavailable: the proxy ${origin}: ${why}; ${check}`,
    )
    t.equal(situation.server.requests.length, 0)
  }
  const closed = await testServer(t)
  await closed.close()
  for (const isPlain of [false, true])
    t.equal(
      await askThrough(t, await behindProxy(t, { isPlain }), {
        proxy: { https: closed.origin, http: closed.origin },
      }),
      `unavailable: the proxy ${closed.origin}: it refuses connections; ${check}`,
    )
  t.equal(
    await askThrough(t, await behindProxy(t), { proxy: { https: 'http://proxy.example:3128' } }),
    `unavailable: the proxy http://proxy.example:3128: its name is not in DNS; ${check}`,
  )
})

t.test('a proxy that is itself reached over https', async t => {
  const situation = await behindProxy(t, { tls, login: 'u:p' })
  const origin = situation.proxy.origin.replace('://', '://u:p@')
  t.equal(await askThrough(t, situation, { proxy: { https: origin, ca: tls.cert } }), '200')
  t.equal(
    await askThrough(t, situation, { proxy: { https: origin } }),
    `unavailable: the proxy ${situation.proxy.origin}: its certificate is self-signed; ${check}`,
  )
})

t.test('TLS is with the registry, whatever the proxy is', async t => {
  const situation = await behindProxy(t)
  const stranger = { ...situation, registry: testRegistry({ host: 'r.example' }) }
  t.match(
    await askThrough(t, stranger, { proxy: { https: situation.proxy.origin } }),
    /^unavailable: its certificate is self-signed/,
  )
  const other = { ...situation, registry: testRegistry({ host: 'other.example', ca: tls.cert }) }
  t.match(
    await askThrough(t, other, { proxy: { https: situation.proxy.origin } }),
    /^unavailable: its certificate is for another name/,
  )
})

t.test('no proxy reaches an address for us that we would not', async t => {
  const trap = await trapServer(t)
  const proxy = await proxyServer(t, { leadsTo: { host: '127.0.0.1', port: trap.port } })
  const transport = testTransport(t, { egress: { proxy: { https: proxy.origin, http: proxy.origin } } })
  for (const host of ['169.254.169.254', '127.0.0.1', '[::ffff:10.0.0.1]', '[64:ff9b::1]', '0x7f.1'])
    for (const scheme of ['https', 'http']) {
      const registry = { ...testRegistry({ host: 'r.example', addresses: 'public' }), insecure: true }
      const url = new URL(`${scheme}://${host}/v2/`)
      t.match(await outcomeOf(transport, requestTo(registry, '/', { url })), /^not-allowed: /, url.href)
    }
  t.same(proxy.requests, [])
  t.equal(trap.connections(), 0)
})

t.test('a registry’s own proxy, and what goes without', async t => {
  const situation = await behindProxy(t)
  const own = {
    ...situation,
    registry: testRegistry({ ...situation.settings, proxy: situation.proxy.origin }),
  }
  const dead = { https: 'http://127.0.0.1:1', except: 'r.example' }
  t.equal(await askThrough(t, own, { proxy: dead }), '200')
  t.match(await askThrough(t, situation, { proxy: dead }), /its name is not in DNS/)
  const bad = { ...situation, registry: { ...situation.registry, proxy: 'socks5://u:s3cret@p.example' } }
  t.equal(
    await askThrough(t, bad, {}),
    'not-allowed: its proxy must be an address like http://proxy.example.com:3128; check proxy under registries',
  )
})

function withSecret(origin: string): string {
  return origin.replace('://', '://user:hunter2-s3cret@')
}

t.test('no credentials of a proxy in any error', async t => {
  const refusing = await behindProxy(t, { login: 'a:b' })
  for (const origin of [refusing.proxy.origin, 'http://127.0.0.1:1', 'http://proxy.example:3128']) {
    const egress = { proxy: { https: withSecret(origin) } }
    const transport = testTransport(t, { egress, resolver: resolverAt(refusing.dns) })
    try {
      await transport.send(requestTo(refusing.registry), new AbortController().signal)
      t.fail('it was answered')
    } catch (error) {
      t.ok(error instanceof RegistryError)
      t.notMatch(inspect(error, { depth: 10 }), /s3cret|aHVudGVy|dXNlcj/)
    }
  }
  for (const bad of ['socks5://user:hunter2-s3cret@p', 'http://user:hunter2-s3cret%@p', '://hunter2-s3cret'])
    t.throws(() => testTransport(t, { egress: { proxy: { https: bad } } }), {
      code: 'invalid-egress-settings',
      message: 'egress: HTTPS_PROXY must be an address like http://proxy.example.com:3128',
    })
})
