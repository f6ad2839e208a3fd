import { at, member } from '../../json/index.ts'
import { modes } from '../../policy/index.ts'
import { strategies } from '../../version/index.ts'
import type { Config } from '../settings/config.ts'
import { notificationSchema } from './notification-schema.ts'
import { registry } from './registry-schema.ts'
import { port, section, text, texts, valuesOf } from './schema-parts.ts'

// JSON Schema, so that editors and charts can use it too.

// A pattern runs over every tag of the images; a longer one is unreadable anyway.
const longestPattern = 512

/** One of `schemes`. */
export const scheme = {
  type: 'object',
  additionalProperties: false,
  required: ['images', 'pattern'],
  properties: {
    name: text,
    images: { ...texts, minItems: 1, description: 'how the images begin: quay.io/minio/minio' },
    pattern: { ...text, maxLength: longestPattern },
  },
} as const

/** One of `workloads`. */
export const workload = {
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

// What is refused under `enforce`, and what warnings say.
const admissionSchema = {
  enforcement: section({
    steps: {
      enum: valuesOf<Config['enforcement']['steps']>({ newer: true, newest: true }),
      default: 'newer',
      description: 'what an update may go to: a tag newer than what it replaces, or only the newest',
    },
    copies: {
      enum: valuesOf<Config['enforcement']['copies']>({ allowed: true, refused: true }),
      default: 'allowed',
      description: 'a Pod or a Job of a CronJob with an image that its namespace runs already',
    },
    rebuilds: {
      enum: valuesOf<Config['enforcement']['rebuilds']>({ allowed: true, refused: true }),
      default: 'refused',
      description: 'an image that lacks nothing but a rebuild of its version: 1.2.3-r50 beside 1.2.3-r51',
    },
  }),
  warnings: section({
    unlistedRegistries: {
      type: 'boolean',
      default: false,
      description: 'people are told that the configuration does not list a registry',
    },
    floatingTags: { type: 'boolean', default: true, description: 'people are told that a tag floats' },
  }),
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
      // A controller manager without a service account for each controller has this name.
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
      // The longest timeoutSeconds (30) minus the margin.
      lookupBudgetMilliseconds: { type: 'integer', minimum: 0, maximum: 25_000, default: 800 },
      // The grace period of the manifests is 40 s, and requests under way need some of it.
      drainSeconds: { type: 'number', minimum: 0, maximum: 30, default: 10 },
    }),
    operations: section({
      address: { ...text, default: '0.0.0.0' },
      port: { ...port, default: 8080 },
      authentication: {
        enum: valuesOf<Config['operations']['authentication']>({ kubernetes: true, off: true }),
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
      namespaceLabels: {
        enum: valuesOf<Config['kubernetes']['pullSecrets']>({ auto: true, on: true, off: true }),
        default: 'auto',
      },
      policies: {
        enum: valuesOf<Config['kubernetes']['policies']>({ auto: true, on: true, off: true }),
        default: 'auto',
        description: 'PatchPolicies and PatchExceptions of the cluster count beside this file',
      },
      pullSecrets: {
        enum: valuesOf<Config['kubernetes']['pullSecrets']>({ auto: true, on: true, off: true }),
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
        // Thousands of repositories at the rate of one host, with an empty catalog.
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
        enum: valuesOf<Config['audit']['movedTags']>({ finding: true, information: true }),
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
      metrics: {
        enum: valuesOf<Config['audit']['metrics']>({ workload: true, namespace: true, off: true }),
        default: 'workload',
        description: 'how fine the series are',
      },
      maximumSeries: { type: 'integer', minimum: 0, maximum: 1_000_000, default: 50_000 },
    }),
    notifications: notificationSchema,
    log: section({
      level: {
        enum: valuesOf<Config['log']['level']>({ debug: true, info: true, warn: true, error: true }),
        default: 'info',
      },
    }),
  },
} as const

/** The keys of the schema at a path, for a hint at a misspelt one. */
export function keysAt(path: readonly string[]): readonly string[] {
  let here: unknown = schema
  for (const name of path) {
    here = /^\d+$/.test(name) ? member(here, 'items') : at(here, ['properties', name])
  }
  return Object.keys(member(here, 'properties') ?? {})
}
