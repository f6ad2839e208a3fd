/** What a log line says of an error: named fields only, for an HTTP client's error carries its headers along. */
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
