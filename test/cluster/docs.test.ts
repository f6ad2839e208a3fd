import { cpSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { root } from '../docs/commands.ts'
import { pagesBy, runPage, surroundings, writeFilesOf } from '../docs/shell.ts'
import { messagesOf } from '../docs/troubleshooting.ts'
import { toolPath } from '../support/program/tool-path.ts'
import { applyRights } from './audit-rights.ts'
import { certsPatch } from './certs-patch.ts'
import { startControlPlane, type ControlPlane } from './control-plane.ts'
import { kubectl } from './kubectl.ts'
import { startStage, type Stage } from './stage.ts'
import { must } from './tools.ts'

// The commands of the pages that need a cluster: see test/docs/registered.ts.

const path = [dirname(toolPath('kubectl')), dirname(toolPath('helm'))]
const environmentOf = ({ kubeconfig }: ControlPlane) => ({ KUBECONFIG: kubeconfig })

await t.test('in a cluster that Patchline watches', async t => {
  const stage = await startStage({ secretPath: '0123456789abcdef0123456789abcdef' })
  t.teardown(() => stage.close())
  await applyRights(stage.cluster)
  await furnish(stage)
  const configuration = JSON.stringify({
    publicRegistries: false,
    registries: [{ host: 'docker.io', endpoint: stage.registry, insecure: true }],
  })
  for (const page of pagesBy('cluster'))
    await t.test(page, async t => {
      const directory = t.testdir()
      writeFilesOf(page, directory)
      // As it was before another page.
      await must(stage.kubectl('label namespace shop patchline.dev/mode-'))
      await must(stage.kubectl('delete patchpolicies --all'))
      const environment = environmentOf(stage.cluster)
      const where = surroundings({ directory, configuration, path, environment })
      await runPage(t, page, { by: 'cluster', in: where })
    })
})

/** Creates what the pages talk about: the namespaces `shop` and `team-a`, with workloads that are behind. */
async function furnish(stage: Stage): Promise<void> {
  const { kubectl: run, namespace } = stage
  for (const tag of ['7.2.1', '7.2.3', '7.2.5']) await stage.push('library/redis', tag)
  await namespace('shop')
  await namespace('team-a')
  for (const name of ['web', 'api', 'cart'])
    await must(run(`create deployment ${name} --image=nginx:1.25.1 -n shop`))
  await must(run('create deployment cache --image=redis:7.2.1 -n shop'))
  await must(run('create deployment tools --image=busybox:1.36.1 -n shop'))
}

await t.test('from installation to removal', async t => {
  const cluster = await startControlPlane()
  t.teardown(() => cluster.close())
  const manifests = join(root, 'manifests')
  let blocks = 0
  const before = async (): Promise<void> => {
    // The first block installs; others may have removed what the next one is about.
    if (blocks++ === 0) return
    await must(kubectl(cluster, ['apply', '-k', manifests]))
    t.equal((await certsPatch(cluster)).code, 0)
  }
  for (const page of pagesBy('installation'))
    await t.test(page, async t => {
      const directory = t.testdir()
      cpSync(manifests, join(directory, 'manifests'), { recursive: true })
      writeFilesOf(page, directory)
      const where = surroundings({ directory, path, environment: environmentOf(cluster) })
      await runPage(t, page, { by: 'installation', in: where, before })
    })
})

await t.test('the messages of Kubernetes in docs/troubleshooting.md are in its programs', async t => {
  const programs = (['kube-apiserver', 'kubectl'] as const).map(tool => readFileSync(toolPath(tool)))
  for (const [message, pieces] of messagesOf('kubernetes'))
    for (const piece of pieces)
      t.ok(
        programs.some(program => program.includes(piece)),
        `${message}: ${piece}`,
      )
})
