import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { exceptionDefinition, policyDefinition } from '../scripts/crd-definitions.ts'
import { at as within, itemsOf } from '../src/json/index.ts'
import { mostChunks } from '../src/kubernetes/state/state-chunks.ts'
import { workloadKinds } from '../src/workload/index.ts'

const folder = join(import.meta.dirname, '..', 'manifests')
const namespace = 'patchline-system'
const name = 'patchline-audit'

const read = (file: string): unknown[] =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map(document => document.toJS())
const at = (value: unknown, ...path: readonly string[]): unknown => within(value, path)

const files = readdirSync(folder)
  .filter(file => file.includes('audit') && file.endsWith('.yaml'))
  .toSorted()
const manifests = files.flatMap(read)
const only = (kind: string): unknown => {
  const found = manifests.filter(body => at(body, 'kind') === kind)
  if (found.length !== 1) throw new Error(`${found.length} of kind ${kind}`)
  return found[0]
}
const [webhookDeployment] = read('deployment.yaml')

t.test('these are the objects', t => {
  t.strictSame(
    manifests.map(body => `${String(at(body, 'apiVersion'))} ${String(at(body, 'kind'))}`),
    [
      'apps/v1 Deployment',
      'v1 Service',
      'v1 ServiceAccount',
      'rbac.authorization.k8s.io/v1 ClusterRole',
      'rbac.authorization.k8s.io/v1 ClusterRoleBinding',
      'rbac.authorization.k8s.io/v1 Role',
      'rbac.authorization.k8s.io/v1 RoleBinding',
    ],
  )
  for (const body of manifests) {
    const kind = String(at(body, 'kind'))
    t.equal(at(body, 'metadata', 'name'), name, kind)
    t.equal(at(body, 'metadata', 'namespace'), kind.startsWith('Cluster') ? undefined : namespace, kind)
    t.match(at(body, 'metadata', 'labels'), {
      'app.kubernetes.io/name': 'patchline',
      'app.kubernetes.io/component': 'audit',
    })
  }
  t.end()
})

t.test('the right to correct annotations is a component, and of patches alone', t => {
  const [role, binding] = read('correct-annotations/rbac.yaml')
  const component: unknown = parse(
    readFileSync(join(folder, 'correct-annotations/kustomization.yaml'), 'utf8'),
  )
  t.match(component, { kind: 'Component', resources: ['rbac.yaml'] })
  const rules = itemsOf(at(role, 'rules'))
  t.strictSame(
    rules.map(rule => at(rule, 'verbs')),
    rules.map(() => ['patch']),
  )
  t.strictSame(
    rules
      .flatMap(rule =>
        itemsOf(at(rule, 'resources')).map(
          resource => `${String(itemsOf(at(rule, 'apiGroups')))}/${String(resource)}`,
        ),
      )
      .toSorted(),
    workloadKinds.map(({ group, resource }) => `${group}/${resource}`).toSorted(),
  )
  t.match(binding, {
    roleRef: { kind: 'ClusterRole', name: at(role, 'metadata', 'name') },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  })
  t.end()
})

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

function rulesOf(kind: 'Role' | 'ClusterRole'): Rule[] {
  return itemsOf(at(only(kind), 'rules')).map(rule => {
    const texts = (key: string): string[] => itemsOf(at(rule, key)).map(String)
    const named = at(rule, 'resourceNames') !== undefined && { resourceNames: texts('resourceNames') }
    return {
      apiGroups: texts('apiGroups'),
      resources: texts('resources'),
      verbs: texts('verbs'),
      ...named,
    }
  })
}

const rightsIn = (kind: 'Role' | 'ClusterRole'): string[] =>
  rulesOf(kind).flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap(group =>
      resources.flatMap(resource => verbs.map(verb => `${verb} ${resource}.${group}`)),
    ),
  )

t.test('in the cluster it lists what names images, and writes reports, statuses and Events only', t => {
  const policies = [policyDefinition, exceptionDefinition].map(({ spec: { group, names } }) => ({
    group,
    resource: names.plural,
  }))
  const watched = [...workloadKinds, { group: '', resource: 'namespaces' }, ...policies].flatMap(
    ({ group, resource }) => [`list ${resource}.${group}`, `watch ${resource}.${group}`],
  )
  const reports = ['policyreports.wgpolicyk8s.io', 'reports.openreports.io'].flatMap(resource =>
    ['list', 'create', 'patch', 'delete'].map(verb => `${verb} ${resource}`),
  )
  t.strictSame(
    rightsIn('ClusterRole').toSorted(),
    [
      ...watched,
      ...reports,
      ...policies.map(({ group, resource }) => `patch ${resource}/status.${group}`),
      'create tokenreviews.authentication.k8s.io',
      'create subjectaccessreviews.authorization.k8s.io',
      'create events.events.k8s.io',
      'patch events.events.k8s.io',
    ].toSorted(),
  )
  t.end()
})

t.test('in its own namespace it keeps a lease and its state, by name', t => {
  const parts = Array.from({ length: mostChunks }, (_, index) => index)
  const copies = ['state-a', 'state-b', 'ages-a', 'ages-b']
  const states = copies.flatMap(copy => parts.map(index => `patchline-${copy}-${index}`))
  t.strictSame(rulesOf('Role'), [
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
    {
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      verbs: ['get', 'patch'],
      resourceNames: [name],
    },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['create'] },
    {
      apiGroups: [''],
      resources: ['configmaps'],
      verbs: ['get', 'update', 'delete'],
      resourceNames: states,
    },
  ])
  t.end()
})

t.test('no wildcard, no secrets; only its own account is bound', t => {
  const words = [...rulesOf('Role'), ...rulesOf('ClusterRole')].flatMap(({ apiGroups, resources, verbs }) => [
    ...apiGroups,
    ...resources,
    ...verbs,
  ])
  t.notOk(words.includes('*'))
  t.notOk(words.includes('secrets'))
  for (const kind of ['Role', 'ClusterRole']) {
    const binding = only(`${kind}Binding`)
    t.match(at(binding, 'roleRef'), { kind, name })
    t.strictSame(at(binding, 'subjects'), [{ kind: 'ServiceAccount', name, namespace }])
  }
  t.equal(at(only('ServiceAccount'), 'automountServiceAccountToken'), false)
  t.end()
})

t.test('the pod is secured as the webhook’s is', t => {
  const spec = (deployment: unknown): unknown => at(deployment, 'spec', 'template', 'spec')
  const pod = spec(only('Deployment'))
  const webhookPod = spec(webhookDeployment)
  const [container] = itemsOf(at(pod, 'containers'))
  const [webhook] = itemsOf(at(webhookPod, 'containers'))
  t.equal(itemsOf(at(pod, 'containers')).length, 1)
  t.strictSame(at(pod, 'securityContext'), at(webhookPod, 'securityContext'))
  t.strictSame(at(container, 'securityContext'), at(webhook, 'securityContext'))
  t.equal(at(container, 'image'), at(webhook, 'image'))
  t.equal(at(pod, 'serviceAccountName'), name)
  t.equal(at(pod, 'automountServiceAccountToken'), true)
  t.equal(at(only('Deployment'), 'spec', 'replicas'), 1)
  t.strictSame(at(container, 'args'), ['audit', '--config', '/etc/patchline/config/patchline.yaml'])
  t.strictSame(
    itemsOf(at(container, 'env')).map(one => at(one, 'name')),
    ['POD_NAMESPACE', 'NODE_OPTIONS'],
  )
  const mounts = new Map(
    itemsOf(at(container, 'volumeMounts')).map(one => [at(one, 'name'), at(one, 'mountPath')]),
  )
  t.strictSame(
    itemsOf(at(pod, 'volumes')).map(volume => at(volume, 'name')),
    [...mounts.keys()],
  )
  const config: unknown = parse(String(at(read('configmap.yaml')[0], 'data', 'patchline.yaml')))
  t.equal(mounts.get('catalog'), at(config, 'catalog', 'directory'), 'the one place that can be written to')
  t.ok(at(container, 'resources', 'limits', 'memory'))
  t.notOk(at(container, 'resources', 'limits', 'cpu'))
  for (const [probe, path] of [
    ['livenessProbe', '/healthz'],
    ['readinessProbe', '/readyz'],
  ] as const)
    t.strictSame(at(container, probe, 'httpGet'), { path, port: 'operations' })
  t.end()
})

t.test('every selector finds the audit’s pods, and none the webhook’s', t => {
  const labels = at(only('Deployment'), 'spec', 'template', 'metadata', 'labels')
  t.strictSame(at(only('Deployment'), 'spec', 'selector', 'matchLabels'), labels)
  t.strictSame(at(only('Service'), 'spec', 'selector'), labels)
  t.notSame(at(webhookDeployment, 'spec', 'template', 'metadata', 'labels'), labels)
  t.end()
})
