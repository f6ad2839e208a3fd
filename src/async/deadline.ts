interface Deadline {
  readonly milliseconds: number
  /** What the signal's reason becomes when time is up; made only then, for an error takes a picture of the stack. */
  readonly late: () => Error
}

/** Runs work with a signal that is aborted when an outer one is, or when time is up; nothing stays behind afterwards. */
export async function withDeadline<T>(
  deadline: Deadline,
  outer: readonly AbortSignal[], // AbortSignal.any would gather one listener per call on a signal that lives long
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const stop = (): void => controller.abort(outer.find(signal => signal.aborted)?.reason)
  const timer = setTimeout(() => controller.abort(deadline.late()), deadline.milliseconds)
  for (const signal of outer) signal.addEventListener('abort', stop, { once: true })
  try {
    if (outer.some(signal => signal.aborted)) stop()
    return await work(controller.signal)
  } finally {
    clearTimeout(timer)
    for (const signal of outer) signal.removeEventListener('abort', stop)
  }
}

/** What the promise gives, or at once the reason of a signal that is aborted before; nothing stays behind afterwards. */
export function orAborted<T>(outcome: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    outcome.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
