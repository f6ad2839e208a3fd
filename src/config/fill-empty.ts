import { fieldOf } from './schema-parts.ts'

/**
 * The document with an empty mapping or an empty list for a key of the schema that has nothing behind it (`webhook:`, or a list of
 * which every line is a comment): so people mean it, and YAML says null.
 */
export function fillEmpty(value: unknown, schema: unknown): unknown {
  if (value === null && fieldOf(schema, 'type') === 'object') return {}
  if (value === null && fieldOf(schema, 'type') === 'array') return []
  if (Array.isArray(value)) return value.map(item => fillEmpty(item, fieldOf(schema, 'items')))
  if (typeof value !== 'object' || value === null) return value
  const properties = fieldOf(schema, 'properties')
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, fillEmpty(inner, fieldOf(properties, key))]),
  )
}
