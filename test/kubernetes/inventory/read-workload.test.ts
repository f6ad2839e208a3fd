import t from 'tap'
import { loadKubeConfig, readWorkload } from '../../../src/kubernetes/index.ts'
import { customKinds, workloadKindNamed, type WorkloadKind } from '../../../src/workload/index.ts'
import { answer, refuse, silent, startApiServer } from '../../support/kubernetes/fake-api-server.ts'

const [rollout] = customKinds([{ group: 'argoproj.io', kind: 'Rollout', podTemplate: 'spec.template' }])
const deployment = workloadKindNamed('apps/v1', 'Deployment')
if (rollout === undefined || deployment === undefined) throw new Error('no kinds')

t.test('a workload is read in the version that the server prefers', async t => {
  const server = await startApiServer(silent)
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  const read = (kind: WorkloadKind) => readWorkload(kubeConfig, { kind, namespace: 'shop', name: 'web' })
  const object = { kind: 'any' }

  server.next(answer(200, object))
  t.strictSame(await read(deployment), object)
  server.next(answer(200, { kind: 'APIGroup', preferredVersion: { version: 'v1alpha1' } }))
  server.next(answer(200, object))
  t.strictSame(await read(rollout), object)
  t.strictSame(
    server.received.map(({ url }) => url.pathname),
    [
      '/apis/apps/v1/namespaces/shop/deployments/web',
      '/apis/argoproj.io',
      '/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web',
    ],
  )

  server.next(refuse(404, 'the server could not find the requested resource'))
  await t.rejects(read(rollout), { code: 'not-found', message: /^get the versions of argoproj\.io: / })
  for (const version of [undefined, 7, '../../secrets', 'v1?x']) {
    server.next(answer(200, { preferredVersion: { version } }))
    await t.rejects(read(rollout), {
      code: 'invalid-answer',
      message: 'get the versions of argoproj.io: the answer names no version',
    })
  }
})
