import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { builtInPairs } from '../src/admission/review/controller-child.ts'
import { createCertificates } from '../src/certificates/index.ts'
import { readConfig } from '../src/config/index.ts'
import { rulesOf } from '../src/kubernetes/webhook/patch-webhook-rules.ts'
import { customKinds, shippedKinds } from '../src/workload/index.ts'

const folder = join(import.meta.dirname, '..', 'manifests')
const namespace = 'patchline-system'

interface Manifest {
  readonly file: string
  readonly kind: string
  readonly body: unknown
}

/** What is at the path of keys and indices; undefined where there is nothing. */
function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = Object.entries(here).find(([name]) => name === String(key))?.[1]
  }
  return here
}

const listAt = (value: unknown, ...path: readonly (string | number)[]): unknown[] => {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

// Not the folders: what is in them is applied by itself, but for the definitions of our kinds.
const allFiles = readdirSync(folder)
  .filter(file => file.endsWith('.yaml'))
  .toSorted()
const crdFiles = readdirSync(join(folder, 'crds')).map(file => `crds/${file}`)
// Those of the webhook; the audit's are in manifests-audit.test.ts.
const files = allFiles.filter(file => !file.includes('audit'))
const manifests: Manifest[] = files
  .filter(file => file !== 'kustomization.yaml')
  .flatMap(file =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map(document => {
      const body: unknown = document.toJS()
      return { file, kind: String(at(body, 'kind')), body }
    }),
  )

function only(kind: string, name?: string): unknown {
  const found = manifests.filter(
    manifest =>
      manifest.kind === kind && (name === undefined || at(manifest.body, 'metadata', 'name') === name),
  )
  if (found.length !== 1) throw new Error(`${found.length} of kind ${kind}`)
  return found[0]?.body
}

const pod = at(only('Deployment'), 'spec', 'template', 'spec')
const container = at(pod, 'containers', 0)
const webhooks = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'].map(kind => only(kind))

t.test('these are the objects, by the API versions that every maintained Kubernetes serves', t => {
  t.strictSame(
    manifests.map(({ file, kind, body }) => `${file}: ${String(at(body, 'apiVersion'))} ${kind}`),
    [
      'configmap.yaml: v1 ConfigMap',
      'deployment.yaml: apps/v1 Deployment',
      'mutatingwebhookconfiguration.yaml: admissionregistration.k8s.io/v1 MutatingWebhookConfiguration',
      'namespace.yaml: v1 Namespace',
      'networkpolicy.yaml: networking.k8s.io/v1 NetworkPolicy',
      'networkpolicy.yaml: networking.k8s.io/v1 NetworkPolicy',
      'poddisruptionbudget.yaml: policy/v1 PodDisruptionBudget',
      'rbac-readers.yaml: rbac.authorization.k8s.io/v1 ClusterRole',
      'rbac-readers.yaml: rbac.authorization.k8s.io/v1 ClusterRole',
      'rbac.yaml: rbac.authorization.k8s.io/v1 ClusterRole',
      'rbac.yaml: rbac.authorization.k8s.io/v1 ClusterRoleBinding',
      'rbac.yaml: rbac.authorization.k8s.io/v1 Role',
      'rbac.yaml: rbac.authorization.k8s.io/v1 RoleBinding',
      'rbac.yaml: rbac.authorization.k8s.io/v1 ClusterRole',
      'service.yaml: v1 Service',
      'serviceaccount.yaml: v1 ServiceAccount',
      'validatingwebhookconfiguration.yaml: admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration',
    ],
  )
  const clusterWide = /^(?:Namespace|ClusterRole|ClusterRoleBinding|.*WebhookConfiguration)$/
  const names = manifests.map(({ kind, body }) => `${kind} ${String(at(body, 'metadata', 'name'))}`)
  const others = [
    `Namespace ${namespace}`,
    'ClusterRole patchline-drift-reader',
    'ClusterRole patchline-metrics-reader',
    'ClusterRole patchline-pull-secret-reader',
    'NetworkPolicy patchline-audit',
  ]
  t.strictSame(
    names.filter(name => !name.endsWith(' patchline')).toSorted(),
    others.toSorted(),
    'all are called patchline but these',
  )
  for (const { kind, body } of manifests) {
    t.equal(at(body, 'metadata', 'namespace'), clusterWide.test(kind) ? undefined : namespace, kind)
    t.equal(at(body, 'metadata', 'labels', 'app.kubernetes.io/name'), 'patchline', kind)
  }
  t.end()
})

t.test('the kustomization lists every file but the optional one', t => {
  const kustomization: unknown = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'))
  const optional = new Set(['kustomization.yaml', 'networkpolicy.yaml'])
  t.strictSame(
    new Set(listAt(kustomization, 'resources')),
    new Set([...crdFiles, ...allFiles.filter(file => !optional.has(file))]),
  )
  t.end()
})

const rule = (apiGroup: string, operations: string[], ...resources: string[]) => ({
  apiGroups: [apiGroup],
  apiVersions: ['v1'],
  operations,
  resources,
  scope: 'Namespaced',
})

// What is never sent is what is never judged: the pairs of the deputy rule, each by its own account and no other.
const matchConditions = () => {
  const pairs = builtInPairs.map(
    ({ child, owner, account }) =>
      `['${account}', '${child.group}', '${child.kind}', '${owner.group === '' ? '' : `${owner.group}/`}v1', '${owner.kind}']`,
  )
  const expression = [
    "!((request.userInfo.username.startsWith('system:serviceaccount:kube-system:')",
    `|| request.userInfo.username == 'system:kube-controller-manager') && [ ${pairs.join(', ')}`,
    "].exists(pair, request.userInfo.username in ['system:serviceaccount:kube-system:' + pair[0], 'system:kube-controller-manager']",
    '&& request.kind.group == pair[1] && request.kind.kind == pair[2] && has(object.metadata.ownerReferences)',
    '&& object.metadata.ownerReferences.exists(owner, has(owner.controller) && owner.controller',
    '&& owner.apiVersion == pair[3] && owner.kind == pair[4])))',
  ]
  return [{ name: 'no-child-of-built-in-controller', expression: expression.join(' ') }]
}

// No path: what `patchline certs --patch` writes would be taken back by the next `kubectl apply`.
const common = () => ({
  clientConfig: { service: { name: 'patchline', namespace, port: 443 } },
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  failurePolicy: 'Ignore',
  timeoutSeconds: 3,
  matchPolicy: 'Equivalent',
  namespaceSelector: {
    matchExpressions: [
      {
        key: 'kubernetes.io/metadata.name',
        operator: 'NotIn',
        values: ['kube-system', 'kube-public', 'kube-node-lease', namespace],
      },
    ],
  },
  matchConditions: matchConditions(),
})

t.test('the webhooks are asked about exactly these, and can block nothing', t => {
  const both = ['CREATE', 'UPDATE']
  const core = rule('', both, 'pods', 'podtemplates', 'replicationcontrollers')
  const debug = rule('', ['UPDATE'], 'pods/ephemeralcontainers')
  const apps = rule('apps', both, 'deployments', 'statefulsets', 'daemonsets', 'replicasets')
  const batch = rule('batch', both, 'jobs', 'cronjobs')
  const custom = rulesOf(customKinds(shippedKinds))
  const labelsChange = {
    name: 'labels-of-namespace-change',
    expression:
      "request.resource.resource != 'namespaces' || (has(object.metadata.labels) ? object.metadata.labels : {}) != (has(oldObject.metadata.labels) ? oldObject.metadata.labels : {})",
  }
  t.strictSame(
    webhooks.map(configuration => at(configuration, 'webhooks')),
    [
      [
        { name: 'validate.patchline.dev', ...common(), rules: [core, debug, apps, batch, ...custom] },
        {
          name: 'policies.patchline.dev',
          ...common(),
          matchConditions: [labelsChange],
          rules: [
            { ...rule('', ['UPDATE'], 'namespaces'), scope: 'Cluster' },
            { ...rule('patchline.dev', both, 'patchpolicies'), apiVersions: ['*'], scope: 'Cluster' },
            { ...rule('patchline.dev', both, 'patchexceptions'), apiVersions: ['*'] },
          ],
        },
      ],
      [
        {
          name: 'mutate.patchline.dev',
          ...common(),
          reinvocationPolicy: 'IfNeeded',
          rules: [core, apps, batch, ...custom],
        },
      ],
    ],
  )
  t.end()
})

t.test('the component has only labelled namespaces asked about', t => {
  const component: unknown = parse(readFileSync(join(folder, 'opt-in', 'kustomization.yaml'), 'utf8'))
  const [patch] = listAt(component, 'patches')
  t.equal(at(patch, 'target', 'name'), 'patchline')
  t.strictSame(parse(String(at(patch, 'patch'))), [
    {
      op: 'add',
      path: '/webhooks/0/namespaceSelector/matchExpressions/-',
      value: { key: 'patchline.dev/mode', operator: 'Exists' },
    },
  ])
  t.end()
})

const pullSecretReader = 'patchline-pull-secret-reader'

t.test('the rights are those to read namespaces, policies, exceptions, and what runs already', t => {
  t.strictSame(at(only('ClusterRole', 'patchline'), 'rules'), [
    { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] },
    {
      apiGroups: ['patchline.dev'],
      resources: ['patchpolicies', 'patchexceptions'],
      verbs: ['list', 'watch'],
    },
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    { apiGroups: ['batch'], resources: ['cronjobs'], verbs: ['get', 'list'] },
    { apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets'], verbs: ['list'] },
  ])
  t.strictSame(at(only('Role', 'patchline'), 'rules'), [
    {
      apiGroups: [''],
      resources: ['configmaps'],
      resourceNames: ['a', 'b'].flatMap(copy =>
        Array.from({ length: 8 }, (_, part) => `patchline-ages-${copy}-${part}`),
      ),
      verbs: ['get'],
    },
  ])
  const binding = only('ClusterRoleBinding')
  t.strictSame(at(binding, 'roleRef', 'name'), 'patchline')
  t.strictSame(at(binding, 'subjects'), [{ kind: 'ServiceAccount', name: 'patchline', namespace }])
  t.equal(manifests.filter(({ kind }) => /^(?:Cluster)?Role$/.test(kind)).length, 5)
  t.equal(at(only('ServiceAccount'), 'automountServiceAccountToken'), false)
  t.equal(at(pod, 'automountServiceAccountToken'), true)
  t.equal(at(pod, 'serviceAccountName'), 'patchline')
  t.end()
})

t.test('secrets and service accounts are read by name, where a namespace allows it, and nowhere else', t => {
  t.strictSame(at(only('ClusterRole', pullSecretReader), 'rules'), [
    { apiGroups: [''], resources: ['secrets', 'serviceaccounts'], verbs: ['get'] },
  ])
  const bound = manifests
    .filter(({ kind }) => kind.endsWith('Binding'))
    .map(({ body }) => at(body, 'roleRef', 'name'))
  t.notOk(bound.includes(pullSecretReader), 'as it comes, nobody is bound to it')
  const rules = manifests
    .filter(({ kind }) => kind.endsWith('Role'))
    .flatMap(({ body }) => listAt(body, 'rules').map(rule => ({ role: at(body, 'metadata', 'name'), rule })))
  for (const { role, rule } of rules) {
    const words = ['apiGroups', 'resources', 'verbs'].flatMap(key => listAt(rule, key))
    t.notOk(words.includes('*'), `${String(role)}: no wildcard`)
    for (const resource of ['secrets', 'serviceaccounts'])
      t.equal(listAt(rule, 'resources').includes(resource), role === pullSecretReader, String(role))
    t.notOk(
      words.some(word =>
        /^(?:create|update|patch|delete|deletecollection|impersonate|bind)$/.test(String(word)),
      ),
    )
  }
  t.end()
})

t.test('the commented RoleBinding is one, for our service account and in one namespace', t => {
  const text = readFileSync(join(folder, 'rbac.yaml'), 'utf8')
  const lines = text.split('\n').filter(line => /^#\s{3}/.test(line))
  const commented = lines
    .filter(line => !/kubectl|--clusterrole/.test(line))
    .map(line => line.slice('#   '.length))
  t.strictSame(parse(commented.join('\n')), {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'patchline-pull-secrets', namespace: 'team-a' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: pullSecretReader },
    subjects: [{ kind: 'ServiceAccount', name: 'patchline', namespace }],
  })
  const command = `--clusterrole=${pullSecretReader} --serviceaccount=${namespace}:patchline`
  t.ok(text.includes(command), 'the command says the same')
  t.end()
})

/** A container, its own security context, and what holds where that or the pod's says nothing else. */
interface Secured {
  readonly one: unknown
  readonly own: (...path: string[]) => unknown
  readonly effective: (...path: string[]) => unknown
}

/** The checks of kubernetes/pod-security-admission `policy/check_*.go`, restricted profile: name and violation. */
const containerChecks: readonly (readonly [name: string, violated: (secured: Secured) => boolean])[] = [
  ['allowPrivilegeEscalation', ({ own }) => own('allowPrivilegeEscalation') !== false],
  ['privileged', ({ own }) => own('privileged') === true],
  ['procMount', ({ own }) => own('procMount') !== undefined],
  ['capabilities.drop', ({ own }) => !listAt(own('capabilities', 'drop')).includes('ALL')],
  [
    'capabilities.add',
    ({ own }) => listAt(own('capabilities', 'add')).some(name => name !== 'NET_BIND_SERVICE'),
  ],
  ['runAsNonRoot', ({ effective }) => effective('runAsNonRoot') !== true],
  ['runAsUser', ({ effective }) => effective('runAsUser') === 0],
  [
    'seccompProfile',
    ({ effective }) => !/^(?:RuntimeDefault|Localhost)$/.test(String(effective('seccompProfile', 'type'))),
  ],
  ['seLinuxOptions', ({ effective }) => effective('seLinuxOptions') !== undefined],
  ['appArmorProfile', ({ effective }) => effective('appArmorProfile') !== undefined],
  ['windowsOptions', ({ effective }) => effective('windowsOptions') !== undefined],
  ['hostPort', ({ one }) => listAt(one, 'ports').some(port => at(port, 'hostPort') !== undefined)],
]
const volumeTypes = new Set(
  'name configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret'.split(' '),
)
const hasOtherType = (volume: unknown) => Object.keys(Object(volume)).some(key => !volumeTypes.has(key))

function restrictedViolations(spec: unknown): string[] {
  const podContext = at(spec, 'securityContext')
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap(key => listAt(spec, key))
  const perContainer = containers.flatMap(one => {
    const own = (...path: string[]) => at(one, 'securityContext', ...path)
    const effective = (...path: string[]) => own(...path) ?? at(podContext, ...path)
    return containerChecks.filter(([, violated]) => violated({ one, own, effective })).map(([name]) => name)
  })
  const perPod = ['hostNetwork', 'hostPID', 'hostIPC'].filter(key => at(spec, key) !== undefined)
  if (at(podContext, 'sysctls') !== undefined) perPod.push('sysctls')
  if (listAt(spec, 'volumes').some(hasOtherType)) perPod.push('volumes')
  return [...perContainer, ...perPod]
}

t.test('the pods fit the restricted profile, and more', t => {
  t.strictSame(restrictedViolations(pod), [])
  t.strictSame(
    restrictedViolations({
      hostNetwork: true,
      volumes: [{ name: 'v', hostPath: { path: '/' } }],
      containers: [{ securityContext: { runAsUser: 0 }, ports: [{ hostPort: 1 }] }],
    }),
    [
      'allowPrivilegeEscalation',
      'capabilities.drop',
      'runAsNonRoot',
      'runAsUser',
      'seccompProfile',
      'hostPort',
      'hostNetwork',
      'volumes',
    ],
    'the checks do see violations',
  )
  t.equal(at(only('Namespace'), 'metadata', 'labels', 'pod-security.kubernetes.io/enforce'), 'restricted')
  t.equal(at(container, 'securityContext', 'readOnlyRootFilesystem'), true)
  t.equal(at(pod, 'securityContext', 'runAsUser'), 65_532)
  t.equal(at(pod, 'securityContext', 'fsGroup'), 65_532)
  t.equal(listAt(pod, 'containers').length, 1)
  t.equal(at(pod, 'terminationGracePeriodSeconds'), 40)
  t.equal(at(only('Deployment'), 'spec', 'replicas'), 2)
  for (const kind of ['requests', 'limits']) t.ok(at(container, 'resources', kind, 'memory'), kind)
  t.notOk(at(container, 'resources', 'limits', 'cpu'))
  t.match(at(container, 'image'), /^ghcr\.io\/patchline\/patchline:\d+\.\d+\.\d+$/)
  t.end()
})

t.test('every selector finds the pods', t => {
  const labels = at(only('Deployment'), 'spec', 'template', 'metadata', 'labels')
  const table = [
    ['Deployment', ['spec', 'selector', 'matchLabels']],
    [
      'Deployment',
      ['spec', 'template', 'spec', 'topologySpreadConstraints', 0, 'labelSelector', 'matchLabels'],
    ],
    ['Service', ['spec', 'selector']],
    ['PodDisruptionBudget', ['spec', 'selector', 'matchLabels']],
    ['NetworkPolicy', ['spec', 'podSelector', 'matchLabels']],
  ] as const
  for (const [kind, path] of table)
    t.strictSame(at(only(kind, 'patchline'), ...path), labels, `${kind} ${path.join('.')}`)
  t.strictSame(at(only('NetworkPolicy', 'patchline-audit'), 'spec', 'podSelector', 'matchLabels'), {
    ...Object(labels),
    'app.kubernetes.io/component': 'audit',
  })
  t.end()
})

t.test('ports, probes, volumes and names fit together', async t => {
  const ports = new Map(listAt(container, 'ports').map(port => [at(port, 'name'), at(port, 'containerPort')]))
  t.strictSame(
    [...ports],
    [
      ['webhook', 8443],
      ['operations', 8080],
    ],
  )
  t.strictSame(at(only('Service'), 'spec', 'ports'), [
    { name: 'webhook', port: 443, targetPort: 'webhook' },
    { name: 'operations', port: 8080, targetPort: 'operations' },
  ])
  t.strictSame(at(container, 'livenessProbe', 'httpGet'), { path: '/healthz', port: 'operations' })
  t.strictSame(at(container, 'readinessProbe', 'httpGet'), { path: '/readyz', port: 'operations' })

  const mounts = new Map(
    listAt(container, 'volumeMounts').map(mount => [at(mount, 'name'), at(mount, 'mountPath')]),
  )
  t.strictSame(
    listAt(pod, 'volumes').map(volume => at(volume, 'name')),
    [...mounts.keys()],
  )
  t.equal(at(pod, 'volumes', 0, 'configMap', 'name'), at(only('ConfigMap'), 'metadata', 'name'))
  t.equal(at(pod, 'volumes', 1, 'secret', 'secretName'), 'patchline-tls')
  t.equal(at(pod, 'volumes', 1, 'secret', 'defaultMode'), 0o440)
  t.strictSame(at(container, 'args'), [
    'serve',
    '--config',
    `${String(mounts.get('config'))}/${Object.keys(Object(at(only('ConfigMap'), 'data'))).join()}`,
  ])
  const config = readConfig(String(at(only('ConfigMap'), 'data', 'patchline.yaml')), {
    environment: {},
    baseDirectory: '/',
    readFile: path => {
      throw new Error(`reads ${path}`)
    },
  })
  t.equal(config.webhook.certificateFile, `${String(mounts.get('tls'))}/tls.crt`)
  t.equal(config.webhook.keyFile, `${String(mounts.get('tls'))}/tls.key`)
  t.equal(config.webhook.pathFile, `${String(mounts.get('tls'))}/path`)
  t.strictSame(
    listAt(pod, 'volumes', 1, 'secret', 'items').map(item => [at(item, 'key'), at(item, 'path')]),
    [
      ['tls.crt', 'tls.crt'],
      ['tls.key', 'tls.key'],
      ['path', 'path'],
    ],
  )
  t.equal(config.operations.authentication, 'kubernetes')
  t.equal(config.webhook.port, ports.get('webhook'))
  t.equal(config.operations.port, ports.get('operations'))
  t.ok(config.webhook.drainSeconds < Number(at(pod, 'terminationGracePeriodSeconds')))
  t.equal(config.mode, 'warn', 'as it comes, nothing is refused')

  const service = at(webhooks[0], 'webhooks', 0, 'clientConfig', 'service')
  const host = `${String(at(service, 'name'))}.${String(at(service, 'namespace'))}.svc`
  t.equal(at(only('Service'), 'metadata', 'name'), at(service, 'name'))
  await t.resolves(createCertificates({ hosts: [host, `${host}.cluster.local`], now: Date.now() }))
})

t.test('the image has no shell and no root, and the builder gets no secrets', t => {
  const root = join(folder, '..')
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
  const stages = dockerfile.split(/^FROM /m).slice(1)
  const last = stages.at(-1) ?? ''
  t.equal(stages.length, 2)
  t.match(last, /^gcr\.io\/distroless\/nodejs24-debian13:nonroot\n/)
  t.match(last, /^USER 65532:65532$/m)
  t.notMatch(last, /^RUN /m)
  t.match(
    last,
    /^ENTRYPOINT \["\/nodejs\/bin\/node", "--disable-sigusr1", "--max-semi-space-size=4", "\/app\/main\.js"\]$/m,
  )
  t.match(last, /^CMD \["serve", "--config", "\/etc\/patchline\/config\/patchline\.yaml"\]$/m)
  t.strictSame(
    [...dockerfile.matchAll(/npm (?:ci|install).*/g)].map(([line]) => line),
    ['npm ci --ignore-scripts'],
  )
  const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(
    ([, names]) => names?.split(' ') ?? [],
  )
  t.ok(ignored.includes('*'))
  t.strictSame(
    ignored.filter(line => line.startsWith('!')).toSorted(),
    [...new Set(copied)].map(name => `!${name}`).toSorted(),
  )
  t.end()
})

const configuration = (file: string): string => {
  const map: unknown = parse(readFileSync(join(folder, file), 'utf8'))
  return String(at(map, 'data', 'patchline.yaml'))
}

t.test('the components for certificates change the webhook’s part of the configuration alone', t => {
  const { webhook: _, ...rest } = parse(configuration('configmap.yaml'))
  const surroundings = { environment: {}, baseDirectory: '/', readFile: () => '' }
  const rows = [
    ['managed-certificates', { certificates: { source: 'managed' } }],
    [
      'cert-manager',
      { certificateFile: '/etc/patchline/tls/tls.crt', keyFile: '/etc/patchline/tls/tls.key' },
    ],
  ] as const
  for (const [component, expected] of rows) {
    const text = configuration(`${component}/configmap.yaml`)
    const { webhook, ...others } = parse(text)
    t.strictSame(others, rest, component)
    t.strictSame(webhook, expected, component)
    t.doesNotThrow(() => readConfig(text, surroundings))
  }
  t.end()
})
