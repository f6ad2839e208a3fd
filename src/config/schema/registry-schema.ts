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
      description: 'as in an image reference: registry.example.com:5000',
    },
    name: { ...text, maxLength: 100, description: 'how messages and metrics call it; else host and prefix' },
    prefix: {
      ...text,
      format: 'repository-prefix',
      description: 'only repositories whose path begins so: team/project',
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
      description: 'what it runs; known for the public ones, else oci',
    },
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
    provider: {
      enum: valuesOf<NonNullable<RegistrySettings['provider']>['kind']>({ ecr: true, gar: true, acr: true }),
      description: 'the cloud that gives out its credentials',
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
