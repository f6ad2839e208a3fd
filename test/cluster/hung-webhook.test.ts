import t from 'tap'
import { startHungWebhook } from '../support/kubernetes/hung-webhook.ts'
import { webhookManifests } from '../support/kubernetes/webhook-manifests.ts'
import { startControlPlane } from './control-plane.ts'
import { must, toolsFor, until } from './tools.ts'

// A webhook that hangs costs its time-out, twice, for each object that is sent to it. What is sent is counted here, for seconds say
// more about the machine.

const cluster = await startControlPlane()
const hung = await startHungWebhook()
t.teardown(async () => {
  await cluster.close()
  await hung.close()
})
const { kubectl, namespace, create, get, user, serviceAccount } = toolsFor(cluster)

await namespace('shop')
const before = 'get deployment,replicaset,pod -n shop -o name'
await create(webhookManifests({ ...hung, name: 'hung' }))
await until('the first question', async () => {
  await kubectl('create deployment probe --image=nginx:1.25.1 -n shop --dry-run=server')
  return hung.asked.length >= 2
})

/** What was asked while something was done, without the user of it. */
async function askedFor(work: () => Promise<unknown>): Promise<readonly string[]> {
  const from = hung.asked.length
  await work()
  return hung.asked.slice(from)
}

const both = (what: string): readonly string[] => [`mutate ${what}`, `validate ${what}`]
const podsOf = async (label: string): Promise<readonly string[]> =>
  (await get(`pods -l ${label}`, 'shop')).items.map(({ metadata }) => metadata.name)

await t.test('a Deployment of ten pods is two questions, and they are about the Deployment', async t => {
  t.equal((await must(kubectl(before))).stdout, '')
  const asked = await askedFor(async () => {
    await must(kubectl('create deployment web --image=nginx:1.25.1 --replicas=10 -n shop'))
    await until('ten pods', async () => (await podsOf('app=web')).length === 10)
  })
  t.strictSame(asked, both('CREATE Deployment by admin'))
})

await t.test('ten pods that are made again are none', async t => {
  const asked = await askedFor(async () => {
    const old = await podsOf('app=web')
    await must(kubectl('delete pods -l app=web -n shop --wait=false --force'))
    await until('ten others', async () => {
      const now = await podsOf('app=web')
      return now.length === 10 && !now.some(name => old.includes(name))
    })
  })
  t.strictSame(asked, [])
})

const template = (name: string): string =>
  `{ metadata: { labels: { app: ${name} } }, spec: { restartPolicy: NAME, containers: [{ name: main, image: 'nginx:1.25.1' }] } }`

const always = (name: string): string => template(name).replace('NAME', 'Always')
const never = (name: string): string => template(name).replace('NAME', 'Never')

await t.test('so it is for the children of all built-in kinds', async t => {
  const manifests: readonly (readonly [kind: string, name: string, manifest: string])[] = [
    [
      'StatefulSet',
      'sts',
      `apiVersion: apps/v1\nkind: StatefulSet\nmetadata: { name: sts }\nspec: { serviceName: sts, selector: { matchLabels: { app: sts } }, template: ${always('sts')} }`,
    ],
    [
      'ReplicationController',
      'rc',
      `apiVersion: v1\nkind: ReplicationController\nmetadata: { name: rc }\nspec: { template: ${always('rc')} }`,
    ],
    [
      'Job',
      'job',
      `apiVersion: batch/v1\nkind: Job\nmetadata: { name: job }\nspec: { template: ${never('job')} }`,
    ],
    [
      'CronJob',
      'cron',
      `apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: cron }\nspec: { schedule: '* * * * *', jobTemplate: { spec: { template: ${never('cron')} } } }`,
    ],
  ]
  const asked = await askedFor(async () => {
    for (const [, , manifest] of manifests) await must(kubectl('create -n shop -f -', manifest))
    for (const [kind, name] of manifests)
      await until(`a pod of the ${kind}`, async () => (await podsOf(`app=${name}`)).length > 0, 90_000)
  })
  t.strictSame(
    asked,
    manifests.flatMap(([kind]) => both(`CREATE ${kind} by admin`)),
  )
})

await t.test('what others write is sent, whatever it says of itself', async t => {
  const [{ metadata } = { metadata: { name: '', uid: '' } }] = (await get('replicaset -l app=web', 'shop'))
    .items
  const owners = [
    '',
    `ownerReferences: [{ apiVersion: apps/v1, kind: ReplicaSet, name: ${metadata.name}, uid: ${metadata.uid}, controller: true }]`,
    `ownerReferences: [{ apiVersion: apps/v1, kind: ReplicaSet, name: ${metadata.name}, uid: ${metadata.uid} }]`,
  ]
  const alice = await user('alice', 'shop')
  // Its name is that of the controller; its namespace is not.
  const namesake = await serviceAccount('replicaset-controller', 'shop')
  const callers = [
    ['alice', alice],
    ['system:serviceaccount:shop:replicaset-controller', namesake],
  ] as const
  for (const [name, caller] of callers)
    for (const [at, owner] of owners.entries()) {
      const pod = `apiVersion: v1\nkind: Pod\nmetadata: { name: forged-${at}, ${owner} }\nspec: { containers: [{ name: main, image: 'nginx:1.25.1' }] }`
      const asked = await askedFor(() => must(caller('create -n shop --dry-run=server -f -', pod)))
      t.strictSame(asked, both(`CREATE Pod by ${name}`), `${name}, ${owner}`)
    }
  const may = await alice('auth can-i impersonate serviceaccounts/replicaset-controller -n kube-system')
  t.match(may.stdout, /^no/, '`edit` does not make a controller of Kubernetes')
})
