/** Image texts and the tags of their repositories, as the benchmark's registry lists them. */
export interface BenchImages {
  readonly web: string
  readonly proxy: string
}

/** Both are behind: two warnings and a log line. */
export const outdatedImages: BenchImages = { web: 'nginx:1.25.1', proxy: 'envoyproxy/envoy:v1.29.1' }
/** Both are the newest of their lines: nothing to say. */
export const currentImages: BenchImages = { web: 'nginx:1.25.5', proxy: 'envoyproxy/envoy:v1.29.9' }

/** Repositories of a usual size, with variants beside the plain tags. */
export const repositories: Readonly<Record<string, readonly string[]>> = {
  'library/nginx': ['latest', ...tagsOf('1.', 26, 6).flatMap(tag => [tag, `${tag}-alpine`, `${tag}-perl`])],
  'envoyproxy/envoy': tagsOf('v1.', 30, 10),
}

function tagsOf(prefix: string, minors: number, patches: number): readonly string[] {
  return Array.from({ length: minors * patches }, (_, at) => {
    return `${prefix}${Math.floor(at / patches)}.${at % patches}`
  })
}

/** The AdmissionReview of a Deployment as `kubectl apply` makes it, 8.0 to 8.5 KB whatever the images. */
export function benchReview(images: BenchImages): string {
  const manifest = deployment(images)
  const review = {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      requestKind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      requestResource: { group: 'apps', version: 'v1', resource: 'deployments' },
      name: 'storefront',
      namespace: 'shop',
      operation: 'CREATE',
      userInfo: {
        username: 'jane@example.com',
        uid: '014fbff9a07c',
        groups: ['developers', 'system:authenticated'],
        extra: { 'authentication.kubernetes.io/credential-id': ['JTI=7f9a0d6c-4b7f-4bd2-9a8c-6a1a9b1f6f0e'] },
      },
      object: stored(manifest),
      oldObject: null,
      dryRun: false,
      options: {
        kind: 'CreateOptions',
        apiVersion: 'meta.k8s.io/v1',
        fieldManager: 'kubectl-client-side-apply',
      },
    },
  }
  return JSON.stringify(review)
}

type Manifest = ReturnType<typeof deployment>

/** What the API server adds before it asks webhooks. */
function stored(manifest: Manifest): object {
  const applied = 'kubectl.kubernetes.io/last-applied-configuration'
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      uid: '1b1f6f0e-4b7f-4bd2-9a8c-7f9a0d6c6a1a',
      generation: 1,
      creationTimestamp: '2026-05-04T07:12:45Z',
      annotations: { ...manifest.metadata.annotations, [applied]: `${JSON.stringify(manifest)}\n` },
      managedFields: [
        {
          manager: 'kubectl-client-side-apply',
          operation: 'Update',
          apiVersion: 'apps/v1',
          time: '2026-05-04T07:12:45Z',
          fieldsType: 'FieldsV1',
          fieldsV1: fieldsOf({ metadata: { annotations: {}, labels: {} }, spec: manifest.spec }),
        },
      ],
    },
  }
}

/** The names of the fields that somebody manages, as `FieldsV1` has them; lists are left whole. */
function fieldsOf(value: unknown): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [`f:${key}`, fieldsOf(inner)]))
}

const labels = {
  'app.kubernetes.io/name': 'storefront',
  'app.kubernetes.io/instance': 'storefront-production',
  'app.kubernetes.io/version': '4.18.2',
  'app.kubernetes.io/component': 'web',
  'app.kubernetes.io/part-of': 'shop',
  'app.kubernetes.io/managed-by': 'kustomize',
}
const selector = { 'app.kubernetes.io/name': 'storefront', 'app.kubernetes.io/component': 'web' }

function deployment({ web, proxy }: BenchImages) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'storefront',
      namespace: 'shop',
      labels,
      annotations: {
        'example.com/owner': 'team-checkout',
        'example.com/runbook': 'https://runbooks.example.com/storefront',
      },
    },
    spec: {
      replicas: 3,
      revisionHistoryLimit: 5,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9090' } },
        spec: podSpec(container('web', web, 8080), container('proxy', proxy, 15001)),
      },
    },
  }
}

function podSpec(...containers: readonly object[]): object {
  return {
    serviceAccountName: 'storefront',
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 45,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10001,
      fsGroup: 10001,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers,
    volumes: [
      { name: 'config', configMap: { name: 'storefront-config', defaultMode: 420 } },
      { name: 'scratch', emptyDir: { sizeLimit: '256Mi' } },
    ],
  }
}

function container(name: string, image: string, port: number): object {
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: 'http', containerPort: port, protocol: 'TCP' }],
    env: [
      { name: 'LOG_LEVEL', value: 'info' },
      { name: 'DATABASE_PASSWORD', valueFrom: { secretKeyRef: { name: 'storefront-db', key: 'password' } } },
    ],
    resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '512Mi' } },
    livenessProbe: probe('/healthz'),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'config', mountPath: '/etc/storefront', readOnly: true },
      { name: 'scratch', mountPath: '/tmp' },
    ],
  }
}

function probe(path: string): object {
  return {
    httpGet: { path, port: 'http', scheme: 'HTTP' },
    periodSeconds: 10,
    timeoutSeconds: 2,
    failureThreshold: 3,
  }
}
