// Objects of each kind as Helm and kubectl leave them in a cluster, with places (`@NAME@`) for what differs.

/** The JSON of an object with these values in its places. */
export type Fill = (values: Readonly<Record<string, string>>) => string

/** An object's JSON with places for what differs: making it anew for each of 200,000 would be the benchmark's main work. */
export function templateOf(kind: string, sidecar: boolean): Fill {
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
      return { metadata: podMetadata(spec), spec, status: podStatus(sidecar) }
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

function podMetadata(spec: object): object {
  return { ...commonMetadata(managedPod(spec)), generateName: '@APP@-5f7d9c8b6-', annotations }
}

// What Helm writes on what it applies, and what the deployment controller copies to replica sets.
function metadataOf(managedFields: readonly object[]): object {
  const release = {
    'meta.helm.sh/release-name': '@APP@',
    'meta.helm.sh/release-namespace': '@NS@',
    'deployment.kubernetes.io/revision': '3',
  }
  return { ...commonMetadata(managedFields), annotations: { ...annotations, ...release } }
}

function commonMetadata(managedFields: readonly object[]): object {
  return {
    name: '@NAME@',
    namespace: '@NS@',
    uid: '@UID@',
    resourceVersion: '@RV@',
    generation: 3,
    creationTimestamp: time,
    labels,
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
  return [...managed(spec), { ...base, manager: 'kubelet', subresource: 'status', fieldsV1: kubelet }]
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
