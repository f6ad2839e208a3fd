import t from 'tap'
import { scopeOf } from '../../../src/admission/review/review-scope.ts'
import type { AdmissionRequest } from '../../../src/admission/index.ts'
import { createWorkloadKinds } from '../../../src/workload/index.ts'
import { workloadNamed } from '../../workload/workloads.ts'
import {
  containers,
  controller,
  deployment,
  node,
  ownerReferences,
  person,
  requestOf,
} from '../situations.ts'

const digestOnly = `nginx@sha256:${'a'.repeat(64)}`
const pods = workloadNamed('pods')
const ephemeral = workloadNamed('pods/ephemeralcontainers')
const pod = (...images: string[]) => pods.object(containers(...images))
const mirror = pods.object(containers('nginx:1.25.1'), {
  annotations: { 'kubernetes.io/config.mirror': 'x' },
})
const owned = pods.object(containers('nginx:1.25.1'), { ownerReferences })
const rolledBack = (owner: string) =>
  workloadNamed('deployments').object(containers('nginx:1.25.1'), {
    annotations: { 'deprecated.deployment.rollback.to': '1' },
    ownerReferences: [{ apiVersion: owner, kind: 'Deployment', name: 'web', uid: 'u', controller: true }],
  })
const deploymentController = {
  ...controller,
  name: 'system:serviceaccount:kube-system:deployment-controller',
}
const operator = { name: 'system:serviceaccount:kafka:strimzi', groups: ['system:serviceaccounts'] }
const ofPodSet = pods.object(containers('nginx:1.25.1'), {
  ownerReferences: [
    { apiVersion: 'core.strimzi.io/v1beta2', kind: 'StrimziPodSet', name: 'a', uid: 'u', controller: true },
  ],
})

t.test('who is told, what may be refused, what may be annotated', async t => {
  const update = { operation: 'UPDATE', oldObject: deployment('nginx:1.25.1', 'busybox:1.36.0') }
  const podUpdate = { resource: pods.resource, operation: 'UPDATE', oldObject: pod('nginx:1.25.1') }
  const rows: [string, Partial<AdmissionRequest>, string][] = [
    ['a person creates', {}, 'web: warn refuse; annotate'],
    ['a controller creates', { user: controller }, 'web: refuse'],
    ['a named controller creates', { user: { name: 'flux', groups: [] } }, 'web: refuse'],
    [
      'a service account of another namespace creates',
      { user: { name: 'system:serviceaccount:kube-system-x:y', groups: [] } },
      'web: warn refuse; annotate',
    ],
    ['a person creates an owned pod', { resource: pods.resource, object: owned }, 'web: refuse'],
    [
      'a controller creates an owned pod',
      { resource: pods.resource, object: owned, user: controller },
      'web:',
    ],
    [
      'an operator makes a pod of a custom resource again',
      { resource: pods.resource, object: ofPodSet, user: operator },
      'web: warn spare; annotate; in haste',
    ],
    [
      'an operator that the configuration names does',
      { resource: pods.resource, object: ofPodSet, user: { name: 'flux', groups: [] } },
      'web: spare; in haste',
    ],
    [
      'a person says so of a pod',
      { resource: pods.resource, object: ofPodSet, user: person },
      'web: warn refuse; annotate',
    ],
    [
      'an operator brings another image into its pod',
      {
        resource: pods.resource,
        operation: 'UPDATE',
        object: ofPodSet,
        oldObject: pod('nginx:1.25.5'),
        user: operator,
      },
      'web: warn refuse; annotate',
    ],
    [
      'the deployment controller rolls back an object that claims an owner',
      {
        operation: 'UPDATE',
        object: rolledBack('apps/v1'),
        oldObject: deployment('nginx:1.25.5'),
        user: deploymentController,
      },
      'web: refuse',
    ],
    [
      'the one controller manager does',
      {
        operation: 'UPDATE',
        object: rolledBack('apps/v1'),
        oldObject: deployment('nginx:1.25.5'),
        user: { name: 'system:kube-controller-manager', groups: [] },
      },
      'web: refuse',
    ],
    [
      'a controller creates what its kind does not make',
      { object: rolledBack('apps/v1'), user: deploymentController },
      'web: spare; in haste',
    ],
    [
      'a subresource of a later Kubernetes creates no child',
      { resource: { ...pods.resource, subresource: 'later' }, object: ofPodSet, user: operator },
      'web: warn refuse',
    ],
    ['a node mirrors a pod', { resource: pods.resource, object: mirror, user: node }, 'web: warn'],
    [
      'a person says that it is a mirror',
      { resource: pods.resource, object: mirror, user: person },
      'web: warn refuse; annotate',
    ],
    [
      'a node creates a pod',
      { resource: pods.resource, user: node, object: pod('a') },
      'web: warn refuse; annotate',
    ],
    [
      'a mirror annotation on a workload',
      {
        user: node,
        object: workloadNamed('deployments').object(containers('a'), {
          annotations: { 'kubernetes.io/config.mirror': 'x' },
        }),
      },
      'web: warn refuse; annotate',
    ],
    ['nothing of the template changes', { ...update, object: update.oldObject }, 'web:, web2:; annotate'],
    [
      'one image of two is new',
      { ...update, object: deployment('nginx:1.25.1', 'busybox:1.36.1') },
      'web: warn, web2: warn refuse; annotate',
    ],
    [
      'images change places',
      { ...update, object: deployment('busybox:1.36.0', 'nginx:1.25.1') },
      'web: warn, web2: warn; annotate',
    ],
    [
      'the same images in other words',
      {
        ...update,
        object: deployment('docker.io/library/nginx:1.25.1', 'index.docker.io/library/busybox:1.36.0'),
      },
      'web: warn, web2: warn; annotate',
    ],
    [
      'a digest is added',
      { ...update, object: deployment(`nginx:1.25.1@sha256:${'a'.repeat(64)}`) },
      'web: warn refuse; annotate',
    ],
    [
      'a digest stays',
      { ...update, oldObject: deployment(digestOnly), object: deployment(`docker.io/library/${digestOnly}`) },
      'web: warn; annotate',
    ],
    [
      'latest in other words',
      { ...update, oldObject: deployment('nginx'), object: deployment('nginx:latest') },
      'web: warn; annotate',
    ],
    [
      'unreadable images go by their text',
      { ...update, oldObject: deployment('nginx:a b', 'NGINX'), object: deployment('nginx:a b', 'Nginx') },
      'web: warn, web2: warn refuse; annotate',
    ],
    [
      'no text passes for an identity',
      { ...update, oldObject: deployment('nginx'), object: deployment('docker.io/library/nginx:latest@') },
      'web: warn refuse; annotate',
    ],
    [
      'there was no template before',
      { ...update, oldObject: { spec: { template: null } } },
      'web: warn refuse; annotate',
    ],
    [
      'a creation has nothing before',
      { oldObject: deployment('nginx:1.25.1') },
      'web: warn refuse; annotate',
    ],
    [
      'a pod keeps one image and gets another',
      { ...podUpdate, object: pod('nginx:1.25.1', 'busybox:1.36.0') },
      'web:, web2: warn refuse; annotate',
    ],
    [
      'an ephemeral container comes to a pod',
      {
        ...podUpdate,
        resource: ephemeral.resource,
        object: pods.object({
          ...containers('nginx:1.25.1'),
          ephemeralContainers: [{ name: 'debug', image: 'busybox' }],
        }),
      },
      'web:, debug: warn refuse',
    ],
    [
      'a subresource of a later Kubernetes',
      {
        resource: { ...pods.resource, subresource: 'later' },
        operation: 'CREATE',
        object: pod('nginx:1.25.1'),
      },
      'web: warn refuse',
    ],
    [
      'an object that is being deleted',
      {
        object: workloadNamed('deployments').object(containers('a'), {
          deletionTimestamp: '2026-11-21T00:00:00Z',
        }),
      },
      'web: warn refuse; annotate',
    ],
    [
      'a name to be generated, in no namespace',
      {
        name: '',
        namespace: '',
        object: workloadNamed('deployments').object(containers('a'), { generateName: 'web-' }),
      },
      'web: warn refuse; annotate',
    ],
    ['no template', { object: { metadata: {}, spec: { template: null } } }, '; annotate'],
    ['no object', { object: null }, '; annotate'],
    ['a deletion', { operation: 'DELETE' }, 'nothing'],
    ['a connection', { operation: 'CONNECT' }, 'nothing'],
    ['an operation of a later Kubernetes', { operation: 'MOVE' }, 'nothing'],
    [
      'a resource without images',
      { resource: { group: '', resource: 'configmaps', subresource: '' } },
      'nothing',
    ],
    ['a scale', { resource: { group: 'apps', resource: 'deployments', subresource: 'scale' } }, 'nothing'],
  ]
  for (const [name, differences, expected] of rows) t.equal(shown(requestOf(differences)), expected, name)
})

function shown(request: AdmissionRequest): string {
  const scope = scopeOf(request, createWorkloadKinds([]), ['flux'])
  if (scope === undefined) return 'nothing'
  const images = scope.images.map(({ container, warnable, refusable, spared }) =>
    [
      `${container}:`,
      ...(warnable ? ['warn'] : []),
      ...(refusable ? ['refuse'] : []),
      ...(spared ? ['spare'] : []),
    ].join(' '),
  )
  return images.join(', ') + (scope.annotatable ? '; annotate' : '') + (scope.hasty ? '; in haste' : '')
}
