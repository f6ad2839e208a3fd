import { CertificateError } from './certificate-error.ts'

/** What is read from files, and whom to tell when it changes. */
export interface FilesWatch<T> {
  /** @throws CertificateError where the files hold nothing usable. */
  readonly read: () => Promise<T>
  readonly isSame: (one: T, other: T) => boolean
  /** Something new that is usable. Not called for the first one, which the watch returns. */
  readonly onChange: (content: T) => void
  /** Why the files hold nothing usable; told once until it changes. What is in use stays. */
  readonly onProblem: (problem: CertificateError) => void
  /** Default 10 s, as controller-runtime polls. */
  readonly intervalMilliseconds?: number | undefined
}

/** A running watch. */
export interface WatchedFiles<T> {
  readonly initial: T
  close(): void
}

/**
 * Reads files, then looks for changes by reading them again: Kubernetes replaces the directory behind a Secret volume by a
 * symbolic link, which file events and inodes miss.
 * @throws CertificateError where there is nothing usable to begin with.
 */
export async function watchFiles<T>(watch: FilesWatch<T>): Promise<WatchedFiles<T>> {
  const { read, isSame, onChange, onProblem, intervalMilliseconds = 10_000 } = watch
  const initial = await read()
  let current: T = initial
  let problem: string | undefined
  let closed = false
  let timer = schedule()

  function schedule(): NodeJS.Timeout {
    // A chain of timers, not an interval: a slow disk never gets two reads at once. Unref'd: it keeps no process up.
    return setTimeout(() => void poll(), intervalMilliseconds).unref()
  }

  async function poll(): Promise<void> {
    const outcome = await outcomeOf(read)
    if (closed) return
    timer = schedule()
    if ('problem' in outcome) {
      if (outcome.problem.message !== problem) onProblem(outcome.problem)
      problem = outcome.problem.message
      return
    }
    problem = undefined
    if (isSame(outcome.content, current)) return
    current = outcome.content
    onChange(outcome.content)
  }

  return {
    initial,
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}

type Outcome<T> = { readonly content: T } | { readonly problem: CertificateError }

async function outcomeOf<T>(read: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { content: await read() }
  } catch (error) {
    if (error instanceof CertificateError) return { problem: error }
    throw error
  }
}
