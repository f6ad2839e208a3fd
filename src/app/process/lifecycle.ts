/** What was started and has to be ended. */
export interface Shutdown {
  /** Adds what is to be ended before all that was added earlier. */
  defer(end: () => unknown): void
  /** Ends everything, last first, also what comes after something that fails; then throws the first failure. */
  run(): Promise<void>
}

/** Creates a shutdown with nothing to end. `AsyncDisposableStack` would do once Node.js 22 needs no support. */
export function createShutdown(): Shutdown {
  const ends: (() => unknown)[] = []
  return {
    defer: end => void ends.push(end),
    async run() {
      const failures: Error[] = []
      for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
        try {
          await end()
        } catch (error) {
          failures.push(error instanceof Error ? error : new Error(String(error)))
        }
      }
      const [first] = failures
      if (first !== undefined) throw first
    },
  }
}

/** Starts something; if that fails half-way, ends what was started so far, and throws what the start threw. */
export async function startOrUndo<T>(start: (shutdown: Shutdown) => Promise<T>): Promise<T> {
  const shutdown = createShutdown()
  try {
    return await start(shutdown)
  } catch (error) {
    await shutdown.run()
    throw error
  }
}

interface Place {
  /** Of the configuration. */
  readonly section: 'webhook' | 'operations' | 'api'
  readonly address: string
  readonly port: number
}

/**
 * Has a server listen; the port it got.
 * @throws Error that names the keys of the configuration: the system's words (EADDRINUSE, ENOTFOUND) do not.
 */
export async function listenAt(
  { section, address, port }: Place,
  server: { listen(address: string, port: number): Promise<number> },
): Promise<number> {
  try {
    return await server.listen(address, port)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`${section}.address ${address}, ${section}.port ${port}: ${why}`, { cause: error })
  }
}
