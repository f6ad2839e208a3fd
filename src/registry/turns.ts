/** Lets a few at a time through for each key; the others wait in the order in which they came. */
export interface Turns {
  /** Waits for a turn and takes it; call what it gives once, to hand it on. Rejects with the signal's reason. */
  take(key: string, signal: AbortSignal): Promise<() => void>
}

interface Line {
  taken: number
  readonly waiting: Set<() => void>
}

/** Turns of which each key has `atOnce`. */
export function createTurns(atOnce: number): Turns {
  const lines = new Map<string, Line>()
  return {
    async take(key, signal) {
      signal.throwIfAborted()
      const line = lines.get(key) ?? { taken: 0, waiting: new Set() }
      lines.set(key, line)
      if (line.taken < atOnce) line.taken++
      else await wait(line, signal)
      return () => {
        const [next] = line.waiting
        if (next !== undefined) return next() // the turn goes over: `taken` stays
        line.taken--
        if (line.taken === 0) lines.delete(key)
      }
    },
  }
}

function wait(line: Line, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = (): void => {
      leave()
      resolve()
    }
    const stop = (): void => {
      leave()
      reject(signal.reason)
    }
    const leave = (): void => {
      line.waiting.delete(go)
      signal.removeEventListener('abort', stop)
    }
    line.waiting.add(go)
    signal.addEventListener('abort', stop, { once: true })
  })
}
