import { isJsonObject } from '../json/index.ts'
import { shorten } from '../text/index.ts'

/** An image text may be as long as an object; this is enough to recognize it. */
const longestShown = 301

/** A field as a log line shows it: a text has at most 301 characters, with `…` at its end if it was cut. */
export function shortField(value: unknown): unknown {
  return typeof value === 'string' ? shorten(value, longestShown) : value
}

/** An error as a log line shows it: named fields only, because an error of an HTTP client carries its headers along. */
export interface LoggedError {
  readonly type: string
  readonly code?: string
  readonly message: string
  readonly stack?: string
  readonly cause?: LoggedError
}

const deepestCause = 4 // a cause may be its own cause

/** The fields of an error and its causes that a log line shows. Never throws. */
export function serializeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error))
    return { type: typeof error, message: typeof error === 'string' ? error : 'no error' }
  const { name, message, stack, cause } = error
  return {
    type: name,
    ...('code' in error && typeof error.code === 'string' && { code: error.code }),
    message,
    ...(stack !== undefined && depth === 0 && { stack }),
    ...(cause !== undefined && depth < deepestCause && { cause: serializeError(cause, depth + 1) }),
  }
}

const secretNames: ReadonlySet<string> = new Set([
  'password',
  'token',
  'authorization',
  'secret',
  'credentials',
  'auth',
])

const redacted = '[redacted]'
const deepest = 2

/**
 * The fields without the values under the name of a secret, two levels deep. No code puts credentials into fields: this is a
 * second guard. It is not pino's `redact`, which costs more than the rest of the line.
 */
export function withoutSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  return hasSecret(fields, deepest) ? redact(fields, deepest) : fields
}

function hasSecret(fields: object, depth: number): boolean {
  for (const [name, value] of Object.entries(fields))
    if (secretNames.has(name.toLowerCase()) || (depth > 1 && isPlain(value) && hasSecret(value, depth - 1)))
      return true
  return false
}

function redact(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => {
      if (secretNames.has(name.toLowerCase())) return [name, redacted]
      return [name, depth > 1 && isPlain(value) ? redact(value, depth - 1) : value]
    }),
  )
}

// Errors have their own serializer, and lists hold only the images of a review.
function isPlain(value: unknown): value is object {
  return isJsonObject(value) && !(value instanceof Error)
}
