interface Deadline {
  readonly milliseconds: number
  /** Creates the signal's reason when time is up; only then, because an error captures the stack. */
  readonly late: () => Error
}

/** Runs work with a signal that is aborted when an outer one is, or when time is up. Leaves no timer and no listener behind. */
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

/** Waits for a promise; rejects at once with the reason of the signal if that is aborted first. Leaves no listener behind. */
export function orAborted<T>(outcome: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    outcome.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
