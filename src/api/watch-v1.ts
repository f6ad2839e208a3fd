const instant = { type: ['string', 'null'], format: 'date-time' } as const

/** A repository on the watch list. */
export const watchSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['image', 'source', 'lookedAt', 'tags', 'problem'],
  properties: {
    image: { type: 'string', description: 'the repository as a person writes it' },
    source: { enum: ['configuration', 'api'], description: 'what put it there' },
    lookedAt: { ...instant, description: 'when its registry was last asked for it' },
    tags: { type: ['integer', 'null'], description: 'how many it had then' },
    problem: { type: ['string', 'null'], description: 'why the last look came to nothing' },
  },
} as const

/** The watch list. */
export const watchListSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'items'],
  properties: {
    apiVersion: { const: 'patchline.dev/v1' },
    kind: { const: 'WatchList' },
    items: { type: 'array', items: watchSchema },
  },
} as const
