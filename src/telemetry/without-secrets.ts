const secretNames: ReadonlySet<string> = new Set([
  'password',
  'token',
  'authorization',
  'secret',
  'credentials',
  'auth',
])

const censored = '[redacted]'
const deepest = 2

/**
 * The fields, without what stands under the name of a secret, two levels deep. Credentials are never put into fields: this
 * is for the day one is. Not pino's own `redact`, which costs more than the rest of the line.
 */
export function withoutSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  return hasSecret(fields, deepest) ? censor(fields, deepest) : fields
}

function hasSecret(fields: object, depth: number): boolean {
  for (const [name, value] of Object.entries(fields))
    if (secretNames.has(name.toLowerCase()) || (depth > 1 && isPlain(value) && hasSecret(value, depth - 1)))
      return true
  return false
}

function censor(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => {
      if (secretNames.has(name.toLowerCase())) return [name, censored]
      return [name, depth > 1 && isPlain(value) ? censor(value, depth - 1) : value]
    }),
  )
}

// Errors have a serializer of their own, and lists hold nothing but what a review is about.
function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Error)
}
