// One candidate as a process of its own: it writes to an object of its own for as long as it may, as fast as it can, and says
// on stdout what happens to it. Arguments: kubeconfig, identity.
import { setTimeout as sleep } from 'node:timers/promises'
import { callApi } from '../../src/kubernetes/api/api-request.ts'
import { createLeader, KubernetesError, loadKubeConfig } from '../../src/kubernetes/index.ts'

const [, , path = '', identity = ''] = process.argv
const kubeConfig = await loadKubeConfig({ path })
const say = (what: string): void => void process.stdout.write(`${Date.now()} ${what}\n`)

const leader = createLeader({
  kubeConfig,
  namespace: 'default',
  name: 'patchline-test',
  identity,
  onElected: async signal => {
    say('elected')
    await Promise.all(Array.from({ length: 4 }, () => writeUntil(signal)))
  },
  onLost: () => say('lost'),
  onProblem: problem => say(`problem ${String(problem)}`),
})
leader.start()
say('started')
process.once('SIGTERM', () => {
  void leader.close().then(() => say('closed'))
})

async function writeUntil(signal: AbortSignal): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: identity, namespace: 'default' } }
  while (!signal.aborted) {
    try {
      await callApi(
        kubeConfig,
        {
          what: 'write',
          path: `/api/v1/namespaces/default/configmaps/${identity}`,
          query: { fieldManager: identity, force: 'true' },
          patch: {
            contentType: 'application/apply-patch+yaml',
            body: { ...body, data: { at: String(Date.now()) } },
          },
          mayWrite: () => leader.mayWrite(),
        },
        signal,
      )
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error
      if (error.code === 'superseded') say('superseded')
    }
    await sleep(5)
  }
}
