import { chmodSync, createReadStream, renameSync, rmSync, writeFileSync } from 'node:fs'
import { CertificateError } from '../x509/certificate-error.ts'

/** Kubernetes keeps a Secret below 1 MiB; a file beyond that is no certificate, and PEM parsing is not free. */
const mostBytes = 1_048_576
/** A local file answers in milliseconds; a hung mount must not hold the reader for ever. */
const readTimeLimit = 5_000

/**
 * The text of a file that may be as large as a Secret.
 * @throws CertificateError `missing`, `unreadable` or `too-large`, which names the file.
 */
export async function readBounded(file: string): Promise<string> {
  const chunks: Buffer[] = []
  try {
    const signal = AbortSignal.timeout(readTimeLimit)
    // One byte beyond the limit tells a file at the limit from one that goes on.
    for await (const chunk of createReadStream(file, { end: mostBytes, signal })) {
      if (Buffer.isBuffer(chunk)) chunks.push(chunk)
    }
  } catch (error) {
    throw unreadable(file, error)
  }
  const bytes = Buffer.concat(chunks)
  if (bytes.length <= mostBytes) return bytes.toString('utf8')
  throw new CertificateError('too-large', `${file}: more than ${mostBytes} bytes`)
}

function unreadable(file: string, cause: unknown): CertificateError {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
  if (missing) return new CertificateError('missing', `${file}: no such file`, { cause })
  return new CertificateError('unreadable', `${file}: ${reasonOf(cause)}`, { cause })
}

/** The reason of an error, in the words of the system or of the TLS library. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** A watch of files: how they are read, and the callbacks for changes. */
export interface FilesWatch<T> {
  /** @throws CertificateError where the files hold nothing usable. */
  readonly read: () => Promise<T>
  readonly isSame: (one: T, other: T) => boolean
  /** Called with new content that is usable. Not called for the first, which the watch returns. */
  readonly onChange: (content: T) => void
  /** Called with why the files hold nothing usable, once until that changes. What is in use stays. */
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

/**
 * Writes a file anew, readable for its owner alone where it is `secret`, and puts it in the place of an older one. Writing
 * into that one would leave its mode, and its readers, as they are. A symbolic link is replaced, not followed.
 * @throws the error of the file system; an older file is then as it was.
 */
export function writeNew(path: string, text: string, { secret }: { readonly secret: boolean }): void {
  const mode = secret ? 0o600 : 0o644
  const temporary = `${path}.${process.pid}.new`
  try {
    // `wx`: whatever lies there under this name is not written into.
    writeFileSync(temporary, text, { mode, flag: 'wx', flush: true })
    chmodSync(temporary, mode) // whatever the umask is
    renameSync(temporary, path)
  } catch (error) {
    if (!isTaken(error)) rmSync(temporary, { force: true })
    throw error
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
