/** The schema of the chart's values; its part `config` is the schema of the configuration itself. */
import { isJsonObject, member } from '../../src/json/index.ts'
import { schema as configuration } from '../../src/config/schema/schema.ts'

/** A JSON Schema, as data. */
type Schema = Readonly<Record<string, unknown>>

const text = { type: 'string' } as const
const label = { type: 'string', pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' } as const
const flag = { type: 'boolean' } as const
/** Whatever Kubernetes takes there: its own schema checks it. */
const free = { type: 'object' } as const
const freeList = { type: 'array', items: { type: 'object' } } as const
const labels = { type: 'object', additionalProperties: { type: 'string' } } as const
const names = { type: 'array', items: { ...label, minLength: 1, maxLength: 63 } } as const
const duration = { type: 'string', pattern: '^([0-9]+(ms|s|m|h))+$' } as const
const peerPort = { type: 'integer', minimum: 1, maximum: 65_535 } as const

const object = (properties: Schema): Schema => ({ type: 'object', additionalProperties: false, properties })
const switched = (properties: Schema = {}): Schema => object({ enabled: flag, ...properties })

const placement = {
  nodeSelector: labels,
  tolerations: freeList,
  affinity: free,
  priorityClassName: text,
} as const

const component = (properties: Schema): Schema =>
  object({
    replicas: { type: 'integer', minimum: 0 },
    resources: free,
    // Node itself needs some of this, and of the memory limit some is no heap.
    heapMegabytes: { type: 'integer', minimum: 64 },
    serviceAccount: object({ create: flag, name: text, annotations: labels }),
    annotations: labels,
    podAnnotations: labels,
    podLabels: labels,
    serviceAnnotations: labels,
    extraEnv: freeList,
    extraEnvFrom: freeList,
    extraVolumes: freeList,
    extraVolumeMounts: freeList,
    topologySpreadConstraints: freeList,
    ...placement,
    ...properties,
  })

const monitor = { labels, interval: duration, scrapeTimeout: duration } as const

/** What the chart sets itself: a value would be lost, or lead to a file that is not mounted. */
const ownKeys: readonly (readonly [section: string, key: string])[] = [
  ['webhook', 'certificates'],
  ['webhook', 'certificateFile'],
  ['webhook', 'keyFile'],
  ['webhook', 'pathFile'],
  ['catalog', 'directory'],
  ['kubernetes', 'kubeconfig'],
]

const properties = {
  global: free,
  nameOverride: { ...label, maxLength: 40 },
  // The longest name that is made of it, -pull-secret-reader, has to stay below 63 characters.
  fullnameOverride: { ...label, maxLength: 40 },
  commonLabels: labels,
  imagePullSecrets: { type: 'array', items: object({ name: text }) },
  openshift: flag,
  image: object({
    registry: text,
    repository: { ...text, minLength: 1 },
    tag: text,
    digest: { ...text, pattern: '^(sha256:[0-9a-f]{64})?$' },
    pullPolicy: { enum: ['', 'Always', 'IfNotPresent', 'Never'] },
  }),
  config: configSchema(),
  tls: object({
    source: { enum: ['managed', 'existingSecret', 'certManager'] },
    path: { ...text, pattern: '^([a-z0-9][-a-z0-9]{30,126}[a-z0-9])?$' },
    existingSecret: object({
      name: { ...text, minLength: 1 },
      caBundle: { ...text, pattern: '^(\\s*-----BEGIN CERTIFICATE-----[\\s\\S]*)?$' },
    }),
    certManager: object({
      issuerRef: object({ group: text, kind: text, name: text }),
      secretName: text,
      duration,
      renewBefore: duration,
      authorityDuration: duration,
    }),
  }),
  webhook: component({
    failurePolicy: { enum: ['Ignore', 'Fail'] },
    // The limits of the API server.
    timeoutSeconds: { type: 'integer', minimum: 1, maximum: 30 },
    matchConditions: { enum: ['auto', 'always', 'never'] },
    optIn: flag,
    excludedNamespaces: names,
    namespaceSelector: object({ matchLabels: labels, matchExpressions: freeList }),
    annotate: flag,
    previews: flag,
    podDisruptionBudget: switched({ maxUnavailable: { type: ['integer', 'string'] } }),
  }),
  audit: component({ enabled: flag }),
  rbac: object({ create: flag, namespaced: flag, pullSecretNamespaces: names }),
  crds: switched({ keep: flag }),
  networkPolicy: switched({
    metricsFrom: freeList,
    apiServerPorts: { type: 'array', items: peerPort },
    extraEgress: freeList,
  }),
  metrics: object({
    readers: {
      type: 'array',
      items: { ...object({ namespace: text, name: text }), required: ['namespace', 'name'] },
    },
    serviceMonitor: switched(monitor),
    podMonitor: switched({ ...monitor, tokenSecret: text }),
    prometheusRule: switched({ labels }),
    dashboard: switched({ labels, annotations: labels, namespace: text }),
  }),
  preflight: switched(),
  check: switched({
    timeoutSeconds: { type: 'integer', minimum: 1, maximum: 3_600 },
    namespace: { ...label, minLength: 1 },
  }),
  test: switched(),
  uninstall: switched(),
  hooks: object({ resources: free, ...placement }),
  extraObjects: { type: 'array', items: { type: ['object', 'string'] } },
} as const

/** The text of charts/patchline/values.schema.json. */
export function valuesSchema(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart patchline',
    description:
      'Made by `npm run chart` from scripts/chart/values-schema.ts and the schema of the configuration.',
    type: 'object',
    additionalProperties: false,
    properties,
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

function configSchema(): unknown {
  const all = withoutFormats(configuration)
  const { ownNamespace: _, ...sections } = sectionsOf(all)
  for (const [section, key] of ownKeys) {
    const { [key]: own, ...rest } = sectionsOf(sections[section])
    if (own === undefined) throw new Error(`the configuration has no ${section}.${key}`)
    sections[section] = { ...objectOf(sections[section]), properties: rest }
  }
  return { ...objectOf(all), properties: sections }
}

function objectOf(value: unknown): Record<string, unknown> {
  return isJsonObject(value) ? { ...value } : {}
}

function sectionsOf(value: unknown): Record<string, unknown> {
  return objectOf(member(value, 'properties'))
}

// Formats are Patchline's own, and a checker that does not know one may refuse the schema.
function withoutFormats(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutFormats)
  if (!isJsonObject(value)) return value
  const entries = Object.entries(value).filter(
    ([key, inner]) => key !== 'format' || typeof inner !== 'string',
  )
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutFormats(inner)]))
}
