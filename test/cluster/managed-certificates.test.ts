import { join } from 'node:path'
import t from 'tap'
import { startControlPlane } from './control-plane.ts'
import {
  installManaged,
  startReplica,
  startService,
  startStream,
  type ManagedReplica,
} from './managed-webhooks.ts'
import { must, toolsFor, until } from './tools.ts'

// Managed certificates as they are installed: the rights of the manifests, the way of the API server through the Service. Only the
// times are shorter.

const directory = t.testdir()
const cluster = await startControlPlane()
t.teardown(() => cluster.close())
const { kubectl: run, namespace } = toolsFor(cluster)
const service = await startService()
t.teardown(() => service.close())
await installManaged(cluster, { folder: join(directory, 'kustomization'), service })
await namespace('shop')

let count = 0
const start = async (): Promise<ManagedReplica> => {
  count += 1
  const replica = await startReplica(cluster, { folder: join(directory, `replica-${count}`) })
  t.teardown(() => replica.stop())
  return replica
}

await t.test('two replicas that start at once have one authority, and what is applied is judged', async t => {
  const started = Date.now()
  const replicas = await Promise.all([start(), start()])
  service.replicas.push(...replicas)
  await until('both ready', async () => replicas.every(replica => replica.isReady()))
  t.comment(`ready after ${Date.now() - started} ms`)
  t.equal(replicas.flatMap(replica => replica.logged('authority made')).length, 1)
  const probe = 'create deployment web --image=nginx:1.25.1 --dry-run=server -n shop'
  await until('a review', async () => (await run(probe)).code === 0)
  t.match((await must(run(`${probe} -o yaml`))).stdout, 'patchline.dev/status', 'by the mutating one')
})

const promoted = (): number =>
  service.replicas.flatMap(replica => replica.logged('authority promoted')).length

await t.test('rotations under a stream of requests: none fails', async t => {
  const stream = startStream(cluster, 'shop')
  await until('two authorities more', async () => promoted() >= 2, 120_000)
  await stream.stop()
  t.strictSame(stream.failures(), [])
  t.comment(`${stream.answered()} answered, ${promoted()} authorities`)
  t.ok(stream.answered() > 500)
})
