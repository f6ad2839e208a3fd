import t from 'tap'
import { customKinds, shippedKinds } from '../../src/workload/custom-kinds.ts'
import { createWorkloadKinds, workloadKindNamed } from '../../src/workload/workload-kind.ts'

const kinds = createWorkloadKinds(customKinds(shippedKinds))

t.test('which resources carry a workload', async t => {
  const rows: [resource: string, kind: string | undefined][] = [
    ['/pods', 'Pod'],
    ['/pods/ephemeralcontainers', 'Pod'],
    ['/pods/something-of-a-later-kubernetes', 'Pod'],
    ['/pods/binding', undefined],
    ['/pods/eviction', undefined],
    ['/pods/status', undefined],
    ['/pods/resize', undefined],
    ['/pods/exec', undefined],
    ['/pods/attach', undefined],
    ['/pods/portforward', undefined],
    ['/pods/log', undefined],
    ['/pods/proxy', undefined],
    ['/podtemplates', 'PodTemplate'],
    ['/replicationcontrollers', 'ReplicationController'],
    ['/replicationcontrollers/scale', undefined],
    ['apps/deployments', 'Deployment'],
    ['apps/deployments/scale', undefined],
    ['apps/deployments/status', undefined],
    ['apps/statefulsets', 'StatefulSet'],
    ['apps/daemonsets', 'DaemonSet'],
    ['apps/replicasets', 'ReplicaSet'],
    ['batch/jobs', 'Job'],
    ['batch/cronjobs', 'CronJob'],
    ['batch/pods', undefined],
    ['batch/pods/ephemeralcontainers', undefined],
    ['argoproj.io/rollouts', 'Rollout'],
    ['argoproj.io/rollouts/status', undefined],
    ['argoproj.io/rollouts/scale', undefined],
    ['serving.knative.dev/services', 'Service'],
    ['/services', undefined],
    ['batch.volcano.sh/jobs', 'Job'],
    ['example.com/deployments', undefined],
    ['/configmaps', undefined],
    ['/constructor', undefined],
    ['/', undefined],
  ]
  for (const [text, kind] of rows) {
    const [group = '', resource = '', subresource = ''] = text.split('/')
    t.equal(kinds.of({ group, resource, subresource })?.kind, kind, text)
  }
})

t.test('which owners are a workload', async t => {
  const rows: [apiVersion: string, kind: string, known: boolean][] = [
    ['v1', 'ReplicationController', true],
    ['apps/v1', 'ReplicaSet', true],
    ['apps/v1beta2', 'Deployment', true],
    ['batch/v1', 'Job', true],
    ['batch/v1', 'ReplicaSet', false],
    ['apps/v1', 'ReplicationController', false],
    ['argoproj.io/v1alpha1', 'Rollout', false],
    ['example.com/v1', 'ReplicaSet', false],
    ['v1', 'Node', false],
    ['', '', false],
    ['/', 'ReplicationController', true],
  ]
  for (const [apiVersion, kind, known] of rows)
    t.equal(workloadKindNamed(apiVersion, kind) !== undefined, known, `${apiVersion} ${kind}`)
})
