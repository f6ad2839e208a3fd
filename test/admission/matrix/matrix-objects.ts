import { controller, node, person } from '../situations.ts'
import { workloads, type Workload } from '../../workload/workloads.ts'
import type { ModelImage, ModelRequest } from './reference-model.ts'

/** An image text and what is known of it. */
export type KnownImage = Omit<ModelImage, 'place'>

const digest = `sha256:${'a'.repeat(64)}`
const nginx = (text: string, identity: string, behind: number): KnownImage => ({
  text,
  identity,
  repository: 'nginx',
  behind,
  isOfEvenLine: false,
  isOdd: false,
})

/** Every image of the matrix, by what it is beside `nginx:1.25.1`. */
export const images = {
  old: nginx('nginx:1.25.1', 'nginx:1.25.1', 4),
  newer: nginx('nginx:1.25.2', 'nginx:1.25.2', 3),
  newest: nginx('nginx:1.25.5', 'nginx:1.25.5', 0),
  respelled: nginx('Index.Docker.io/library/nginx:1.25.1', 'nginx:1.25.1', 4),
  ported: nginx('docker.io:0443/library/nginx:1.25.1', 'nginx:1.25.1', 4),
  pinned: nginx(`nginx:1.25.1@${digest}`, 'nginx:1.25.1 pinned', 4),
  digestOnly: nginx(`nginx@${digest}`, 'nginx pinned', 0),
  floating: { ...nginx('nginx', 'nginx:latest', 0), isOdd: true },
  elsewhere: { ...nginx('ghcr.io/org/side:v1.2.3', 'side', 1), repository: 'side', isOfEvenLine: true },
  unlisted: { ...nginx('registry.example/app:1.0.0', 'app', 0), repository: 'app' },
  unparsable: { ...nginx('NGINX::1', 'none', 0), repository: 'none', isOdd: true },
  empty: nginx('', '', 0),
  blank: nginx(' ', '', 0),
} as const satisfies Record<string, KnownImage>

export type ImageName = keyof typeof images

/** What the other container of each object has, before and after. */
export const bystanders = {
  current: { ...nginx('busybox:1.36.1', 'busybox:1.36.1', 0), repository: 'busybox', isOfEvenLine: true },
  outdated: { ...nginx('busybox:1.36.0', 'busybox:1.36.0', 1), repository: 'busybox', isOfEvenLine: true },
} as const

/** The resources with images: every built-in one, and two custom kinds. */
export const resources: readonly Workload[] = [
  ...workloads,
  customKind('argoproj.io', 'Rollout', template => ({ spec: { template } })),
  customKind('core.strimzi.io', 'StrimziPodSet', template => ({ spec: { pods: [template] } })),
]

function customKind(group: string, kind: string, body: (template: object) => object): Workload {
  const resource = { group, resource: `${kind.toLowerCase()}s`, subresource: '' }
  return {
    name: resource.resource,
    resource,
    kind: { group, kind, resource: resource.resource, templates: [] },
    object: (spec, metadata = { name: 'web' }) => ({
      metadata,
      ...body({ metadata: { name: 'web' }, spec }),
    }),
  }
}

/** Where an image stands. */
export const fields = ['containers', 'initContainers', 'ephemeralContainers', 'volumes'] as const
export type Field = (typeof fields)[number]

/** Who can be behind a request; `shared` is the one account of all controllers. */
export const users = {
  person,
  node,
  configured: { name: 'cloud-controller', groups: ['system:authenticated'] },
  account: { name: 'system:serviceaccount:shop:operator', groups: ['system:serviceaccounts'] },
  'kube-system': { name: 'system:serviceaccount:kube-system:namespace-controller', groups: [] },
  'rule 1': controller,
} as const

const apps = (kind: string) => ({ apiVersion: 'apps/v1', kind })

/** A kind of owner, and the account of the controller that makes its children. */
export interface Pair {
  readonly owner: { readonly apiVersion: string; readonly kind: string }
  readonly account: string
}

// "What a controller may do", rule 1.
const pairs: Readonly<Record<string, readonly Pair[]>> = {
  Pod: [
    { owner: apps('ReplicaSet'), account: 'replicaset-controller' },
    { owner: apps('StatefulSet'), account: 'statefulset-controller' },
    { owner: apps('DaemonSet'), account: 'daemon-set-controller' },
    { owner: { apiVersion: 'batch/v1', kind: 'Job' }, account: 'job-controller' },
    { owner: { apiVersion: 'v1', kind: 'ReplicationController' }, account: 'replication-controller' },
  ],
  ReplicaSet: [{ owner: apps('Deployment'), account: 'deployment-controller' }],
  Job: [{ owner: { apiVersion: 'batch/v1', kind: 'CronJob' }, account: 'cronjob-controller' }],
}

/** The pairs of rule 1 for a kind of object; none where no built-in controller makes it. */
export function pairsOf({ kind }: Workload): readonly Pair[] {
  return kind.group === 'argoproj.io' ? [] : (pairs[kind.kind] ?? [])
}

/** The owner references of an object. */
export function ownersOf(owner: ModelRequest['owner'], pair: Pair | undefined): readonly object[] {
  const reference = { name: 'owner', uid: 'o', controller: true }
  switch (owner) {
    case 'none':
      return []
    case 'not a controller':
      return [{ ...reference, ...apps('ReplicaSet'), controller: false }]
    case 'custom':
      return [{ ...reference, apiVersion: 'example.com/v1', kind: 'Database' }]
    case 'foreign':
      return [{ ...reference, apiVersion: 'v1', kind: 'PodTemplate' }]
    case 'own':
      return [{ ...reference, ...pair?.owner }]
  }
}
