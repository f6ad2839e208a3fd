import { CertificateError } from './certificate-error.ts'
import { readServingPair, type ServingFiles, type ServingPair } from './serving-pair.ts'

/** What to watch and whom to tell. */
export interface ServingPairWatch extends ServingFiles {
  /** A new valid pair. Not called for the first one, which the watch returns. */
  readonly onChange: (pair: ServingPair) => void
  /** Why the files hold no usable pair; told once until it changes. The pair in use stays. */
  readonly onProblem: (problem: CertificateError) => void
  /** Default 10 s, as controller-runtime polls. */
  readonly intervalMilliseconds?: number
}

/** A running watch. */
export interface WatchedServingPair {
  readonly initial: ServingPair
  close(): void
}

/**
 * Reads the pair, then looks for a new one by reading the files again: Kubernetes replaces the directory behind a
 * Secret volume by a symbolic link, which file events and inodes miss. Throws CertificateError if there is no usable
 * pair to begin with.
 */
export async function watchServingPair(watch: ServingPairWatch): Promise<WatchedServingPair> {
  const { onChange, onProblem, intervalMilliseconds = 10_000 } = watch
  const initial = await readServingPair(watch)
  let current = initial
  let problem: string | undefined
  let closed = false
  let timer = schedule()

  function schedule(): NodeJS.Timeout {
    // A chain of timers, not an interval: a slow disk never gets two reads at once. Unref'd: it keeps no process up.
    return setTimeout(() => void poll(), intervalMilliseconds).unref()
  }

  async function poll(): Promise<void> {
    const outcome = await readOutcome(watch)
    if (closed) return
    timer = schedule()
    if (outcome instanceof CertificateError) {
      if (outcome.message !== problem) onProblem(outcome)
      problem = outcome.message
      return
    }
    problem = undefined
    if (outcome.certificate === current.certificate && outcome.key === current.key) return
    current = outcome
    onChange(outcome)
  }

  return {
    initial,
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}

async function readOutcome(files: ServingFiles): Promise<ServingPair | CertificateError> {
  try {
    return await readServingPair(files)
  } catch (error) {
    if (error instanceof CertificateError) return error
    throw error
  }
}
