import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import t from 'tap'
import { createCertificates } from '../../../src/certificates/index.ts'
import { callApi } from '../../../src/kubernetes/api/api-request.ts'
import { createNamespaceLabels, loadKubeConfig } from '../../../src/kubernetes/index.ts'
import { answer, refuse, startApiServer } from '../../support/kubernetes/fake-api-server.ts'

const namespace = answer(200, { metadata: { name: 'a', labels: {}, resourceVersion: '1' } })
const onProblem = () => {}

t.test('a service account token is read again for each request', async t => {
  const server = await startApiServer(namespace)
  t.teardown(() => server.close())
  const folder = t.testdir({ token: 'first\n' })
  const user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile: join(folder, 'token') } } }
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(folder, { user }) })
  const labels = createNamespaceLabels({ kubeConfig, onProblem })
  await labels.labelsOf('a')
  writeFileSync(join(folder, 'token'), 'second\n')
  await labels.labelsOf('b')
  t.strictSame(
    server.received.map(({ authorization }) => authorization),
    ['Bearer first', 'Bearer second'],
  )
})

t.test(
  'a token file of a kubeconfig is read from its folder, for each request, and goes before a token',
  async t => {
    const server = await startApiServer(namespace)
    t.teardown(() => server.close())
    const folder = t.testdir({ token: 'first\n' })
    const path = server.kubeconfig(folder, { user: { tokenFile: 'token', token: 'other' } })
    for (const options of [{ path }, { searchPath: `${path}:/nope` }]) {
      const kubeConfig = await loadKubeConfig(options)
      await createNamespaceLabels({ kubeConfig, onProblem }).labelsOf('a')
    }
    writeFileSync(join(folder, 'token'), 'second\n')
    await createNamespaceLabels({ kubeConfig: await loadKubeConfig({ path }), onProblem }).labelsOf('a')
    t.strictSame(
      server.received.map(({ authorization }) => authorization),
      ['Bearer first', 'Bearer first', 'Bearer second'],
    )
  },
)

t.test('credentials that cannot be had are an error in words', async t => {
  const server = await startApiServer(namespace)
  t.teardown(() => server.close())
  const folder = t.testdir()
  for (const user of [
    { 'auth-provider': { name: 'tokenFile', config: { tokenFile: join(folder, 'none') } } },
    { tokenFile: join(folder, 'none') },
    { tokenFile: 'none', token: 'a' },
    { 'client-certificate': 'none', 'client-key': 'none' },
    { 'client-certificate': join(folder, 'none'), 'client-key-data': 'a2V5' },
  ]) {
    const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(folder, { user }) })
    const labels = createNamespaceLabels({ kubeConfig, onProblem })
    await t.rejects(
      async () => labels.labelsOf('a'),
      {
        code: 'unauthorized',
        message: `get namespace a: no credentials: ${join(folder, 'none')}, which user "test" of the kubeconfig names, cannot be used: ENOENT; mend the path in the kubeconfig, or install the credential plug-in that it names`,
      },
      JSON.stringify(user),
    )
  }
  t.equal(server.received.length, 0)
})

t.test('an authority that is not known', async t => {
  const server = await startApiServer(namespace)
  t.teardown(() => server.close())
  const { ca } = await createCertificates({ hosts: ['localhost'], now: Date.now() })
  const path = server.kubeconfig(t.testdir(), { authority: ca.certificate })
  const labels = createNamespaceLabels({ kubeConfig: await loadKubeConfig({ path }), onProblem })
  await t.rejects(async () => labels.labelsOf('a'), {
    code: 'unavailable',
    message:
      'get namespace a: the certificate of the API server is signed by an unknown authority; give certificate-authority in the kubeconfig',
  })
})

t.test('what a credential plug-in answered is not quoted', async t => {
  const server = await startApiServer(namespace)
  t.teardown(() => server.close())
  const rows = [
    [{ command: 'echo', args: ['SUPERSECRETTOKEN'] }, 'the credential plug-in did not answer JSON'],
    [
      { command: `/${'SUPERSECRETTOKEN'.repeat(10)}` },
      'a file or a program that user "test" of the kubeconfig names cannot be used: ENOENT',
    ],
    [
      { command: 'patchline-test-no-such-plugin' },
      'patchline-test-no-such-plugin, which user "test" of the kubeconfig names, cannot be used: ENOENT',
    ],
  ] as const
  for (const [plugin, why] of rows) {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', ...plugin }
    const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir(), { user: { exec } }) })
    const labels = createNamespaceLabels({ kubeConfig, onProblem })
    const error: unknown = await Promise.resolve(labels.labelsOf('a')).catch((thrown: unknown) => thrown)
    t.match(error, { code: 'unauthorized', why: `no credentials: ${why}` })
    t.notMatch(inspect(error, { depth: 10 }), /SUPERSECRET/)
  }
})

t.test('a credential plug-in that hangs does not hold the request', async t => {
  const server = await startApiServer(namespace)
  t.teardown(() => server.close())
  const user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['2'] } }
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir(), { user }) })
  const labels = createNamespaceLabels({ kubeConfig, onProblem, timing: { lookupLimit: 50 } })
  await t.rejects(async () => labels.labelsOf('a'), { code: 'timeout' })
})

t.test('a server with another authority is not trusted', async t => {
  const server = await startApiServer(namespace)
  t.teardown(() => server.close())
  const other = await createCertificates({ hosts: ['127.0.0.1'], now: Date.now() })
  const path = server.kubeconfig(t.testdir(), { authority: other.ca.certificate })
  const labels = createNamespaceLabels({ kubeConfig: await loadKubeConfig({ path }), onProblem })
  await t.rejects(async () => labels.labelsOf('a'), { code: 'unavailable' })
  t.equal(server.received.length, 0)
})

t.test("the path in a server's address is kept", async t => {
  const server = await startApiServer(namespace)
  t.teardown(() => server.close())
  const path = server.kubeconfig(t.testdir(), { server: `${server.url}/k8s/clusters/c-1` })
  const labels = createNamespaceLabels({ kubeConfig: await loadKubeConfig({ path }), onProblem })
  await labels.labelsOf('a')
  t.equal(server.received[0]?.url.pathname, '/k8s/clusters/c-1/api/v1/namespaces/a')
})

t.test('what a namespace that is being deleted refuses is no missing right', async t => {
  const message =
    'pods "x" is forbidden: unable to create new content in namespace shop because it is being terminated'
  const server = await startApiServer(refuse(403, message))
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  const create = () =>
    callApi(
      kubeConfig,
      { what: 'create x', path: '/', write: { method: 'POST', body: {} } },
      new AbortController().signal,
    )
  await t.rejects(create(), {
    code: 'not-found',
    message: `create x: 403 ${message}; nothing to do: it goes with its namespace`,
  })
  server.next(refuse(403, `${message}: exceeded quota`))
  await t.rejects(create(), { code: 'forbidden' })
})

t.test('a redirect is not followed', async t => {
  const server = await startApiServer((_, response) => {
    response.writeHead(302, { location: 'https://127.0.0.1:1/' })
    response.end()
  })
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  const labels = createNamespaceLabels({ kubeConfig, onProblem })
  await t.rejects(async () => labels.labelsOf('a'), { code: 'invalid-answer' })
})

t.test('whether it may write is asked when the connection stands', async t => {
  const server = await startApiServer(answer(200, {}))
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  const connections: Promise<number>[] = []
  const ask = (mayWrite: boolean) =>
    callApi(
      kubeConfig,
      {
        what: 'write',
        path: '/',
        write: { method: 'POST', body: { a: 1 } },
        mayWrite() {
          connections.push(server.connections())
          return mayWrite
        },
      },
      new AbortController().signal,
    )
  await t.rejects(ask(false), {
    code: 'superseded',
    message: 'write: not the leader any more; nothing to do: the new leader goes on with it',
  })
  t.strictSame(await Promise.all(connections), [1])
  t.equal(server.received.length, 0)
  await ask(true)
  t.match(server.received, [{ method: 'POST', contentType: 'application/json', body: '{"a":1}' }])
})
