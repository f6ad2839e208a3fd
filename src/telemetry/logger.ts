import { destination as pinoDestination, pino, stdTimeFunctions } from 'pino'
import { serializeError, shortField, withoutSecrets } from './log-fields.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

/** Writes log lines: a constant message and fields, as one line of JSON each. An error is the field `err`. */
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
const mostBufferedBytes = 4 * 1024 * 1024 // for a reader that hangs; lines beyond it are lost

/** Creates a logger that writes in the background. The fields `image` and `reference` are cut to a readable length. */
export function createLogger({ level, destination = stdout }: LoggerOptions): Logger {
  // Its `flush` waits for lines that are being written only if a minimum length is set.
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
      serializers: { err: serializeError, image: shortField, reference: shortField },
    },
    batch,
  )
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error(fields, message) {
      log.error(fields, message)
      batch.flush() // the process may end next
    },
    isLevelEnabled: wanted => log.isLevelEnabled(wanted),
    flush() {
      batch.flush()
      // Not `flushSync`: lines that a thread is still writing would come after it, or twice.
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

/** Where batches of lines are written. */
export interface LineSink {
  write(text: string): unknown
}

/** Collects lines and writes them together. */
export interface LineBatch {
  write(line: string): void
  /** Writes the lines so far. */
  flush(): void
}

const longestWait = 250 // milliseconds; a person who watches the log does not notice, and a crash loses little
const largestBatch = 32 * 1024 // characters; some eighty lines, and half of what a pipe holds by default (pipe(7))

/** Creates a batch in front of a sink of which one write costs about as much as it takes to make a line. */
export function createLineBatch(sink: LineSink): LineBatch {
  let lines: string[] = []
  let length = 0
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (lines.length > 0) sink.write(lines.join(''))
    lines = []
    length = 0
  }
  return {
    flush,
    write(line) {
      lines.push(line)
      length += line.length
      if (length >= largestBatch) flush()
      else timer ??= setTimeout(flush, longestWait).unref()
    },
  }
}
