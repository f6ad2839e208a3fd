import { at, member } from '../../json/index.ts'
import { modes } from '../../policy/index.ts'
import { strategies } from '../../version/index.ts'
import type { Config } from '../settings/config.ts'
import { apiSchema, watchSchema } from './api-schema.ts'
import { auditSchema } from './audit-schema.ts'
import { notificationSchema } from './notification-schema.ts'
import { registry } from './registry-schema.ts'
import {
  fileException,
  filePolicy,
  port,
  scheme,
  section,
  supportTable,
  text,
  texts,
  valuesOf,
  workload,
} from './schema-parts.ts'

// JSON Schema, so that editors and charts can use it too.

// The exceptions of `enforce`, and the other warnings.
const admissionSchema = {
  enforcement: section({
    steps: {
      enum: valuesOf<Config['enforcement']['steps']>({ newer: true, newest: true }),
      default: 'newer',
      description:
        'which tags an update may move to: any tag newer than the one it replaces, or only the newest',
    },
    copies: {
      enum: valuesOf<Config['enforcement']['copies']>({ allowed: true, refused: true }),
      default: 'allowed',
      description: 'whether a Pod, or a Job of a CronJob, may use an image that its namespace already runs',
    },
    rebuilds: {
      enum: valuesOf<Config['enforcement']['rebuilds']>({ allowed: true, refused: true }),
      default: 'refused',
      description: 'whether an image may lack only a rebuild of its version: 1.2.3-r50 when 1.2.3-r51 exists',
    },
  }),
  warnings: section({
    unlistedRegistries: {
      type: 'boolean',
      default: false,
      description: 'warn if the configuration does not list the registry of an image',
    },
    floatingTags: { type: 'boolean', default: true, description: 'warn if a tag floats' },
  }),
} as const

/** The schema of the configuration file, with the default of every key that has one. */
export const schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    mode: { enum: modes, default: 'warn', description: 'what Patchline does about an outdated image' },
    strategy: {
      enum: strategies,
      default: 'patch',
      description: 'how far a newer tag may be from the current one',
    },
    ownNamespace: {
      ...text,
      format: 'namespace',
      description:
        'the namespace of Patchline, in which nothing is refused; by default POD_NAMESPACE, else patchline-system',
    },
    controllers: {
      type: 'array',
      items: text,
      // A controller manager without a service account for each controller has this name.
      default: ['system:kube-controller-manager'],
      description: 'user names that count as controllers, in addition to the service accounts of kube-system',
    },
    workloads: {
      type: 'array',
      items: workload,
      default: [],
      description: 'custom kinds with pod templates, in addition to the built-in ones',
    },
    policies: {
      type: 'array',
      items: filePolicy,
      default: [],
      description: 'policies, in addition to the PatchPolicies of the cluster',
    },
    exceptions: {
      type: 'array',
      items: fileException,
      default: [],
      description: 'exceptions, in addition to the PatchExceptions of the cluster',
    },
    ...admissionSchema,
    webhook: section({
      address: { ...text, default: '0.0.0.0' },
      port: { ...port, default: 8443 },
      certificates: section({
        source: {
          enum: valuesOf<Config['webhook']['certificates']['source']>({ files: true, managed: true }),
          default: 'files',
          description:
            'where the serving certificate comes from: the files below, or an authority that Patchline looks after in the cluster',
        },
        service: {
          ...text,
          format: 'service',
          default: 'patchline',
          description: 'for managed certificates: the Service that the API server calls',
        },
        configuration: {
          ...text,
          format: 'object-name',
          default: 'patchline',
          description: 'for managed certificates: the name of both webhook configurations',
        },
      }),
      certificateFile: { ...text, description: 'PEM file; checked for changes every ten seconds' },
      keyFile: text,
      clientCaFile: {
        ...text,
        description: 'PEM file; only clients with a certificate from these authorities may send reviews',
      },
      clientNames: {
        ...texts,
        default: [],
        description:
          'common or DNS names, one of which the client certificate must have; if empty, any name is accepted',
      },
      pathFile: { ...text, description: 'file of secret paths below /validate and /mutate, one per line' },
      // The longest timeoutSeconds (30) minus the margin.
      lookupBudgetMilliseconds: { type: 'integer', minimum: 0, maximum: 25_000, default: 800 },
      // The grace period of the manifests is 40 s, and requests under way need some of it.
      drainSeconds: { type: 'number', minimum: 0, maximum: 30, default: 10 },
    }),
    operations: section({
      address: { ...text, default: '0.0.0.0' },
      port: { ...port, default: 8080 },
      authentication: {
        enum: valuesOf<Config['operations']['authentication']>({ kubernetes: true, tokens: true, off: true }),
        default: 'off',
        description:
          'kubernetes or tokens (of the section api): the audit shows its report and metrics only to clients that may read them',
      },
    }),
    api: apiSchema,
    watch: watchSchema,
    publicRegistries: {
      type: 'boolean',
      default: true,
      description: 'whether the big public registries may be contacted',
    },
    registries: {
      type: 'array',
      items: registry,
      default: [],
      description: 'other registries that may be contacted',
    },
    egress: section({
      allowedRanges: {
        type: 'array',
        items: { ...text, format: 'address-range' },
        default: [],
        description: 'addresses that are not public, but that any allowed registry may resolve to',
      },
      proxyFromEnvironment: {
        type: 'boolean',
        default: true,
        description: 'use HTTPS_PROXY, HTTP_PROXY and NO_PROXY',
      },
    }),
    schemes: {
      type: 'array',
      items: scheme,
      default: [],
      description: 'how to read tags whose meaning cannot be learned',
    },
    supportTables: {
      type: 'array',
      items: supportTable,
      default: [],
      description: 'support dates of lines, in addition to the shipped ones',
    },
    catalog: section({
      directory: {
        ...text,
        description: 'directory for a copy of the tag lists and digests, which is loaded at the start',
      },
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
        description: 'whether to read the pull secrets of workloads, each for workloads of its own namespace',
      },
      kubeconfig: {
        ...text,
        description: 'kubeconfig file; by default KUBECONFIG, else ~/.kube/config, else in-cluster',
      },
    }),
    audit: auditSchema,
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
