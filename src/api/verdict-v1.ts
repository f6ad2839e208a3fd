import { driftItemSchema, restVerdicts, type DriftItem } from './rest-v1.ts'

/** How far a newer tag may be, as in the configuration. */
const restStrategies = ['rebuild', 'patch', 'minor', 'major'] as const

// The most images of one request: a large cluster runs thousands, and asks by several requests.
const mostVerdicts = 500

const { properties } = driftItemSchema
const {
  image,
  registry,
  repository,
  current,
  newest,
  elsewhere,
  line,
  behind,
  counted,
  reason,
  detail,
  checkedAt,
  stale,
  page,
  source,
} = properties

/** The verdict for one image: the fields of a drift item that need no workload, with the same meanings. */
export const verdictItemSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['image', 'verdict', 'reason', 'behind', 'counted', 'strategy', 'stale'],
  properties: {
    image: { ...image, description: 'as it was asked for' },
    registry,
    repository,
    current: { ...current, description: 'the tag that was asked about' },
    newest,
    elsewhere,
    line,
    behind,
    counted,
    verdict: { enum: restVerdicts.filter(verdict => verdict !== 'exempt') },
    reason,
    detail,
    strategy: { enum: restStrategies },
    checkedAt,
    stale,
    page,
    source,
  },
} as const

/** The verdict for one image, as in {@link verdictItemSchema}. */
export type VerdictItem = Pick<
  DriftItem,
  | 'image'
  | 'registry'
  | 'repository'
  | 'current'
  | 'newest'
  | 'elsewhere'
  | 'line'
  | 'behind'
  | 'counted'
  | 'verdict'
  | 'reason'
  | 'detail'
  | 'strategy'
  | 'checkedAt'
  | 'stale'
  | 'page'
  | 'source'
>

const strategy = {
  enum: restStrategies,
  description: 'how far a newer tag may be; by default the strategy of the configuration',
} as const

/** The body of `POST /verdicts`. */
export const verdictRequestSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['images'],
  properties: {
    images: {
      type: 'array',
      minItems: 1,
      maxItems: mostVerdicts,
      items: { type: 'string', maxLength: 1_000 },
      description: 'image references as in a pod spec',
    },
    strategy,
  },
} as const

/** The body of `POST /verdicts`, as in {@link verdictRequestSchema}. */
export interface VerdictRequestBody {
  readonly images: readonly string[]
  readonly strategy?: (typeof restStrategies)[number]
}

/** The response to `POST /verdicts`: one item for each image, in the order of the request. */
export const verdictListSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'items'],
  properties: {
    apiVersion: { const: 'patchline.dev/v1' },
    kind: { const: 'VerdictList' },
    items: { type: 'array', items: verdictItemSchema },
  },
} as const

/** The query parameters of the provider for Gatekeeper: part of the address that its Provider names. */
export const providerQuerySchema = {
  type: 'object',
  additionalProperties: false,
  properties: { strategy },
} as const

/** A request of Gatekeeper for external data: its keys are image references. */
export const providerRequestSchema = {
  type: 'object',
  required: ['apiVersion', 'kind', 'request'],
  properties: {
    apiVersion: { const: 'externaldata.gatekeeper.sh/v1beta1' },
    kind: { const: 'ProviderRequest' },
    request: {
      type: 'object',
      required: ['keys'],
      properties: {
        keys: {
          type: 'array',
          maxItems: mostVerdicts,
          items: { type: 'string', maxLength: 1_000 },
        },
      },
    },
  },
} as const

/** The response to Gatekeeper: for each key a verdict as its value, or an error. */
export const providerResponseSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'response'],
  properties: {
    apiVersion: { const: 'externaldata.gatekeeper.sh/v1beta1' },
    kind: { const: 'ProviderResponse' },
    response: {
      type: 'object',
      additionalProperties: false,
      properties: {
        idempotent: { type: 'boolean' },
        items: {
          type: 'array',
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['key'],
            properties: { key: { type: 'string' }, value: verdictItemSchema, error: { type: 'string' } },
          },
        },
        systemError: { type: 'string', description: 'why nothing is told of any key' },
      },
    },
  },
} as const
