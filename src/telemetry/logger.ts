import { destination as pinoDestination, pino, stdTimeFunctions } from 'pino'
import { cut } from './cut.ts'
import { createLineBatch } from './line-batch.ts'
import { serializeError } from './serialize-error.ts'
import { withoutSecrets } from './without-secrets.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

/** Log lines: a constant message and fields, as one line of JSON each. An error goes into the field `err`. */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** Whether lines of this level are written. */
  isLevelEnabled(level: LogLevel): boolean
  /** Resolves once all lines so far are written, and after a second at the latest. */
  flush(): Promise<void>
}

export interface LoggerOptions {
  readonly level: LogLevel
  /** A file descriptor; stdout where missing. */
  readonly destination?: number
}

const stdout = 1
const longestFlush = 1_000 // milliseconds; a reader that hangs must not keep the process from ending
const mostBufferedBytes = 4 * 1024 * 1024 // what a reader that hangs may cost; lines beyond it are lost

/** A logger that writes in the background. What a field `image` or `reference` holds is cut to a readable length. */
export function createLogger({ level, destination = stdout }: LoggerOptions): Logger {
  // Its `flush` waits for what is being written only where it has a least length to write.
  const stream = pinoDestination({
    dest: destination,
    sync: false,
    minLength: 1,
    maxLength: mostBufferedBytes,
  })
  const batch = createLineBatch(stream)
  const log = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }), log: withoutSecrets },
      serializers: { err: serializeError, image: cut, reference: cut },
    },
    batch,
  )
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error(fields, message) {
      log.error(fields, message)
      batch.flush() // what comes next may be the end
    },
    isLevelEnabled: wanted => log.isLevelEnabled(wanted),
    flush() {
      batch.flush()
      // Not `flushSync`: what a thread is still writing would come after it, or twice.
      return new Promise(resolve => {
        const late = setTimeout(resolve, longestFlush)
        stream.flush(() => {
          clearTimeout(late)
          resolve()
        })
      })
    },
  }
}
