import {
  CertificateError,
  watchServingPair,
  type ServingPair,
  type WatchedFiles,
} from '../../certificates/index.ts'
import type { Shutdown } from '../process/lifecycle.ts'
import type { Logger } from '../../telemetry/index.ts'

/** The files of a serving pair, and the keys of the configuration that name them. */
interface PairFiles {
  readonly certificateFile: string
  readonly keyFile: string
  readonly keys: string
}

interface PairFollower {
  readonly log: Logger
  readonly shutdown: Shutdown
  /** How often the files are looked at; ten seconds where missing. */
  readonly intervalMilliseconds?: number | undefined
  /** Takes each new pair; what it throws keeps the old one. */
  readonly onPair: (pair: ServingPair) => void
}

/**
 * Reads a serving pair, and follows its files.
 * @throws Error that names the keys of the configuration and what to do.
 */
export async function followPair(
  { keys, ...files }: PairFiles,
  { log, shutdown, onPair, intervalMilliseconds }: PairFollower,
): Promise<ServingPair> {
  const kept = 'serving pair not replaced, the old one stays'
  const watching = watchServingPair({
    ...files,
    intervalMilliseconds,
    onChange(pair) {
      // The watch has checked the pair; should the server refuse it all the same, it serves on with the old one.
      try {
        onPair(pair)
      } catch (error) {
        log.error({ err: error }, kept)
        return
      }
      log.info({ expiresAt: new Date(pair.expiresAt).toISOString() }, 'serving pair replaced')
    },
    onProblem: problem => log.error({ err: problem }, kept),
  })
  return usable(watching, { shutdown, next: `${keys}; patchline certs makes a new pair` })
}

/** The first state of watched files. @throws Error that says what is wrong with them, and `next`: what to do. */
export async function usable<T>(
  watching: Promise<WatchedFiles<T>>,
  { shutdown, next }: { readonly shutdown: Shutdown; readonly next: string },
): Promise<T> {
  try {
    const watch = await watching
    shutdown.defer(() => watch.close())
    return watch.initial
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new Error(`${error.message} (${next})`, { cause: error })
  }
}
