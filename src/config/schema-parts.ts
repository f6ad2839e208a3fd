// What several parts of the schema are made of.

export const text = { type: 'string', minLength: 1 } as const
export const texts = { type: 'array', items: text } as const
export const port = { type: 'integer', minimum: 0, maximum: 65_535 } as const

/** A part of the configuration that may be left out: its keys then have their defaults. */
export const section = (properties: Readonly<Record<string, object>>): object => ({
  type: 'object',
  additionalProperties: false,
  properties,
  default: {},
})

/** A secret stands elsewhere, never in the file itself: exactly one of the two. */
export const secret = {
  type: 'object',
  additionalProperties: false,
  properties: { environment: text, file: text },
  minProperties: 1,
  maxProperties: 1,
} as const

/** A member of what may be a mapping; undefined where there is none. */
export function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.getOwnPropertyDescriptor(value, name)?.value
}
