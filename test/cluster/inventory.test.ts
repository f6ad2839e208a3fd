import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import {
  aggregateByOwner,
  recordOf,
  type ObjectRecord,
  type RunningImage,
} from '../../src/inventory/index.ts'
import {
  createInventory,
  loadKubeConfig,
  type InventoryOptions,
  type KubernetesError,
  type WatchedInventory,
} from '../../src/kubernetes/index.ts'
import { workloadKinds } from '../../src/workload/index.ts'
import { role, startCluster, type Cluster } from './audit-cluster.ts'
import { change, round } from './changes.ts'
import { until } from './tools.ts'

async function watched(t: Test, tools: Cluster, changes: Partial<InventoryOptions> = {}) {
  const problems: KubernetesError[] = []
  const inventory = createInventory({
    kubeConfig: await loadKubeConfig({ path: tools.kubeconfig }),
    namespaces: [],
    onProblem: problem => problems.push(problem),
    ...changes,
    timing: { first: 100, most: 1000, ...changes.timing },
  })
  t.teardown(() => inventory.close())
  await inventory.start()
  return { inventory, problems }
}

function shown(images: Iterable<RunningImage>): string {
  return [...images]
    .map(({ workload, container, image, pods, digests }) =>
      [
        `${workload.apiVersion} ${workload.kind} ${workload.namespace}/${workload.name} ${workload.uid}`,
        `${container}=${image} x${pods}`,
        ...digests,
      ].join(' '),
    )
    .join('\n')
}

/** The same out of what kubectl lists now. */
async function expected({ run }: Cluster, namespace?: string): Promise<string> {
  const resources = workloadKinds.map(({ resource, group }) =>
    group === '' ? resource : `${resource}.${group}`,
  )
  const where = namespace === undefined ? '-A' : `-n ${namespace}`
  const { items } = JSON.parse(await run(`get ${resources.join(',')} ${where} -o json`))
  const records = new Map<string, ObjectRecord>()
  for (const item of items) {
    const kind = workloadKinds.find(one => one.kind === item.kind)
    const version = String(item.apiVersion).split('/').at(-1)
    const record = kind && recordOf(kind, item, { ...(version !== undefined && { version }) })
    if (record === undefined) throw new Error(`not expected: ${JSON.stringify(item)}`)
    records.set(record.uid, record)
  }
  return shown(aggregateByOwner(records))
}

interface Compared {
  readonly tools: Cluster
  readonly inventory: WatchedInventory
  readonly namespace?: string
}

async function comesTrue(t: Test, { tools, inventory, namespace }: Compared): Promise<readonly string[]> {
  let [ours, theirs] = ['', '']
  await until('the inventory is what kubectl lists', async () => {
    // The controllers may be at work while both are read: equal once is enough, for nothing is equal by chance.
    theirs = await expected(tools, namespace)
    ours = shown(inventory.images())
    return ours === theirs
  }).catch(() => {})
  t.equal(ours, theirs)
  return theirs.split('\n').filter(line => line !== '')
}

await t.test('watches that are cut every five seconds end with what the server has', async t => {
  const tools = await startCluster(t)
  const { inventory, problems } = await watched(t, tools)
  t.strictSame(inventory.problems(), [])
  t.equal(inventory.synced, true)
  const stop = tools.proxy.cutEach(5000)
  const rounds = await change(tools, 60)
  stop()
  const images = await comesTrue(t, { tools, inventory })
  t.comment(`${rounds} rounds, ${images.length} entries, ${problems.length} breaks`)
  t.ok(images.length > 5)
  t.match(images.join('\n'), /Pod shop\/bare-\d+ \S+ web=nginx:1\.\d+ x1 sha256:0{50,}/)
  t.match(images.join('\n'), 'batch/v1 CronJob shop/nightly-')
  t.ok(problems.length > 10, `${problems.length} breaks`)
  t.strictSame(new Set(problems.map(({ code }) => code)), new Set(['unavailable']))
  await until('no problem is left', async () => inventory.problems().length === 0)

  await t.test('a token that is not good any more', async t => {
    await tools.run('delete secret first -n audit')
    await until('the token is refused', async () => {
      tools.proxy.cut()
      await sleep(500)
      return problems.some(({ code }) => code === 'unauthorized')
    })
    await tools.apply(round(1000))
    await writeFile(tools.tokenFile, await tools.token('second'))
    await comesTrue(t, { tools, inventory })
  })

  await t.test('a right that is taken, and given again', async t => {
    const timing = { refusal: 500 }
    await tools.apply([{ ...role, rules: role.rules.slice(0, 1) }])
    const { inventory: partial } = await watched(t, tools, { timing })
    t.equal(partial.synced, false)
    t.match(partial.problems(), [
      /^list deployments: 403 /,
      /add to its ClusterRole: \{ apiGroups: \['apps'\]/,
    ])
    t.match(shown(partial.images()), 'v1 Pod other/bare-1000', 'the rest goes on')
    await tools.apply([role])
    await until('all is listed', async () => partial.synced)
    await comesTrue(t, { tools, inventory: partial })
  })

  await t.test('one namespace', async t => {
    const { inventory: one } = await watched(t, tools, { namespaces: ['other'] })
    const images = await comesTrue(t, { tools, inventory: one, namespace: 'other' })
    t.ok(images.length > 0 && images.every(image => image.includes(' other/')))
    await tools.apply(round(2000))
    await comesTrue(t, { tools, inventory: one, namespace: 'other' })
    t.ok(one.labelsOf('other') !== undefined)
    t.equal(one.labelsOf('shop'), undefined)
  })
})

await t.test('what etcd has forgotten is listed anew', async t => {
  // Without its own memory of events the API server knows of the past what etcd does.
  const tools = await startCluster(t, ['--watch-cache=false', '--etcd-compaction-interval=1s'])
  // Such a server sends no bookmarks. A break is mended after 3 to 6 s; by then etcd has forgotten the version.
  const timing = { silenceLimit: 60_000, first: 6000, most: 6000 }
  const { inventory, problems } = await watched(t, tools, { timing })
  await tools.apply(round(0))
  await comesTrue(t, { tools, inventory })
  await until('a version is too old', async () => {
    tools.proxy.cut()
    await tools.apply(round(1))
    await tools.run('delete pod,job bare-0 job-0 -n shop --ignore-not-found --wait=false')
    await sleep(7000)
    return problems.some(({ code }) => code === 'gone')
  })
  await comesTrue(t, { tools, inventory })
})
