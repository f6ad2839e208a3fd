import { readFileSync } from 'node:fs'
import t from 'tap'
import { loadKubeConfig, patchWebhookRules } from '../../src/kubernetes/index.ts'
import { definitionOf, editorOf } from './custom-kinds.ts'
import { startStage } from './stage.ts'
import { must, until } from './tools.ts'

// What controllers may do and what people may not do through them, with users who hold no more than `edit`.

const stage = await startStage({
  configuration: 'workloads: [{ group: example.com, kind: Farm, podTemplate: "spec.sets[].template" }]',
})
t.teardown(() => stage.close())

const kinds = [
  { group: 'argoproj.io', kind: 'Rollout', plural: 'rollouts' },
  { group: 'argoproj.io', kind: 'Workflow', plural: 'workflows' },
  { group: 'core.strimzi.io', kind: 'StrimziPodSet', plural: 'strimzipodsets' },
  { group: 'example.com', kind: 'Farm', plural: 'farms' },
]
for (const kind of kinds) await stage.create(definitionOf(kind, { status: true }))
await stage.create(editorOf(['argoproj.io', 'core.strimzi.io', 'example.com']))
await patchWebhookRules({
  kubeConfig: await loadKubeConfig({ path: stage.cluster.kubeconfig }),
  kinds: [{ group: 'example.com', resource: 'farms' }],
})

const template = (image: string, name = 'main') => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name, image }] },
})
const custom = (apiVersion: string, kind: string, spec: object) =>
  JSON.stringify({ apiVersion, kind, metadata: { name: 'web' }, spec })
const farm = (first: string, second: string) =>
  custom('example.com/v1', 'Farm', {
    sets: [
      { name: 'a', template: template(first) },
      { name: 'b', template: template(second) },
    ],
  })
const rollout = (image: string) => custom('argoproj.io/v1', 'Rollout', { template: template(image) })

interface Child {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly spec: object
}

/** An object that names an owner as its controller. */
async function childOf(owner: string, namespace: string, child: Child): Promise<string> {
  const { stdout } = await must(
    stage.kubectl(
      `get ${owner} -n ${namespace} -o jsonpath={.apiVersion}|{.kind}|{.metadata.name}|{.metadata.uid}`,
    ),
  )
  const [apiVersion, kind, name, uid] = stdout.split('|')
  return JSON.stringify({
    apiVersion: child.apiVersion,
    kind: child.kind,
    metadata: {
      name: child.name,
      ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
    },
    spec: child.spec,
  })
}

/** A namespace in which outdated things were made before it was enforced. */
async function enforced(name: string, prepare: () => Promise<unknown>): Promise<void> {
  await stage.namespace(name)
  await prepare()
  await must(stage.kubectl(`label namespace ${name} patchline.dev/mode=enforce`))
  const probe = `run probe --image=nginx:1.25.1 -n ${name} --dry-run=server`
  await until('enforcement', async () => (await stage.kubectl(probe)).code === 1)
}

async function counted(operation: string, decision: string): Promise<number> {
  const metrics = await (await fetch(`${stage.patchline.operations}/metrics`)).text()
  const line = `endpoint="validate",operation="${operation}",decision="${decision}"} `
  return Number(metrics.split(line)[1]?.split('\n')[0] ?? 0)
}

const imageOf = async (what: string, namespace: string): Promise<string> =>
  (await must(stage.kubectl(`get ${what} -n ${namespace} -o jsonpath={..containers[0].image}`))).stdout

await t.test('no rollback through the deployment controller, whatever owner an object claims', async t => {
  await enforced('rollback', async () => {
    await must(stage.kubectl('create deployment owner --image=nginx:1.25.5 -n rollback'))
    await must(stage.kubectl('create deployment web --image=nginx:1.25.1 -n rollback'))
    await until(
      'the first revision',
      async () => (await stage.get('replicasets -l app=web', 'rollback')).items.length === 1,
    )
    await must(stage.kubectl('set image deployment/web nginx=nginx:1.25.5 -n rollback'))
    await until(
      'the second revision',
      async () => (await stage.get('replicasets -l app=web', 'rollback')).items.length === 2,
    )
  })
  const alice = await stage.user('alice', 'rollback')
  t.equal((await alice('rollout undo deployment/web -n rollback')).code, 1)
  const { uid } = (await stage.get('deployment/owner', 'rollback')).metadata
  const reference = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'owner', uid, controller: true }
  const claim = JSON.stringify({ metadata: { ownerReferences: [reference] } })
  await must(alice(`patch deployment/web -n rollback --type=merge -p ${claim}`))
  const before = await counted('UPDATE', 'denied')
  await must(alice('annotate deployment/web deprecated.deployment.rollback.to=1 -n rollback'))
  await until('the controller refused', async () => (await counted('UPDATE', 'denied')) > before)
  t.equal(await imageOf('deployment/web', 'rollback'), 'nginx:1.25.5')
})

await t.test('an operator makes its pods again, and a person does not in its place', async t => {
  await enforced('kafka', () =>
    must(
      stage.kubectl(
        'create -n kafka -f -',
        custom('core.strimzi.io/v1', 'StrimziPodSet', {
          pods: [{ ...template('nginx:1.25.1'), metadata: { name: 'web-0' } }],
        }),
      ),
    ),
  )
  const operator = await stage.serviceAccount('strimzi', 'kafka')
  const alice = await stage.user('alice', 'kafka')
  const pod = { apiVersion: 'v1', kind: 'Pod', name: 'web-0', spec: template('nginx:1.25.1').spec }
  const child = await childOf('strimzipodset/web', 'kafka', pod)
  const forged = await alice('create -n kafka -f -', child)
  t.equal(forged.code, 1)
  t.match(forged.stderr, 'denied the request: Pod web-0: container main: nginx:1.25.1 is 4 versions behind')
  const before = await counted('CREATE', 'spared')
  const made = await must(operator('create -n kafka -f -', child))
  t.match(made.stderr, 'Warning: patchline: web-0: nginx:1.25.1 is 4 versions behind 1.25.5')
  t.equal(await counted('CREATE', 'spared'), before + 1)
  const { annotations } = (await stage.get('pod/web-0', 'kafka')).metadata
  t.equal(annotations?.['patchline.dev/status'], 'outdated')
  const logged = (): string | undefined =>
    readFileSync(stage.patchline.log, 'utf8')
      .split('\n')
      .find(line => line.includes('"review spared"'))
  // Lines are written in batches.
  await until('the line in the log', async () => logged() !== undefined)
  t.match(JSON.parse(logged() ?? '{}'), { user: 'system:serviceaccount:kafka:strimzi', name: 'web-0' })
  t.equal((await operator('run alone --image=nginx:1.25.1 -n kafka')).code, 1, 'no child')
  t.equal((await operator('set image pod/web-0 main=busybox:1.36.0 -n kafka')).code, 1, 'brought in')
  t.equal((await operator('set image pod/web-0 main=nginx:1.25.2 -n kafka')).code, 0, 'a step forward')
})

await t.test('the ReplicaSet of a Rollout and the Job of a Workflow come back, with their pods', async () => {
  await enforced('argo', async () => {
    await must(stage.kubectl('create -n argo -f -', rollout('nginx:1.25.1')))
    await must(stage.kubectl('create -n argo -f -', custom('argoproj.io/v1', 'Workflow', {})))
  })
  const operator = await stage.serviceAccount('argo', 'argo')
  const replicaSet = await childOf('rollout/web', 'argo', {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: 'web',
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: template('nginx:1.25.1') },
  })
  await must(operator('create -n argo -f -', replicaSet))
  const { spec } = template('nginx:1.25.1')
  const job = await childOf('workflow/web', 'argo', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    name: 'step',
    spec: { template: { spec: { ...spec, restartPolicy: 'Never' } } },
  })
  await must(operator('create -n argo -f -', job))
  const count = async (selector: string): Promise<number> =>
    (await stage.get(`pods -l ${selector}`, 'argo')).items.length
  await until('the pods of the ReplicaSet', async () => (await count('app=web')) === 2)
  await until('the pod of the Job', async () => (await count('job-name=step')) === 1)
})

await t.test('custom kinds are warned about, annotated and refused as a Deployment is', async t => {
  await stage.namespace('custom')
  const bob = await stage.user('bob', 'custom')
  const warned = await must(bob('apply -n custom -f -', rollout('nginx:1.25.1')))
  t.match(warned.stderr, 'Warning: patchline: web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)')
  const { annotations } = (await stage.get('rollout/web', 'custom')).metadata
  t.equal(annotations?.['patchline.dev/status'], 'outdated')
  const again = await must(bob('apply -n custom -f -', rollout('nginx:1.25.1')))
  t.equal(again.stdout, 'rollout.argoproj.io/web unchanged\n')
  await until('the rules of a configured kind', async () => {
    const probe = await bob('apply -n custom --dry-run=server -f -', farm('nginx:1.25.1', 'nginx:1.25.5'))
    return probe.stderr.includes('web/a/main: nginx:1.25.1 is 4 versions behind 1.25.5')
  })

  await must(stage.kubectl('label namespace custom patchline.dev/mode=enforce'))
  await until('enforcement', async () => {
    const probe = await bob(
      'create -n custom --dry-run=server -f -',
      rollout('nginx:1.25.2').replace('"web"', '"x"'),
    )
    return probe.code === 1
  })
  await must(bob('apply -n custom -f -', rollout('nginx:1.25.5')))
  const refused = await bob('apply -n custom -f -', rollout('nginx:1.25.2'))
  t.equal(refused.code, 1)
  t.match(
    refused.stderr,
    'denied the request: Rollout web: container main: nginx:1.25.2 is 3 versions behind',
  )
  t.equal((await bob('apply -n custom -f -', farm('nginx:1.25.5', 'nginx:1.25.1'))).code, 1)
  const status = 'patch rollout/web -n custom --subresource=status --type=merge -p {"status":{"phase":"x"}}'
  t.notMatch((await must(bob(status))).stderr, 'patchline')
})
