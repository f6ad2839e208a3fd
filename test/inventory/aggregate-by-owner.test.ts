import * as fc from 'fast-check'
import t from 'tap'
import {
  createInterner,
  aggregateByOwner,
  recordOf,
  type ObjectRecord,
  type RunningImage,
} from '../../src/inventory/index.ts'
import { workloadKinds } from '../../src/workload/index.ts'

interface Owner {
  readonly kind: string
  readonly name: string
  readonly apiVersion?: string
}

interface Given {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
  readonly owner?: Owner
  readonly images?: Readonly<Record<string, string>>
  readonly initImages?: Readonly<Record<string, string>>
  readonly running?: Readonly<Record<string, string>>
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>>
}

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`

function containers(images: Readonly<Record<string, string>> = {}): readonly object[] {
  return Object.entries(images).map(([name, image]) => ({ name, image }))
}

const groupOf = (kind: string): string => workloadKinds.find(known => known.kind === kind)?.group ?? ''

function versionOf(kind: string): string {
  const group = groupOf(kind)
  return group === '' ? 'v1' : `${group}/v1`
}

function podSpecOf({ images, initImages }: Given): object {
  return { containers: containers(images), initContainers: containers(initImages) }
}

function templateOf(kind: string): readonly string[] {
  return workloadKinds.find(known => known.kind === kind)?.templates?.[0] ?? []
}

function objectOf(given: Given): unknown {
  const { kind, name, namespace = 'shop', owner, running = {}, spec = {} } = given
  const inner = [...templateOf(kind), 'spec']
    .slice(1)
    .reduceRight<unknown>((value, key) => ({ [key]: value }), podSpecOf(given))
  const statuses = Object.entries(running).map(([container, imageID]) => ({ name: container, imageID }))
  return {
    metadata: {
      name,
      namespace,
      uid: `${kind}-${name}`,
      ...(owner !== undefined && {
        ownerReferences: [
          {
            apiVersion: owner.apiVersion ?? versionOf(owner.kind),
            kind: owner.kind,
            name: owner.name,
            uid: `${owner.kind}-${owner.name}`,
            controller: true,
          },
        ],
      }),
      ...given.metadata,
    },
    spec: { ...(typeof inner === 'object' && inner !== null ? inner : {}), ...spec },
    status: { containerStatuses: statuses, ...given.status },
  }
}

function joined(objects: readonly Given[]): readonly string[] {
  return imagesOf(objects).map(
    ({ workload, container, image, pods, digests }) =>
      `${workload.kind} ${workload.namespace}/${workload.name} ${container}=${image} x${pods}${digests.map(one => ` ${one.slice(7, 8)}`).join('')}`,
  )
}

function imagesOf(objects: readonly Given[]): readonly RunningImage[] {
  const records = new Map<string, ObjectRecord>()
  for (const given of objects) {
    const kind = workloadKinds.find(known => known.kind === given.kind)
    const record = kind === undefined ? undefined : recordOf(kind, objectOf(given))
    if (record !== undefined) records.set(record.uid, record)
  }
  return aggregateByOwner(records)
}

const web: Given = { kind: 'Deployment', name: 'web', images: { web: 'nginx:1' } }
const set = (name: string, image: string, replicas = 1): Given => ({
  kind: 'ReplicaSet',
  name,
  owner: { kind: 'Deployment', name: 'web' },
  images: { web: image },
  spec: { replicas },
})
function pod(
  name: string,
  owner: Owner | undefined,
  given: string | (Partial<Given> & { readonly image: string }),
): Given {
  const { image, ...rest } = typeof given === 'string' ? { image: given } : given
  return { kind: 'Pod', name, ...(owner !== undefined && { owner }), images: { web: image }, ...rest }
}

t.test('template and older pods are told apart, and what was injected is not older', t => {
  const objects = [
    { ...web, images: { web: 'nginx:2' } },
    set('web-1', 'nginx:1'),
    pod('old', { kind: 'ReplicaSet', name: 'web-1' }, { image: 'nginx:1', initImages: { web: 'init:1' } }),
    pod(
      'meshed',
      { kind: 'ReplicaSet', name: 'web-1' },
      { image: 'nginx:2', images: { web: 'nginx:2', proxy: 'istio:1' } },
    ),
    pod('bare', undefined, 'box:1'),
  ]
  t.strictSame(
    imagesOf(objects).map(({ image, origin }) => [image, origin]),
    [
      ['istio:1', 'pod'],
      ['nginx:2', 'template'],
      ['nginx:1', 'older-pod'],
      ['init:1', 'pod'],
      ['box:1', 'pod'],
    ],
  )
  t.end()
})

const rows: Readonly<Record<string, readonly [readonly Given[], readonly string[]]>> = {
  'a deployment with a hundred pods is one entry': [
    [
      web,
      set('web-1', 'nginx:1'),
      ...Array.from({ length: 100 }, (_, at) =>
        pod(
          `web-1-${at}`,
          { kind: 'ReplicaSet', name: 'web-1' },
          { image: 'nginx:1', running: { web: `docker.io/library/nginx@${digest('a')}` } },
        ),
      ),
    ],
    ['Deployment shop/web web=nginx:1 x100 a'],
  ],
  'while a rollout goes on, what old pods run is an entry': [
    [
      { ...web, images: { web: 'nginx:2' } },
      set('web-1', 'nginx:1'),
      set('web-2', 'nginx:2'),
      pod('old', { kind: 'ReplicaSet', name: 'web-1' }, 'nginx:1'),
      pod('new', { kind: 'ReplicaSet', name: 'web-2' }, 'nginx:2'),
    ],
    ['Deployment shop/web web=nginx:2 x1', 'Deployment shop/web web=nginx:1 x1'],
  ],
  'old replica sets and a deployment without pods': [
    [web, set('web-1', 'nginx:0', 0), set('web-2', 'nginx:1', 0)],
    ['Deployment shop/web web=nginx:1 x0'],
  ],
  'a cron job, its job and its pod': [
    [
      { kind: 'CronJob', name: 'nightly', images: { web: 'job:1' } },
      {
        kind: 'Job',
        name: 'nightly-1',
        owner: { kind: 'CronJob', name: 'nightly' },
        images: { web: 'job:1' },
      },
      pod('nightly-1-x', { kind: 'Job', name: 'nightly-1' }, 'job:1'),
    ],
    ['CronJob shop/nightly web=job:1 x1'],
  ],
  'a job that has ended runs nothing, nor do its pods': [
    [
      {
        kind: 'Job',
        name: 'done',
        images: { web: 'job:1' },
        status: { conditions: [{ type: 'Complete', status: 'True' }] },
      },
      pod('done-x', { kind: 'Job', name: 'done' }, { image: 'job:1', status: { phase: 'Succeeded' } }),
      { kind: 'Job', name: 'going', images: { web: 'job:1' } },
    ],
    ['Job shop/going web=job:1 x0'],
  ],
  'an owner of a kind that Kubernetes does not know is the top, by its reference': [
    [
      {
        kind: 'ReplicaSet',
        name: 'roll-1',
        owner: { kind: 'Rollout', name: 'roll', apiVersion: 'argoproj.io/v1alpha1' },
        images: { web: 'nginx:1' },
        spec: { replicas: 2 },
      },
      pod('roll-1-x', { kind: 'ReplicaSet', name: 'roll-1' }, 'nginx:1'),
    ],
    ['Rollout shop/roll web=nginx:1 x1'],
  ],
  'a replication controller of a deployment config that a rollout left behind, and sets that a person scaled to none':
    [
      [
        {
          kind: 'ReplicationController',
          name: 'config-1',
          owner: { kind: 'DeploymentConfig', name: 'config', apiVersion: 'apps.openshift.io/v1' },
          images: { web: 'nginx:1' },
          spec: { replicas: 0 },
        },
        { kind: 'ReplicaSet', name: 'own', images: { web: 'nginx:1' }, spec: { replicas: 0 } },
      ],
      ['ReplicaSet shop/own web=nginx:1 x0'],
    ],
  'what is being deleted, and what it leaves for a moment': [
    [
      { ...web, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } },
      set('web-1', 'nginx:1'),
      pod('web-1-a', { kind: 'ReplicaSet', name: 'web-1' }, 'nginx:1'),
      pod(
        'going',
        { kind: 'ReplicaSet', name: 'gone' },
        { image: 'nginx:1', metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } },
      ),
    ],
    [],
  ],
  'an owner of another namespace is a lie': [
    [
      web,
      pod('x', { kind: 'Deployment', name: 'web' }, { image: 'evil:1', namespace: 'elsewhere' }),
      pod(
        'y',
        { kind: 'Rollout', name: 'roll', apiVersion: 'argoproj.io/v1alpha1' },
        { image: 'nginx:1', namespace: 'elsewhere' },
      ),
      pod('z', { kind: 'Rollout', name: 'roll', apiVersion: 'argoproj.io/v1alpha1' }, 'nginx:1'),
    ],
    [
      'Pod elsewhere/x web=evil:1 x1',
      'Rollout elsewhere/roll web=nginx:1 x1',
      'Deployment shop/web web=nginx:1 x0',
      'Rollout shop/roll web=nginx:1 x1',
    ],
  ],
  'an image volume of a container’s name has none of its digests': [
    [
      pod('a', undefined, {
        image: 'nginx:1',
        running: { web: `docker.io/library/nginx@${digest('a')}` },
        spec: {
          containers: [{ name: 'web', image: 'nginx:1' }],
          volumes: [{ name: 'web', image: { reference: 'data:1' } }],
        },
      }),
    ],
    ['Pod shop/a web=nginx:1 x1 a', 'Pod shop/a web=data:1 x1'],
  ],
  'several images of old pods come after the template’s, in order': [
    [
      { ...web, images: { web: 'nginx:5' } },
      set('web-1', 'nginx:1'),
      ...['nginx:9', 'nginx:1', 'nginx:5', 'nginx:2'].map((image, at) =>
        pod(`p${at}`, { kind: 'ReplicaSet', name: 'web-1' }, image),
      ),
    ],
    [
      'Deployment shop/web web=nginx:5 x1',
      'Deployment shop/web web=nginx:1 x1',
      'Deployment shop/web web=nginx:2 x1',
      'Deployment shop/web web=nginx:9 x1',
    ],
  ],
  'an owner that is gone': [
    [pod('orphan', { kind: 'ReplicaSet', name: 'deleted' }, 'nginx:1')],
    ['Pod shop/orphan web=nginx:1 x1'],
  ],
  'static pods and pods without an owner': [
    [
      pod('bare', undefined, 'nginx:1'),
      pod(
        'kube-proxy-node1',
        { kind: 'Node', name: 'node1', apiVersion: 'v1' },
        { image: 'proxy:1', metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } },
      ),
    ],
    ['Pod shop/bare web=nginx:1 x1', 'Pod shop/kube-proxy-node1 web=proxy:1 x1'],
  ],
  'owners in a circle': [
    [
      { kind: 'ReplicaSet', name: 'a', owner: { kind: 'ReplicaSet', name: 'b' }, images: { web: 'nginx:1' } },
      { kind: 'ReplicaSet', name: 'b', owner: { kind: 'ReplicaSet', name: 'a' }, images: { web: 'nginx:1' } },
      pod('x', { kind: 'ReplicaSet', name: 'a' }, 'nginx:1'),
    ],
    ['Pod shop/x web=nginx:1 x1', 'ReplicaSet shop/a web=nginx:1 x0', 'ReplicaSet shop/b web=nginx:1 x0'],
  ],
  'init containers, and two images of one name in two namespaces': [
    [
      { ...web, initImages: { setup: 'busybox:1' } },
      { ...web, namespace: 'other', name: 'web2' },
    ],
    [
      'Deployment other/web2 web=nginx:1 x0',
      'Deployment shop/web setup=busybox:1 x0',
      'Deployment shop/web web=nginx:1 x0',
    ],
  ],
  'digests of another kind say nothing': [
    [
      pod('a', undefined, { image: 'nginx:1', running: { web: digest('a') } }),
      pod('b', undefined, { image: 'nginx:1', running: { web: `docker-pullable://nginx@${digest('b')}` } }),
    ],
    ['Pod shop/a web=nginx:1 x1', 'Pod shop/b web=nginx:1 x1 b'],
  ],
}

for (const [what, [objects, expected]] of Object.entries(rows))
  t.test(what, async t => {
    t.same(joined(objects), expected)
    t.same(joined(objects.toReversed()), expected, 'whatever the order in which they came')
  })

t.test('the release of a chart, our annotations and what is pulled as', async t => {
  const kind = workloadKinds.find(known => known.kind === 'Deployment')
  const record =
    kind &&
    recordOf(
      kind,
      objectOf({
        ...web,
        metadata: {
          annotations: {
            'meta.helm.sh/release-name': 'shop',
            'meta.helm.sh/release-namespace': 'shop',
            'patchline.dev/strategy': 'minor',
            'patchline.dev/images': '{}',
            'patchline.dev/status': 'outdated',
            other: 'x',
          },
          labels: { 'helm.sh/chart': 'web-1.2.3' },
        },
      }),
    )
  t.match(record?.contents, {
    manager: { by: 'helm', name: 'shop', namespace: 'shop', chart: 'web-1.2.3' },
    annotations: { 'patchline.dev/strategy': 'minor' },
    access: { serviceAccount: 'default', pullSecrets: [] },
  })
  t.same(Object.keys(record?.contents?.annotations ?? {}), ['patchline.dev/strategy'])
  t.equal(record?.contents?.annotated, 'differing', 'what a review wrote is not about its image')
})

const reviewed = (image: string) => ({
  annotations: {
    'patchline.dev/status': 'current',
    'patchline.dev/images': JSON.stringify({ web: { image } }),
  },
})

t.test('what reviews wrote is said of the workload that it stands on', async t => {
  const deployment: Given = { kind: 'Deployment', name: 'web', images: { web: 'nginx:1.25.2' } }
  const rollout: Owner = { kind: 'Rollout', name: 'new', apiVersion: 'argoproj.io/v1alpha1' }
  const rows: [string, readonly Given[], RunningImage['annotated']][] = [
    ['none', [deployment], 'none'],
    ['its image', [{ ...deployment, metadata: reviewed('nginx:1.25.2') }], 'matching'],
    ['another one', [{ ...deployment, metadata: reviewed('nginx:1.25.1') }], 'differing'],
    [
      'a copy on what an owner of a custom kind made',
      [{ kind: 'Pod', name: 'p', owner: rollout, images: { web: 'x:2' }, metadata: reviewed('x:1') }],
      'none',
    ],
  ]
  for (const [what, objects, expected] of rows)
    t.strictSame(
      imagesOf(objects).map(({ annotated }) => annotated),
      [expected],
      what,
    )
})

t.test('of a kind that could not be listed the reference is what is known', async t => {
  const records = new Map<string, ObjectRecord>()
  const kind = workloadKinds.find(one => one.kind === 'ReplicaSet')
  const record = kind && recordOf(kind, objectOf(set('web-1', 'nginx:1')))
  if (record !== undefined) records.set(record.uid, record)
  const top = (isListed?: () => boolean) =>
    aggregateByOwner(records, isListed).map(({ workload }) => `${workload.kind} ${workload.name}`)
  t.same(top(), ['ReplicaSet web-1'])
  t.same(
    top(() => false),
    ['Deployment web'],
  )
})

t.test('equal parts of records are one, also when a reference claims the uid of another', async t => {
  const interner = createInterner(3)
  const kind = workloadKinds.find(one => one.kind === 'Pod')
  const read = (given: Given) => kind && recordOf(kind, objectOf(given), { interner, version: 'v1' })
  const running = { web: `nginx@${digest('a')}` }
  const [one, other, liar] = [
    read(pod('a', { kind: 'ReplicaSet', name: 'web-1' }, { image: 'nginx:1', running })),
    read(pod('b', { kind: 'ReplicaSet', name: 'web-1' }, { image: 'nginx:1', running })),
    read(pod('c', { kind: 'ReplicaSet', name: 'web-1' }, { image: 'nginx:1', namespace: 'elsewhere' })),
  ]
  for (const part of ['contents', 'controller'] as const)
    t.ok(one !== undefined && one[part] === other?.[part], part)
  t.equal(liar?.controller?.namespace, 'elsewhere')
  for (const name of ['d', 'e', 'f', 'g']) read(pod(name, undefined, `nginx:${name}`))
  const again = read(pod('h', undefined, { image: 'nginx:1', running }))?.contents
  t.not(again, one?.contents)
  t.same(again, one?.contents, 'forgotten, and equal')
})

t.test('objects of any shape neither throw nor disturb the others', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...workloadKinds), fc.anything()), { maxLength: 10 }),
      odd => {
        const records = new Map<string, ObjectRecord>()
        for (const [kind, value] of odd) {
          const object = {
            metadata: { name: 'x', uid: JSON.stringify(kind), ownerReferences: value },
            spec: value,
            status: value,
          }
          for (const one of [value, object]) {
            const record = recordOf(kind, one)
            if (record !== undefined) records.set(record.uid, record)
          }
        }
        aggregateByOwner(records)
      },
    ),
  )
})
