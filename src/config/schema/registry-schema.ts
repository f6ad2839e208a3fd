import type { RegistrySettings } from '../../registry/index.ts'
import { secret, text, valuesOf } from './schema-parts.ts'

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
      description: 'the host as in image references: registry.example.com:5000',
    },
    name: {
      ...text,
      maxLength: 100,
      description: 'the name in messages and metrics; by default host and prefix',
    },
    prefix: {
      ...text,
      format: 'repository-prefix',
      description: 'only repositories whose path starts with this: team/project',
    },
    kind: {
      enum: valuesOf<NonNullable<RegistrySettings['kind']>>({
        oci: true,
        'docker-hub': true,
        gitlab: true,
        quay: true,
        ghcr: true,
        harbor: true,
        artifactory: true,
        nexus: true,
      }),
      description: 'the software or service; by default oci, except for public registries',
    },
    endpoint: {
      ...text,
      format: 'origin',
      description: 'the origin of its API, if that is not https and the host',
    },
    apiUrl: { ...text, format: 'api-url', description: 'the address of the own API of GitLab or Docker Hub' },
    tokenFrom: { ...secret, description: 'a token for the own API of GitLab' },
    tokenHost: {
      ...text,
      format: 'registry-host',
      description: 'the host of its token server, if that is another one',
    },
    insecure: { type: 'boolean', description: 'use plain HTTP' },
    caFile: { ...text, description: 'PEM file of the authorities that sign its certificate' },
    proxy: { ...text, format: 'proxy', description: 'the proxy through which it is reached' },
    username: text,
    passwordFrom: secret,
    dockerConfigFile: {
      ...text,
      description: 'a config.json of docker, or a .dockerconfigjson, with credentials',
    },
    provider: {
      enum: valuesOf<NonNullable<RegistrySettings['provider']>['kind']>({ ecr: true, gar: true, acr: true }),
      description: 'the cloud that issues its credentials',
    },
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
      description: 'mirrors and former names of this registry: mirror.local/docker-hub',
    },
    namespaces: {
      type: 'array',
      items: { ...text, format: 'namespace-pattern' },
      minItems: 1,
      description: 'the namespaces whose workloads may use its credentials: team-a, team-*; by default all',
    },
  },
  dependencies: { username: ['passwordFrom'], passwordFrom: ['username'] },
} as const
