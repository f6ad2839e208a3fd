import t from 'tap'
import { customKinds, shippedKinds, type CustomKind } from '../../src/workload/custom-kinds.ts'
import { imagesOf, podAccessOf, startsRollout, type WorkloadKind } from '../../src/workload/index.ts'

const pod = (image: string, name = 'main') => ({ spec: { containers: [{ name, image }] } })

function kindNamed(group: string, kind: string): WorkloadKind {
  const found = customKinds(shippedKinds).find(one => one.group === group && one.kind === kind)
  if (found === undefined) throw new Error(`${group}/${kind} is not shipped`)
  return found
}

const rows: [group: string, kind: string, resource: string, object: object, images: string[]][] = [
  ['argoproj.io', 'Rollout', 'rollouts', { spec: { template: pod('a') } }, ['main a']],
  ['argoproj.io', 'Rollout', 'rollouts', { spec: { workloadRef: { kind: 'Deployment', name: 'web' } } }, []],
  [
    'apps.openshift.io',
    'DeploymentConfig',
    'deploymentconfigs',
    { spec: { template: pod('a') } },
    ['main a'],
  ],
  ['serving.knative.dev', 'Service', 'services', { spec: { template: pod('a') } }, ['main a']],
  ['serving.knative.dev', 'Configuration', 'configurations', { spec: { template: pod('a') } }, ['main a']],
  ['serving.knative.dev', 'Revision', 'revisions', pod('a'), ['main a']],
  [
    'core.strimzi.io',
    'StrimziPodSet',
    'strimzipodsets',
    {
      spec: {
        pods: [
          { metadata: { name: 'kafka-0' }, ...pod('kafka:1', 'kafka') },
          { metadata: { name: 'kafka-1' }, ...pod('kafka:1', 'kafka') },
        ],
      },
    },
    ['kafka kafka:1'],
  ],
  [
    'core.strimzi.io',
    'StrimziPodSet',
    'strimzipodsets',
    {
      spec: {
        pods: [
          { metadata: { name: 'kafka-0' }, ...pod('kafka:2', 'kafka') },
          { metadata: { name: 'kafka-1' }, ...pod('kafka:1', 'kafka') },
        ],
      },
    },
    ['kafka-0/kafka kafka:2', 'kafka-1/kafka kafka:1'],
  ],
  ['apps.kruise.io', 'CloneSet', 'clonesets', { spec: { template: pod('a') } }, ['main a']],
  ['apps.kruise.io', 'StatefulSet', 'statefulsets', { spec: { template: pod('a') } }, ['main a']],
  ['apps.kruise.io', 'DaemonSet', 'daemonsets', { spec: { template: pod('a') } }, ['main a']],
  ['apps.kruise.io', 'BroadcastJob', 'broadcastjobs', { spec: { template: pod('a') } }, ['main a']],
  [
    'batch.volcano.sh',
    'Job',
    'jobs',
    { spec: { tasks: [{ name: 'master', template: pod('a') }, { template: pod('b') }] } },
    ['master/main a', 'tasks[1]/main b'],
  ],
  [
    'jobset.x-k8s.io',
    'JobSet',
    'jobsets',
    {
      spec: { replicatedJobs: [{ name: 'workers', template: { spec: { template: pod('a') } } }] },
    },
    ['main a'],
  ],
  [
    'leaderworkerset.x-k8s.io',
    'LeaderWorkerSet',
    'leaderworkersets',
    { spec: { leaderWorkerTemplate: { leaderTemplate: pod('a'), workerTemplate: pod('b') } } },
    ['leaderTemplate/main a', 'workerTemplate/main b'],
  ],
  ['keda.sh', 'ScaledJob', 'scaledjobs', { spec: { jobTargetRef: { template: pod('a') } } }, ['main a']],
  [
    'ray.io',
    'RayCluster',
    'rayclusters',
    {
      spec: {
        headGroupSpec: { template: pod('a') },
        workerGroupSpecs: [{ groupName: 'small', template: pod('b') }],
      },
    },
    ['headGroupSpec/main a', 'workerGroupSpecs[0]/main b'],
  ],
  [
    'ray.io',
    'RayJob',
    'rayjobs',
    {
      spec: {
        rayClusterSpec: { headGroupSpec: { template: pod('a') }, workerGroupSpecs: [{ template: pod('a') }] },
        submitterPodTemplate: pod('b'),
      },
    },
    ['headGroupSpec/main a', 'workerGroupSpecs[0]/main a', 'submitterPodTemplate/main b'],
  ],
  [
    'ray.io',
    'RayService',
    'rayservices',
    { spec: { rayClusterConfig: { headGroupSpec: { template: pod('a') } } } },
    ['main a'],
  ],
]

t.test('the images of every shipped kind', async t => {
  for (const [group, name, resource, object, images] of rows) {
    const kind = kindNamed(group, name)
    t.equal(kind.resource, resource)
    const found = imagesOf(kind, object).map(({ container, image }) => `${container} ${image}`)
    t.strictSame(found, images, `${group}/${name}`)
  }
  const covered = new Set(rows.map(([group, kind]) => `${group}/${kind}`))
  t.strictSame(
    customKinds(shippedKinds)
      .map(({ group, kind }) => `${group}/${kind}`)
      .filter(name => !covered.has(name)),
    [],
  )
})

const entry = (kind: string, podTemplate = 'spec.template', resource?: string): CustomKind => ({
  group: 'example.com',
  kind,
  podTemplate,
  ...(resource !== undefined && { resource }),
})

t.test('entries of a kind add up, and a plural is made of the kind', async t => {
  const kinds = customKinds([
    entry('Proxy'),
    entry('Mesh'),
    entry('Gateway'),
    entry('Chaos', 'spec.a', 'chaos'),
    entry('Chaos', 'spec.b[]'),
    entry('Broken', 'spec..a'),
  ])
  t.strictSame(
    kinds.map(({ resource, templates }) => [resource, templates]),
    [
      ['proxies', [['spec', 'template']]],
      ['meshes', [['spec', 'template']]],
      ['gateways', [['spec', 'template']]],
      [
        'chaos',
        [
          ['spec', 'a'],
          ['spec', 'b[]'],
        ],
      ],
    ],
  )
})

const task = (image: string, serviceAccountName: string, ...secrets: string[]) => ({
  template: {
    spec: {
      containers: [{ name: 'main', image }],
      serviceAccountName,
      imagePullSecrets: secrets.map(name => ({ name })),
    },
  },
})

const job = (...tasks: object[]) => ({ spec: { tasks, minAvailable: tasks.length } })

t.test('what several templates pull as, and whether one of them is new', async t => {
  const kind = kindNamed('batch.volcano.sh', 'Job')
  const two = job(task('a', 'one', 'x'), task('b', 'two', 'x', 'y'))
  t.strictSame(podAccessOf(kind, two), { serviceAccount: 'one', pullSecrets: ['x', 'y'] })
  t.strictSame(podAccessOf(kind, job()), { serviceAccount: 'default', pullSecrets: [] })
  t.equal(startsRollout(kind, two, { spec: { ...two.spec, minAvailable: 1 } }), false)
  t.equal(startsRollout(kind, two, job(task('a', 'one', 'x'), task('c', 'two', 'x', 'y'))), true)
  t.equal(startsRollout(kind, two, job(task('a', 'one', 'x'))), true)
})
