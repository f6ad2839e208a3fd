import t from 'tap'
import { applyServingSecret, loadKubeConfig } from '../../../src/kubernetes/index.ts'
import { answer, refuse, startApiServer } from '../../support/kubernetes/fake-api-server.ts'

const pair = { certificate: 'CERT', key: 'PLANTED KEY', authority: 'CA', paths: 'PLANTED PATH\n' }
const base64 = (text: string) => Buffer.from(text).toString('base64')

t.test('the Secret is created or updated by one server-side apply', async t => {
  const server = await startApiServer(answer(201, {}))
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  await applyServingSecret({ kubeConfig, namespace: 'patchline-system', name: 'patchline-tls', ...pair })
  const [received] = server.received
  t.equal(server.received.length, 1)
  t.equal(received?.method, 'PATCH')
  t.equal(
    `${received?.url.pathname}${received?.url.search}`,
    '/api/v1/namespaces/patchline-system/secrets/patchline-tls?fieldManager=patchline&force=true',
  )
  t.equal(received?.contentType, 'application/apply-patch+yaml')
  t.strictSame(JSON.parse(received?.body ?? ''), {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'patchline-tls',
      namespace: 'patchline-system',
      labels: { 'app.kubernetes.io/name': 'patchline' },
    },
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': base64('CERT'),
      'tls.key': base64('PLANTED KEY'),
      'ca.crt': base64('CA'),
      path: base64('PLANTED PATH\n'),
    },
  })
})

t.test('a refusal says what to do, and never what was sent', async t => {
  const server = await startApiServer(refuse(404, 'namespaces "x" not found'))
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  const { signal } = new AbortController()
  const applying = applyServingSecret({ kubeConfig, namespace: 'x', name: 'y', ...pair, signal })
  const error: unknown = await applying.catch((thrown: unknown) => thrown)
  t.match(error, {
    code: 'not-found',
    message:
      'apply secret x/y: 404 namespaces "x" not found; apply the manifests first: kubectl apply -k manifests',
  })
  t.notMatch(String(error), /PLANTED|planted/)
})
