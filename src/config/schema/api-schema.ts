import type { Config } from '../settings/config.ts'
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
