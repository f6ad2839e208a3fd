// The objects of the cluster as an API server lists them, managedFields and all, as text: made when they are asked for.
import {
  imageOf,
  namespaceOf,
  ownerOf,
  podsPerWorkload,
  sidecarOf,
  uidOf,
  type Owner,
  type WorldSize,
} from './bench-audit-world.ts'

/** The objects of one kind by their number. */
export interface Kind {
  readonly count: number
  /** JSON. */
  object(at: number, resourceVersion: number): string
}

/** Every kind that is listed by its path; those that are not here have no objects. */
export function kindsOf(size: WorldSize, namespaces: number): ReadonlyMap<string, Kind> {
  const of = (owner: Owner): readonly number[] =>
    Array.from({ length: size.workloads }, (_, at) => at).filter(at => ownerOf(at) === owner)
  const [deployments, cronJobs] = [of('Deployment'), of('CronJob')]
  return new Map([
    ['/apis/apps/v1/deployments', workloads('Deployment', deployments, size)],
    ['/apis/apps/v1/statefulsets', workloads('StatefulSet', of('StatefulSet'), size)],
    ['/apis/apps/v1/daemonsets', workloads('DaemonSet', of('DaemonSet'), size)],
    ['/apis/batch/v1/cronjobs', workloads('CronJob', cronJobs, size)],
    ['/apis/apps/v1/replicasets', owned('ReplicaSet', { of: deployments, each: revisions }, size)],
    ['/apis/batch/v1/jobs', owned('Job', { of: cronJobs, each: podsPerWorkload }, size)],
    ['/api/v1/pods', pods(size)],
    ['/api/v1/namespaces', { count: namespaces, object: namespaceObject }],
  ])
}

/** Replica sets of a deployment, the one in use included: what three rollouts leave. */
export const revisions = 3

const nameOf = (workload: number): string => `app-${String(workload).padStart(5, '0')}`

function fieldsFor(workload: number, size: WorldSize): Readonly<Record<string, string>> {
  const [main, sidecar] = [imageOf(workload, size), sidecarOf(workload, size)]
  return {
    NS: namespaceOf(workload),
    APP: nameOf(workload),
    // Half have a service account of their own, a third a pull secret.
    ACCOUNT: workload % 2 === 0 ? 'default' : nameOf(workload),
    SECRETS: workload % 3 === 0 ? '[{"name":"registry"}]' : '[]',
    IMAGE: main.image,
    DIGEST: main.digest,
    SIDEIMAGE: sidecar?.image ?? '',
    SIDEDIGEST: sidecar?.digest ?? '',
  }
}

const hasSidecar = (workload: number): boolean => workload % 4 === 0

function workloads(kind: Owner, numbers: readonly number[], size: WorldSize): Kind {
  const [alone, both] = [templateOf(kind, false), templateOf(kind, true)]
  return {
    count: numbers.length,
    object(at, resourceVersion) {
      const workload = numbers[at] ?? 0
      const own = {
        NAME: nameOf(workload),
        UID: uidOf(`${kind} ${workload}`),
        RV: String(resourceVersion),
        OWNERS: '[]',
      }
      return (hasSidecar(workload) ? both : alone)({ ...fieldsFor(workload, size), ...own, REPLICAS: '5' })
    },
  }
}

interface Owned {
  readonly of: readonly number[]
  /** How many each owner has; the last is the one in use. */
  readonly each: number
}

function owned(kind: 'ReplicaSet' | 'Job', { of: owners, each }: Owned, size: WorldSize): Kind {
  const owner = kind === 'ReplicaSet' ? 'Deployment' : 'CronJob'
  const [alone, both] = [templateOf(kind, false), templateOf(kind, true)]
  return {
    count: owners.length * each,
    object(at, resourceVersion) {
      const workload = owners[Math.floor(at / each)] ?? 0
      const own = {
        NAME: `${nameOf(workload)}-${revisionOf(at % each)}`,
        UID: uidOf(`${kind} ${workload} ${at % each}`),
        RV: String(resourceVersion),
        OWNERS: ownersText(owner, nameOf(workload), uidOf(`${owner} ${workload}`)),
        REPLICAS: at % each === each - 1 ? '5' : '0',
      }
      return (hasSidecar(workload) ? both : alone)({ ...fieldsFor(workload, size), ...own })
    },
  }
}

const revisionOf = (revision: number): string => `${revision}f7d9c8b6`

function pods(size: WorldSize): Kind {
  const [alone, both] = [templateOf('Pod', false), templateOf('Pod', true)]
  return {
    count: size.workloads * podsPerWorkload,
    object(at, resourceVersion) {
      const workload = Math.floor(at / podsPerWorkload)
      const ordinal = at % podsPerWorkload
      const owner = podOwner(workload, ordinal)
      const own = {
        NAME: `${owner.name}-${uidOf(`name ${at}`).slice(0, 5)}`,
        UID: uidOf(`Pod ${at}`),
        RV: String(resourceVersion),
        OWNERS: ownersText(owner.kind, owner.name, owner.uid),
        PHASE: owner.kind === 'Job' ? 'Succeeded' : 'Running',
      }
      return (hasSidecar(workload) ? both : alone)({ ...fieldsFor(workload, size), ...own })
    },
  }
}

function podOwner(workload: number, ordinal: number) {
  const kind = ownerOf(workload)
  const made = (owner: string, revision: number) => ({
    kind: owner,
    name: `${nameOf(workload)}-${revisionOf(revision)}`,
    uid: uidOf(`${owner} ${workload} ${revision}`),
  })
  if (kind === 'Deployment') return made('ReplicaSet', revisions - 1)
  if (kind === 'CronJob') return made('Job', ordinal)
  return { kind, name: nameOf(workload), uid: uidOf(`${kind} ${workload}`) }
}

function ownersText(kind: string, name: string, uid: string): string {
  const apiVersion = kind === 'Job' || kind === 'CronJob' ? 'batch/v1' : 'apps/v1'
  const reference = { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
  return JSON.stringify([reference])
}

function namespaceObject(at: number, resourceVersion: number): string {
  const name = `team-${String(at).padStart(4, '0')}`
  const labels = { 'kubernetes.io/metadata.name': name, 'example.com/cost-center': String(at % 17) }
  const metadata = { name, uid: uidOf(name), resourceVersion: String(resourceVersion), labels }
  return JSON.stringify({ metadata, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } })
}

type Fill = (values: Readonly<Record<string, string>>) => string

/** An object's JSON with places for what differs: making it anew for each of 200,000 would be the benchmark's main work. */
function templateOf(kind: string, sidecar: boolean): Fill {
  const text = JSON.stringify(objectOf(kind, sidecar))
  // Quoted: a value that is JSON itself.
  const parts = text.split(/"@@([A-Z]+)@@"|@([A-Z]+)@/)
  return values => {
    let made = parts[0] ?? ''
    for (let at = 1; at < parts.length; at += 3)
      made += (values[parts[at] ?? parts[at + 1] ?? ''] ?? '') + (parts[at + 2] ?? '')
    return made
  }
}

function objectOf(kind: string, sidecar: boolean): object {
  const spec = podSpec(sidecar, kind === 'Pod')
  const template = { metadata: { creationTimestamp: null, labels, annotations }, spec }
  switch (kind) {
    case 'Pod':
      return { metadata: metadataOf(managedPod(spec)), spec, status: podStatus(sidecar) }
    case 'CronJob': {
      const jobTemplate = { metadata: { creationTimestamp: null }, spec: { template } }
      const cronSpec = { schedule: '17 3 * * *', concurrencyPolicy: 'Forbid', jobTemplate }
      return { metadata: metadataOf(managed(cronSpec)), spec: cronSpec, status: {} }
    }
    case 'Job': {
      const conditions = [{ type: 'Complete', status: 'True', lastTransitionTime: time }]
      const jobSpec = { parallelism: 1, completions: 1, backoffLimit: 6, template }
      return {
        metadata: metadataOf(managed(jobSpec)),
        spec: jobSpec,
        status: { conditions, startTime: time, succeeded: 1 },
      }
    }
    default: {
      const whole = { replicas: '@@REPLICAS@@', selector: { matchLabels: selector }, template }
      const status = { observedGeneration: 3, replicas: '@@REPLICAS@@', readyReplicas: '@@REPLICAS@@' }
      return { metadata: metadataOf(managed(whole)), spec: whole, status }
    }
  }
}

const time = '2026-05-04T07:12:45Z'
const labels = {
  'app.kubernetes.io/name': '@APP@',
  'app.kubernetes.io/instance': '@APP@-production',
  'app.kubernetes.io/component': 'web',
  'app.kubernetes.io/part-of': 'shop',
  'app.kubernetes.io/managed-by': 'Helm',
  'helm.sh/chart': 'service-4.18.2',
}
const selector = { 'app.kubernetes.io/name': '@APP@', 'app.kubernetes.io/component': 'web' }
const annotations = {
  'prometheus.io/scrape': 'true',
  'prometheus.io/port': '9090',
  'checksum/config': '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
}

function metadataOf(managedFields: readonly object[]): object {
  const release = {
    'meta.helm.sh/release-name': '@APP@',
    'meta.helm.sh/release-namespace': '@NS@',
    'deployment.kubernetes.io/revision': '3',
  }
  return {
    name: '@NAME@',
    namespace: '@NS@',
    uid: '@UID@',
    resourceVersion: '@RV@',
    generation: 3,
    creationTimestamp: time,
    labels,
    annotations: { ...annotations, ...release },
    ownerReferences: '@@OWNERS@@',
    managedFields,
  }
}

function managed(spec: object): readonly object[] {
  const base = { operation: 'Update', apiVersion: 'v1', time, fieldsType: 'FieldsV1' }
  const fieldsV1 = fieldsOf({ metadata: { annotations, labels }, spec })
  return [{ ...base, manager: 'helm', fieldsV1 }]
}

function managedPod(spec: object): readonly object[] {
  const base = { operation: 'Update', apiVersion: 'v1', time, fieldsType: 'FieldsV1' }
  const kubelet = fieldsOf({ status: podStatus(false) })
  return [
    ...managed(spec),
    { ...base, manager: 'kubelet', subresource: 'status', fieldsV1: kubelet },
  ]
}

/** The names of the fields that somebody manages, as `FieldsV1` has them. */
function fieldsOf(value: unknown): object {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const isKeyed = Array.isArray(value)
      return [isKeyed ? `k:{"name":"${key}-of-list"}` : `f:${key}`, fieldsOf(inner)]
    }),
  )
}

function podSpec(sidecar: boolean, isPod: boolean): object {
  const placed = {
    nodeName: 'ip-10-12-44-107.eu-central-1.compute.internal',
    priority: 0,
    preemptionPolicy: 'PreemptLowerPriority',
    enableServiceLinks: true,
    tolerations: ['not-ready', 'unreachable'].map(key => {
      const effect = { effect: 'NoExecute', tolerationSeconds: 300 }
      return { key: `node.kubernetes.io/${key}`, operator: 'Exists', ...effect }
    }),
  }
  return {
    serviceAccountName: '@ACCOUNT@',
    serviceAccount: '@ACCOUNT@',
    imagePullSecrets: '@@SECRETS@@',
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 45,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001 },
    containers: [container('web', '@IMAGE@'), ...(sidecar ? [container('proxy', '@SIDEIMAGE@')] : [])],
    volumes: [
      { name: 'config', configMap: { name: '@APP@-config', defaultMode: 420 } },
      { name: 'scratch', emptyDir: { sizeLimit: '256Mi' } },
      ...(isPod ? [tokenVolume] : []),
    ],
    ...(isPod && placed),
  }
}

const tokenVolume = {
  name: 'kube-api-access-x7d2k',
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    ],
    defaultMode: 420,
  },
}

function container(name: string, image: string): object {
  const probe = {
    httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' },
    timeoutSeconds: 2,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  }
  return {
    name,
    image,
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: [
      { name: 'LOG_LEVEL', value: 'info' },
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://otel-collector.observability:4317' },
      { name: 'DATABASE_PASSWORD', valueFrom: { secretKeyRef: { name: '@APP@-db', key: 'password' } } },
    ],
    resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '512Mi' } },
    volumeMounts: [
      { name: 'config', mountPath: '/etc/app', readOnly: true },
      { name: 'scratch', mountPath: '/tmp' },
    ],
    livenessProbe: probe,
    readinessProbe: probe,
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
  }
}

function podStatus(sidecar: boolean): object {
  const conditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']
  const status = (name: string, image: string, digest: string): object => ({
    name,
    image,
    imageID: `${image}@${digest}`,
    containerID: 'containerd://6c0f5f1c0a3b7e7a1c2d4f5b6a798081726354f0e1d2c3b4a5968778695a4b3c',
    ready: true,
    started: true,
    restartCount: 0,
    lastState: {},
    state: { running: { startedAt: time } },
  })
  return {
    phase: '@PHASE@',
    conditions: conditions.map(type => ({
      type,
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: time,
    })),
    hostIP: '10.12.44.107',
    podIP: '10.12.51.23',
    podIPs: [{ ip: '10.12.51.23' }],
    startTime: time,
    qosClass: 'Burstable',
    containerStatuses: [
      status('web', '@IMAGE@', '@DIGEST@'),
      ...(sidecar ? [status('proxy', '@SIDEIMAGE@', '@SIDEDIGEST@')] : []),
    ],
  }
}
