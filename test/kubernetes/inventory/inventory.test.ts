import t, { type Test } from 'tap'
import {
  createInventory,
  loadKubeConfig,
  type InventoryOptions,
  type KubernetesError,
} from '../../../src/kubernetes/index.ts'
import { startChaosProxy } from '../../support/network/chaos-proxy.ts'
import { startApiServer, until } from '../../support/kubernetes/fake-api-server.ts'
import { FakeThings } from '../../support/kubernetes/fake-things.ts'

const pods = '/api/v1/pods'
const deployments = '/apis/apps/v1/deployments'
const replicaSets = '/apis/apps/v1/replicasets'
const cronJobs = '/apis/batch/v1/cronjobs'
const olderCronJobs = '/apis/batch/v1beta1/cronjobs'

const timing = {
  answerLimit: 5000,
  silenceLimit: 5000,
  watchSeconds: 60,
  first: 5,
  most: 20,
  refusal: 100,
  firstListLimit: 10_000,
}

interface Changes extends Partial<Pick<InventoryOptions, 'namespaces'>> {
  readonly through?: boolean
  readonly timing?: InventoryOptions['timing']
}

async function cluster(t: Test, changes: Changes = {}) {
  const things = new FakeThings()
  for (const name of ['shop', 'other'])
    things.set('/api/v1/namespaces', { metadata: { name, labels: { team: `${name}-team` } } })
  const server = await startApiServer(things.handler)
  const proxy = await startChaosProxy(Number(new URL(server.url).port))
  const address = changes.through === true ? { server: `https://127.0.0.1:${proxy.port}` } : {}
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir(), address) })
  const problems: KubernetesError[] = []
  const inventory = createInventory({
    kubeConfig,
    namespaces: changes.namespaces ?? [],
    onProblem: problem => problems.push(problem),
    timing: { ...timing, ...changes.timing },
  })
  t.teardown(async () => {
    await inventory.close()
    await proxy.close()
    await server.close()
  })
  const images = () =>
    [...inventory.images()].map(
      ({ workload, container, image, pods: count }) =>
        `${workload.apiVersion} ${workload.kind} ${workload.namespace}/${workload.name} ${container}=${image} x${count}`,
    )
  return { things, server, proxy, inventory, problems, images }
}

const containers = (image: string) => ({ containers: [{ name: 'web', image }] })
const templated = (name: string, image: string, metadata: Readonly<Record<string, unknown>> = {}) => ({
  metadata: { name, namespace: 'shop', ...metadata },
  spec: { template: { spec: containers(image) } },
})
const pod = (name: string, image: string, metadata: Readonly<Record<string, unknown>> = {}) => ({
  metadata: { name, namespace: 'shop', ...metadata },
  spec: containers(image),
})

function ownedBy(things: FakeThings, [path, kind, name]: readonly [string, string, string]) {
  const uid = things.uidOf(path, 'shop', name)
  return { ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid, controller: true }] }
}

/** A deployment of two pods. */
function roll(things: FakeThings, image: string): void {
  things.set(deployments, templated('web', image))
  things.set(replicaSets, templated('web-1', image, ownedBy(things, [deployments, 'Deployment', 'web'])))
  for (const name of ['web-1-a', 'web-1-b'])
    things.set(pods, pod(name, image, ownedBy(things, [replicaSets, 'ReplicaSet', 'web-1'])))
}

t.test('what runs, as it changes', async t => {
  const { things, inventory, images, problems } = await cluster(t)
  roll(things, 'nginx:1')
  t.equal(inventory.synced, false)
  await inventory.start()
  t.equal(inventory.synced, true)
  t.strictSame(inventory.problems(), [])
  t.strictSame(images(), ['apps/v1 Deployment shop/web web=nginx:1 x2'])
  t.strictSame(inventory.labelsOf('shop'), { team: 'shop-team' })
  t.equal(inventory.labelsOf('none'), undefined)

  await until(() => things.watchers.size === 10)
  const before = inventory.images()
  things.set(pods, pod('bare', 'redis:7'))
  things.set('/api/v1/namespaces', { metadata: { name: 'shop', labels: { team: 'new' } } })
  things.remove('/api/v1/namespaces', '', 'other')
  await until(() => images().length === 2)
  t.strictSame(images(), ['apps/v1 Deployment shop/web web=nginx:1 x2', 'v1 Pod shop/bare web=redis:7 x1'])
  t.equal([...before].length, 1, 'a snapshot')
  await until(() => inventory.labelsOf('other') === undefined)
  t.strictSame(inventory.labelsOf('shop'), { team: 'new' })
  things.remove(pods, 'shop', 'bare')
  await until(() => images().length === 1)
  t.strictSame(problems, [])
})

t.test('a deployment that is deleted leaves nothing while its pods end', async t => {
  const { things, inventory, images } = await cluster(t)
  roll(things, 'nginx:1')
  await inventory.start()
  await until(() => things.watchers.size === 10)
  const metadata = ownedBy(things, [replicaSets, 'ReplicaSet', 'web-1'])
  const deletionTimestamp = '2026-01-01T00:00:00Z'
  for (const name of ['web-1-a', 'web-1-b'])
    things.set(pods, pod(name, 'nginx:1', { ...metadata, deletionTimestamp }))
  things.remove(replicaSets, 'shop', 'web-1')
  things.remove(deployments, 'shop', 'web')
  await until(() => images().length === 0)
})

t.test('what a deleted deployment made is not an orphan at once', async t => {
  const { things, inventory, images } = await cluster(t, { timing: { following: 400 } })
  roll(things, 'nginx:1')
  await inventory.start()
  await until(() => things.watchers.size === 10)
  const since = performance.now()
  things.remove(deployments, 'shop', 'web')
  await until(() => images()[0] !== 'apps/v1 Deployment shop/web web=nginx:1 x2')
  await until(() => images()[0] === 'apps/v1 ReplicaSet shop/web-1 web=nginx:1 x2')
  t.ok(performance.now() - since >= 400, 'but when nobody has deleted it by then')
})

t.test('cron jobs of an older API server are of its version', async t => {
  const { things, inventory, images, problems } = await cluster(t)
  things.absent.add(cronJobs)
  things.set(olderCronJobs, {
    metadata: { name: 'nightly', namespace: 'shop' },
    spec: { jobTemplate: { spec: { template: { spec: containers('job:1') } } } },
  })
  await inventory.start()
  t.equal(inventory.synced, true)
  t.strictSame(images(), ['batch/v1beta1 CronJob shop/nightly web=job:1 x0'])
  t.strictSame(problems, [])
})

t.test('a kind that the server does not have takes nothing from the report', async t => {
  const { things, inventory, problems } = await cluster(t)
  for (const path of [cronJobs, olderCronJobs, '/api/v1/podtemplates']) things.absent.add(path)
  await inventory.start()
  t.equal(inventory.synced, true)
  t.strictSame(inventory.problems(), [])
  t.strictSame(problems, [])
})

t.test('a server without pods is none', async t => {
  const { things, inventory, problems } = await cluster(t, { timing: { firstListLimit: 200 } })
  things.absent.add(pods)
  await inventory.start()
  t.equal(inventory.synced, false)
  t.match(inventory.problems(), [/^list pods: 404 /])
  t.match(problems[0], { code: 'not-found' })
})

t.test('a kind that is forbidden is said, with the rule to add; the rest goes on', async t => {
  const { things, inventory, images } = await cluster(t)
  roll(things, 'nginx:1')
  things.forbidden.add(deployments)
  await inventory.start()
  t.equal(inventory.synced, false)
  t.strictSame(inventory.problems(), [
    `list deployments: 403 ${deployments} is forbidden; ` +
      "add to its ClusterRole: { apiGroups: ['apps'], resources: [deployments], verbs: [list, watch] }",
  ])
  t.strictSame(images(), ['apps/v1 Deployment shop/web web=nginx:1 x2'], 'known by what refers to it')
  things.forbidden.clear()
  await until(() => inventory.synced)
  t.strictSame(inventory.problems(), [])
  t.strictSame(images(), ['apps/v1 Deployment shop/web web=nginx:1 x2'])
})

t.test('chosen namespaces alone are asked for', async t => {
  const { things, server, inventory, images } = await cluster(t, { namespaces: ['shop', 'shop'] })
  roll(things, 'nginx:1')
  things.set(pods, pod('elsewhere', 'redis:7', { namespace: 'other' }))
  things.forbidden.add('/apis/batch/v1/jobs')
  await inventory.start()
  t.strictSame(images(), ['apps/v1 Deployment shop/web web=nginx:1 x2'])
  t.strictSame(inventory.labelsOf('shop'), { team: 'shop-team' })
  t.equal(inventory.labelsOf('other'), undefined)
  t.match(inventory.problems(), [
    /^list jobs in shop: .*; add to a Role in shop: \{ apiGroups: \['batch'\], resources: \[jobs\], verbs: \[list, watch\] \}$/,
  ])
  things.set(pods, pod('elsewhere', 'redis:8', { namespace: 'other' }))
  things.set(pods, pod('bare', 'redis:8'))
  await until(() => images().length === 2)
  const paths = new Set(
    server.received.map(({ url }) => `${url.pathname}?${url.searchParams.get('fieldSelector') ?? ''}`),
  )
  t.ok([...paths].every(path => /\/namespaces\/shop\/|\/namespaces\?metadata\.name=shop$/.test(path)))
})

t.test('an object of another shape is said and left out', async t => {
  const { things, inventory, images } = await cluster(t)
  roll(things, 'nginx:1')
  things.set(pods, { metadata: { name: 'odd', namespace: 'shop', uid: 7 } })
  things.set(pods, {
    metadata: { name: 'null', namespace: 'shop' },
    spec: { containers: [null, 'x', { image: {} }] },
  })
  await inventory.start()
  t.equal(inventory.synced, true)
  t.strictSame(inventory.problems(), ['pods: 1 that could not be read are left out'])
  t.strictSame(images(), ['apps/v1 Deployment shop/web web=nginx:1 x2'])
})

t.test('with every connection cut each 300 ms, the inventory ends as the cluster is', async t => {
  const { things, proxy, inventory, images } = await cluster(t, { through: true })
  roll(things, 'nginx:1')
  void inventory.start()
  const stop = proxy.cutEach(300)
  const end = Date.now() + 4000
  for (let n = 0; Date.now() < end; n += 1) {
    roll(things, `nginx:${n}`)
    things.set(pods, pod(`bare-${n}`, `redis:${n}`))
    if (n >= 5) things.remove(pods, 'shop', `bare-${n - 5}`)
    if (n % 50 === 49) things.compact()
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  stop()
  roll(things, 'nginx:last')
  const bare = things
    .all(pods)
    .map(({ metadata: { name } }) => name)
    .filter(name => name.startsWith('bare-'))
    .toSorted((one, other) => (one < other ? -1 : 1))
  const expected = [
    'apps/v1 Deployment shop/web web=nginx:last x2',
    ...bare.map(name => `v1 Pod shop/${name} web=redis:${name.slice(5)} x1`),
  ]
  await until(() => inventory.synced && images().join() === expected.join())
  t.strictSame(images(), expected)
  await until(() => inventory.problems().length === 0)
})
