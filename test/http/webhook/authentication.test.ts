import t from 'tap'
import { createAuthority, issueCertificate } from '../../cluster/certificates.ts'
import { startWebhook, type Asking } from './webhook-fixture.ts'

const [current, spare, other] = ['a', 'b', 'c'].map(letter => letter.repeat(64))
if (current === undefined || spare === undefined || other === undefined) throw new Error('no paths')

const authority = createAuthority('front-proxy-ca')
const stranger = createAuthority('somebody')
const client = (
  from: ReturnType<typeof createAuthority>,
  commonName: string,
  hosts: readonly string[] = [],
): NonNullable<Asking['client']> => {
  const { certificate, privateKey } = issueCertificate(from, { commonName, hosts })
  return { cert: certificate, key: privateKey }
}

t.test('with secret paths nothing else is there', async t => {
  const { ask, recorded, logged } = await startWebhook(t, { known: { paths: [current, spare] } })
  for (const path of [current, spare]) {
    t.equal((await ask({ path: `/validate/${path}?timeout=3s` })).status, 200)
    t.equal((await ask({ path: `/mutate/${path}` })).status, 200)
  }
  t.match((await ask({ path: `/validate/${current}?timeout=1s` })).text, /budget \d+/, 'the deadline is read')
  const before = recorded.length
  const unknown = await ask({ path: '/nowhere' })
  t.strictSame([unknown.status, unknown.text], [404, 'not found\n'])
  for (const path of [
    '/validate',
    '/mutate?timeout=3s',
    '/%76alidate',
    'https://127.0.0.1/validate',
    '//validate',
    '/validate/',
    `/validate/${other}`,
    `/validate/${current}/`,
    `/validate/${current.slice(1)}`,
    `/validate/${current.toUpperCase()}`,
    `/validate//${current}`,
    `/validate?${current}`,
    `/other/${current}`,
    `/${current}`,
  ])
    for (const method of ['POST', 'GET']) {
      const { status, text, headers } = await ask({ path, method })
      t.strictSame([status, text, headers.allow], [404, 'not found\n', undefined], `${method} ${path}`)
    }
  t.equal(recorded.length, before, 'and nothing of it is counted')
  t.equal((await ask({ path: `/validate/${current}`, body: '{}' })).status, 400)
  t.equal((await ask({ path: `/validate/${current}`, method: 'GET' })).headers.allow, 'POST')
  t.notMatch(JSON.stringify([recorded, logged]), new RegExp(`${current}|${spare}`))
})

t.test('paths are replaced while it runs', async t => {
  const { ask, server } = await startWebhook(t, { known: { paths: [current] } })
  server.replacePaths([spare, other])
  const status = async (path: string) => (await ask({ path: `/validate/${path}` })).status
  t.strictSame([await status(current), await status(spare), await status(other)], [404, 200, 200])
})

t.test('without secret paths any of them leads there: certs --patch may have written one', async t => {
  const { ask } = await startWebhook(t)
  const status = async (path: string) => (await ask({ path })).status
  t.equal(await status('/validate'), 200)
  t.equal(await status(`/mutate/${current}?timeout=3s`), 200)
  t.equal(await status(`/mutate/${current}/more`), 404)
  t.equal(await status(`/nowhere/${current}`), 404)
})

t.test('with authorities only their clients get through the handshake', async t => {
  const { ask, server, recorded } = await startWebhook(t, {
    known: { client: { authorities: authority.certificate, names: [] } },
  })
  const known = client(authority, 'front-proxy-client')
  t.equal((await ask({ client: known })).status, 200)
  await t.rejects(ask(), 'no certificate')
  await t.rejects(ask({ client: client(stranger, 'front-proxy-client') }), 'that of another authority')
  server.replaceAuthorities(stranger.certificate)
  await t.rejects(ask({ client: known }), 'the authority before')
  t.equal((await ask({ client: client(stranger, 'front-proxy-client') })).status, 200)
  t.equal(recorded.length, 2)
})

t.test('with names the others of the authority are told why not', async t => {
  const { ask, recorded } = await startWebhook(t, {
    known: {
      client: { authorities: authority.certificate, names: ['front-proxy-client', 'api.example.com'] },
    },
  })
  const rows = [
    ['front-proxy-client', [], 200],
    ['system:admin', ['api.example.com'], 200],
    ['system:admin', ['*.example.com'], 403],
    ['kubelet', [], 403],
    ['front-proxy-client.example.com', [], 403],
  ] as const
  for (const [commonName, hosts, status] of rows) {
    const answer = await ask({ client: client(authority, commonName, hosts) })
    t.equal(answer.status, status, `${commonName} ${hosts.join()}`)
    if (status === 403)
      t.equal(answer.text, 'the client certificate has none of the names of webhook.clientNames\n')
  }
  t.equal(recorded.length, 2)
})
