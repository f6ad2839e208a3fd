import { execFile } from 'node:child_process'

export interface Execution {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface ExecuteOptions {
  /** Written to the standard input, which is then closed. */
  readonly input?: string
  /** Set in addition to this process's environment. */
  readonly environment?: Readonly<Record<string, string>>
}

// Longer than any "helm upgrade --wait" in a test, shorter than the test's own timeout.
const timeoutMs = 120_000
const maxOutputBytes = 64 * 1024 * 1024

/** Runs a program to its end. A non-zero exit is an answer; not being able to run it at all is an error. */
export function execute(
  file: string,
  args: readonly string[],
  options: ExecuteOptions = {},
): Promise<Execution> {
  const { promise, resolve, reject } = Promise.withResolvers<Execution>()
  const settings = {
    env: { ...process.env, ...options.environment },
    timeout: timeoutMs,
    maxBuffer: maxOutputBytes,
  }
  const child = execFile(file, args, settings, (error, stdout, stderr) => {
    const code = error === null ? 0 : error.code
    if (typeof code === 'number') resolve({ code, stdout, stderr })
    else reject(new Error(`${file} ${args.join(' ')} did not run to its end: ${stderr}`, { cause: error }))
  })
  // A program that does not read its input closes the pipe; what it printed is then the interesting part.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(options.input ?? '')
  return promise
}
