import type { Config, ConfiguredHook } from '../settings/config.ts'
import { port, secret, section, text, texts, valuesOf } from './schema-parts.ts'

/** One of `api.tokens`. */
const token = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'tokenFrom'],
  properties: {
    name: { ...text, maxLength: 100 },
    tokenFrom: secret,
    write: { type: 'boolean', default: false, description: 'whether it may change the watch list' },
  },
} as const

/** One of `watch.hooks`. */
const hook = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'kind', 'secretFrom'],
  properties: {
    name: { ...text, format: 'namespace', description: 'the last part of its address: /hooks/NAME' },
    kind: {
      enum: valuesOf<ConfiguredHook['kind']>({
        'docker-hub': true,
        github: true,
        gitlab: true,
        harbor: true,
        distribution: true,
      }),
      description: 'what sends it',
    },
    registry: {
      ...text,
      format: 'registry-host',
      description: 'the host whose repositories it may name, where that is not the public one of its kind',
    },
    secretFrom: secret,
  },
} as const

/** The section `watch`: what is looked at by a schedule, and who may give hints. */
export const watchSchema = section({
  images: {
    type: 'array',
    items: { ...text, format: 'repository' },
    default: [],
    description: 'images without tags, whose tag lists are kept fresh: mojaloop/central-ledger',
  },
  intervalMinutes: { type: 'number', minimum: 1, maximum: 10_080, default: 30 },
  hooks: {
    type: 'array',
    items: hook,
    default: [],
    description: 'webhooks of registries that say what was pushed',
  },
})

/** The section `api`: verdicts for other programs. */
export const apiSchema = section({
  address: { ...text, default: '0.0.0.0' },
  port: {
    ...port,
    description:
      'the port on which serve answers other programs, none by default; patchline watch uses 4006 by default',
  },
  certificateFile: { ...text, description: 'PEM file; with it the server speaks TLS, without it plain HTTP' },
  keyFile: text,
  clientCaFile: {
    ...text,
    description: 'PEM file; clients with a certificate from these authorities may read without a token',
  },
  clientNames: {
    ...texts,
    default: [],
    description:
      'common or DNS names, one of which that certificate must have; if empty, any name is accepted',
  },
  authentication: {
    enum: valuesOf<Config['api']['authentication']>({ tokens: true, kubernetes: true, off: true }),
    default: 'off',
    description:
      'tokens: those of api.tokens; kubernetes: those that the API server accepts; off: every client may read',
  },
  tokens: { type: 'array', items: token, default: [] },
  requestsPerMinute: {
    type: 'number',
    exclusiveMinimum: 0,
    maximum: 1_000_000,
    // Ten a second: a client that asks one by one for the images of a cluster each minute.
    default: 600,
    description: 'how many requests each client may send',
  },
  lookupBudgetMilliseconds: {
    type: 'integer',
    minimum: 0,
    maximum: 60_000,
    // Clients of HTTP commonly wait ten seconds or more; a first look-up takes one or two.
    default: 5_000,
    description: 'how long a first lookup may delay an answer',
  },
})
