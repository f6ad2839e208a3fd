import type { FromSchema } from 'json-schema-to-ts'

const conditions = {
  type: 'array',
  description: 'The latest observations.',
  maxItems: 8,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
    properties: {
      type: { type: 'string', maxLength: 316 },
      status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
      observedGeneration: { type: 'integer', minimum: 0 },
      lastTransitionTime: { type: 'string', format: 'date-time' },
      reason: { type: 'string', minLength: 1, maxLength: 1024 },
      message: { type: 'string', maxLength: 32768 },
    },
  },
} as const

const counted = { type: 'integer', minimum: 0 } as const
const lastEvaluated = {
  type: 'string',
  format: 'date-time',
  description: 'When the workloads of the cluster were last judged by this object.',
} as const

/** What came of a policy. */
export const policyStatusSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    observedGeneration: { ...counted, description: 'The generation of the spec that this is about.' },
    conditions,
    workloads: { ...counted, description: 'How many workloads have an image that the policy decides about.' },
    outdated: { ...counted, description: 'How many of these have an outdated image.' },
    wouldRefuse: {
      ...counted,
      description: 'How many of these would be refused if they were applied now with mode enforce.',
    },
    exempt: { ...counted, description: 'How many of these have an image that only an exception excuses.' },
    lastEvaluated,
  },
} as const

/** What came of an exception. */
export const exceptionStatusSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    observedGeneration: { ...counted, description: 'The generation of the spec that this is about.' },
    conditions,
    state: {
      type: 'string',
      enum: ['Active', 'NotNeeded', 'NotAllowed', 'Ended', 'Invalid'],
      description:
        'Whether it excuses images (Active), matches none that is outdated (NotNeeded), is not allowed by the policy, has ended, or cannot be read.',
    },
    workloads: { ...counted, description: 'How many workloads have an image that it names.' },
    wouldRefuse: { ...counted, description: 'How many of these would be refused without it.' },
    lastEvaluated,
  },
} as const

export type PolicyStatus = FromSchema<typeof policyStatusSchema>
export type ExceptionStatus = FromSchema<typeof exceptionStatusSchema>
