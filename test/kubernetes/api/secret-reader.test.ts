import t, { type Test } from 'tap'
import { createSecretReader, loadKubeConfig } from '../../../src/kubernetes/index.ts'
import { answer, refuse, silent, startApiServer } from '../../support/kubernetes/fake-api-server.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const secretOf = (type: string, data: unknown) =>
  answer(200, { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'x' }, type, data })

async function started(t: Test, answerLimit?: number) {
  const server = await startApiServer(silent)
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  const reader = createSecretReader({ kubeConfig, ...(answerLimit !== undefined && { answerLimit }) })
  t.teardown(() => reader.close())
  return { server, reader }
}

t.test('a secret by its name, and of it only what is for registries', async t => {
  const { server, reader } = await started(t)
  const config = base64('{"auths":{}}')
  const rows = [
    [
      'kubernetes.io/dockerconfigjson',
      { '.dockerconfigjson': config, other: base64('private') },
      { '.dockerconfigjson': '{"auths":{}}' },
    ],
    [
      'kubernetes.io/dockercfg',
      { '.dockercfg': config, '.dockerconfigjson': config },
      { '.dockercfg': '{"auths":{}}' },
    ],
    ['Opaque', { '.dockerconfigjson': config }, {}],
    ['kubernetes.io/dockerconfigjson', undefined, {}],
    ['kubernetes.io/dockerconfigjson', { '.dockerconfigjson': 7 }, {}],
    ['__proto__', { '.dockerconfigjson': config }, {}],
  ] as const
  for (const [type, data, expected] of rows) {
    server.next(secretOf(type, data))
    t.same(await reader.pullSecret('team-a', 'regcred.v1'), { kind: 'found', type, data: expected })
  }
  t.same(
    server.received.map(({ method, url }) => `${method} ${url.pathname}${url.search}`),
    rows.map(() => 'GET /api/v1/namespaces/team-a/secrets/regcred.v1'),
  )
  t.equal(server.opened(), 1, 'over one connection')
})

t.test("a service account's pull secrets", async t => {
  const { server, reader } = await started(t)
  const rows = [
    [
      [{ name: 'a' }, { name: 'b' }],
      ['a', 'b'],
    ],
    [undefined, []],
    [[{}, null, 'c', { name: 7 }, { name: 'd' }], ['d']],
    [{ name: 'a' }, []],
  ] as const
  for (const [imagePullSecrets, pullSecrets] of rows) {
    server.next(answer(200, { kind: 'ServiceAccount', metadata: { name: 'default' }, imagePullSecrets }))
    t.same(await reader.serviceAccount('team-a', 'default'), { kind: 'found', pullSecrets })
  }
  t.equal(server.received[0]?.url.pathname, '/api/v1/namespaces/team-a/serviceaccounts/default')
})

t.test('what goes wrong is an answer', async t => {
  const { server, reader } = await started(t)
  const rows = [
    [refuse(404, 'secrets "x" not found'), 'not-found', '404 secrets "x" not found'],
    [refuse(403, 'secrets "x" is forbidden'), 'forbidden', '403 secrets "x" is forbidden'],
    [refuse(401, 'Unauthorized'), 'unavailable', '401 Unauthorized'],
    [refuse(429, 'too many'), 'unavailable', '429 too many'],
    [refuse(500, 'etcd'), 'unavailable', '500 etcd'],
    [answer(200, '<html>'), 'unavailable', 'the answer is not JSON'],
    [answer(200, { kind: 'SecretList', items: [] }), 'unavailable', 'the answer is no Secret'],
    [answer(200, { kind: 'Secret' }), 'unavailable', 'the answer is no Secret'],
    [answer(200, null), 'unavailable', 'the answer is no Secret'],
  ] as const
  for (const [handler, kind, why] of rows) {
    server.next(handler)
    t.same(await reader.pullSecret('team-a', 'x'), { kind, why })
  }
  server.next(answer(200, { kind: 'Secret' }))
  t.same(await reader.serviceAccount('team-a', 'x'), {
    kind: 'unavailable',
    why: 'the answer is no ServiceAccount',
  })
  const { reader: hasty } = await started(t, 200)
  const late = { kind: 'unavailable', why: 'The operation was aborted due to timeout' }
  t.same(await hasty.pullSecret('team-a', 'x'), late)
})

t.test('a name that nothing can have leads nowhere', async t => {
  const { server, reader } = await started(t)
  const names = [
    '',
    '.',
    '..',
    '../b/secrets/x',
    'a/b',
    'x?watch=true',
    'x%2f',
    'X',
    '-x',
    'x.',
    'a'.repeat(254),
  ]
  for (const name of names) {
    const nothing = { kind: 'not-found', why: 'nothing can have this name' }
    t.same(await reader.pullSecret('team-a', name), nothing)
    t.same(await reader.serviceAccount('team-a', name), nothing)
    t.same(await reader.pullSecret(name, 'x'), nothing)
  }
  t.equal(server.received.length, 0)
})

t.test('closing ends what is under way', async t => {
  const { server, reader } = await started(t)
  const reading = reader.pullSecret('team-a', 'x')
  while (server.received.length === 0) await new Promise(resolve => setImmediate(resolve))
  reader.close()
  t.same(await reading, { kind: 'unavailable', why: 'closed' })
})
