import { modes } from '../policy/index.ts'
import { strategies } from '../version/index.ts'
import {
  clusterSwitches,
  logLevels,
  metricsLevels,
  movedTagsChoices,
  operationsAuthentications,
  providerKinds,
  registryKinds,
} from './config.ts'
import { admissionSchema } from './admission-schema.ts'
import { notificationSchema } from './notification-schema.ts'
import { fieldOf, port, secret, section, text, texts } from './schema-parts.ts'

// The one place that says what a configuration may hold. JSON Schema, so that editors and charts can use it too.

const rate = { type: 'number', exclusiveMinimum: 0 } as const
const count = { type: 'integer', minimum: 1 } as const

/** One of `registries`. */
export const registry = {
  type: 'object',
  additionalProperties: false,
  required: ['host'],
  properties: {
    host: {
      ...text,
      format: 'registry-host',
      description: 'as in an image reference: registry.example.com:5000',
    },
    name: { ...text, maxLength: 100, description: 'how messages and metrics call it; else host and prefix' },
    prefix: {
      ...text,
      format: 'repository-prefix',
      description: 'only repositories whose path begins so: team/project',
    },
    kind: { enum: registryKinds, description: 'what it runs; known for the public ones, else oci' },
    endpoint: { ...text, format: 'origin', description: 'origin of its API where that is elsewhere' },
    apiUrl: { ...text, format: 'api-url', description: 'where the API of GitLab or Docker Hub itself is' },
    tokenFrom: { ...secret, description: 'a token for the API of GitLab itself' },
    tokenHost: { ...text, format: 'registry-host', description: 'its token server where that is elsewhere' },
    insecure: { type: 'boolean', description: 'plain HTTP' },
    caFile: { ...text, description: 'PEM file of the authorities that sign its certificate' },
    proxy: { ...text, format: 'proxy', description: 'through which it is reached' },
    username: text,
    passwordFrom: secret,
    dockerConfigFile: { ...text, description: 'config.json of docker or .dockerconfigjson with credentials' },
    provider: { enum: providerKinds, description: 'the cloud that gives out its credentials' },
    limits: {
      type: 'object',
      additionalProperties: false,
      properties: {
        requestsPerSecond: { ...rate, maximum: 1_000 },
        burst: { ...count, maximum: 10_000 },
        concurrency: { ...count, maximum: 64 },
        pageSize: { ...count, maximum: 10_000 },
        timeoutSeconds: { ...rate, maximum: 300 },
      },
    },
    aliases: {
      type: 'array',
      items: { ...text, format: 'alias' },
      description: 'mirrors and old names whose tags are really here: mirror.local/docker-hub',
    },
    namespaces: {
      type: 'array',
      items: { ...text, format: 'namespace-pattern' },
      minItems: 1,
      description:
        'for workloads of which namespaces its credentials are used: team-a, team-*; all if not given',
    },
  },
  dependencies: { username: ['passwordFrom'], passwordFrom: ['username'] },
} as const

// A pattern runs over every tag of the images; what is longer than this nobody can read either.
const longestPattern = 512

const scheme = {
  type: 'object',
  additionalProperties: false,
  required: ['images', 'pattern'],
  properties: {
    name: text,
    images: { ...texts, minItems: 1, description: 'how the images begin: quay.io/minio/minio' },
    pattern: { ...text, maxLength: longestPattern },
  },
} as const

const workload = {
  type: 'object',
  additionalProperties: false,
  required: ['group', 'kind', 'podTemplate'],
  properties: {
    group: { ...text, format: 'api-group', description: 'argoproj.io' },
    kind: { ...text, format: 'kind', description: 'Rollout' },
    resource: { ...text, format: 'resource', description: 'its plural, where that is not the usual one' },
    podTemplate: { ...text, format: 'pod-path', description: 'spec.template, or spec.tasks[].template' },
  },
} as const

/** The schema of the configuration file, with the default of every key that has one. */
export const schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    mode: { enum: modes, default: 'warn', description: 'what happens to an outdated image' },
    strategy: { enum: strategies, default: 'patch', description: 'how far a newer tag may be' },
    ownNamespace: {
      ...text,
      format: 'namespace',
      description: 'nothing in it is refused; POD_NAMESPACE or patchline-system',
    },
    controllers: {
      type: 'array',
      items: text,
      // A controller manager that does not use a service account for each controller asks under this name.
      default: ['system:kube-controller-manager'],
      description: 'user names that count as controllers besides the service accounts of kube-system',
    },
    workloads: {
      type: 'array',
      items: workload,
      default: [],
      description: 'custom kinds with pod templates, besides those that are known as they come',
    },
    ...admissionSchema,
    webhook: section({
      address: { ...text, default: '0.0.0.0' },
      port: { ...port, default: 8443 },
      certificateFile: { ...text, description: 'PEM; looked at again every ten seconds' },
      keyFile: text,
      clientCaFile: { ...text, description: 'PEM; only who has a certificate of these authorities may ask' },
      clientNames: {
        ...texts,
        default: [],
        description: 'common or DNS names, one of which that certificate must have; any if there are none',
      },
      pathFile: { ...text, description: 'secret paths below /validate and /mutate, one a line' },
      // More than the longest timeoutSeconds (30) minus the margin could never be waited for.
      lookupBudgetMilliseconds: { type: 'integer', minimum: 0, maximum: 25_000, default: 800 },
      // The grace period of the manifests is 40 s, and requests under way need some of it.
      drainSeconds: { type: 'number', minimum: 0, maximum: 30, default: 10 },
    }),
    operations: section({
      address: { ...text, default: '0.0.0.0' },
      port: { ...port, default: 8080 },
      authentication: {
        enum: operationsAuthentications,
        default: 'off',
        description: 'by what the audit knows who may read its report and its metrics',
      },
    }),
    publicRegistries: {
      type: 'boolean',
      default: true,
      description: 'the big public registries may be asked',
    },
    registries: {
      type: 'array',
      items: registry,
      default: [],
      description: 'other registries that may be asked',
    },
    egress: section({
      allowedRanges: {
        type: 'array',
        items: { ...text, format: 'address-range' },
        default: [],
        description: 'addresses to which any allowed registry may lead, though they are not public',
      },
      proxyFromEnvironment: {
        type: 'boolean',
        default: true,
        description: 'HTTPS_PROXY, HTTP_PROXY and NO_PROXY are used',
      },
    }),
    schemes: {
      type: 'array',
      items: scheme,
      default: [],
      description: 'how tags are read where their form does not say it',
    },
    catalog: section({
      directory: { ...text, description: 'for a copy on disk that a restart begins with' },
      refreshAfterMinutes: { type: 'number', exclusiveMinimum: 0, maximum: 10_080, default: 30 },
      staleAfterHours: { type: 'number', exclusiveMinimum: 0, maximum: 8_760, default: 24 },
      maximumTags: { type: 'integer', minimum: 1000, maximum: 100_000_000, default: 2_000_000 },
    }),
    kubernetes: section({
      namespaceLabels: { enum: clusterSwitches, default: 'auto' },
      pullSecrets: {
        enum: clusterSwitches,
        default: 'auto',
        description: 'pull secrets of workloads are read, each for workloads of its own namespace',
      },
      kubeconfig: { ...text, description: 'by default the cluster that it runs in, else KUBECONFIG' },
    }),
    audit: section({
      intervalMinutes: { type: 'number', exclusiveMinimum: 0, maximum: 10_080, default: 60 },
      cron: { ...text, format: 'cron', description: 'in place of the interval: 0 6 * * 1-5' },
      refreshLimitMinutes: {
        type: 'number',
        exclusiveMinimum: 0,
        maximum: 1_440,
        // Thousands of repositories at the pace that one host bears, with an empty catalog.
        default: 30,
        description: 'how long a cycle may wait for registries; what is older then is marked as such',
      },
      timeZone: { ...text, format: 'time-zone', default: 'UTC', description: 'of cron: Europe/Berlin' },
      namespaces: {
        type: 'array',
        items: { ...text, format: 'namespace' },
        default: [],
        description: 'only these are looked at; all where there are none',
      },
      movedTags: {
        enum: movedTagsChoices,
        default: 'information',
        description: 'whether a pod that runs an older content of its tag is a finding',
      },
      reports: {
        type: 'boolean',
        default: true,
        description: 'policy reports are written, where their kind is known',
      },
      events: { type: 'boolean', default: true, description: 'Events tell of what changed' },
      correctAnnotations: {
        type: 'boolean',
        default: false,
        description:
          'annotations of reviews that are wrong by now are corrected, which takes a right of its own',
      },
      metrics: { enum: metricsLevels, default: 'workload', description: 'how fine the series are' },
      maximumSeries: { type: 'integer', minimum: 0, maximum: 1_000_000, default: 50_000 },
    }),
    notifications: notificationSchema,
    log: section({ level: { enum: logLevels, default: 'info' } }),
  },
} as const

/** The keys of the schema at a path of names, for a hint at a misspelt one. */
export function keysAt(path: readonly string[]): readonly string[] {
  let here: unknown = schema
  for (const name of path) {
    const properties = fieldOf(here, 'properties')
    here = /^\d+$/.test(name) ? fieldOf(here, 'items') : fieldOf(properties, name)
  }
  const properties = fieldOf(here, 'properties')
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
}
