import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** A program that runs until it is stopped, its output going to a log file. */
export interface Program {
  readonly name: string
  readonly log: string
  /** Undefined where it could not be started. */
  readonly pid: number | undefined
  /** Says how it ended; undefined while it runs. */
  ending(): string | undefined
  stop(): Promise<void>
}

interface ProgramOptions {
  readonly name: string
  readonly path: string
  readonly args: readonly string[]
  readonly log: string
  readonly environment?: Readonly<Record<string, string>>
  /** From SIGTERM to SIGKILL; three seconds if not given. */
  readonly stopGraceMs?: number | undefined
}

// Nothing of what these programs hold is kept, so a clean end is usually not worth a longer wait.
const usualStopGraceMs = 3000

/** Starts a program that the kernel kills should this process die, however it dies. */
export function startProgram(options: ProgramOptions): Program {
  const output = openSync(options.log, 'a')
  // setpriv sets the parent death signal and becomes the program; an exit handler here would miss a SIGKILL.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', options.path, ...options.args], {
    stdio: ['ignore', output, output],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.environment },
  })
  closeSync(output)

  let ending: string | undefined
  child.once('exit', (code, signal) => (ending = `ended with ${signal ?? `code ${String(code)}`}`))
  child.once('error', error => (ending = `could not be started: ${error.message}`))
  return {
    name: options.name,
    log: options.log,
    pid: child.pid,
    ending: () => ending,
    async stop() {
      if (ending !== undefined) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      const patience = new AbortController()
      const late = sleep(options.stopGraceMs ?? usualStopGraceMs, 'late', { signal: patience.signal }).catch(
        () => 'in time',
      )
      if ((await Promise.race([exit, late])) === 'late') child.kill('SIGKILL')
      patience.abort()
      await exit
    },
  }
}

/** Polls until the probe gives a value; a program that ends meanwhile, or the timeout, is an error with its log. */
export async function untilReady<T>(
  programs: readonly [Program, ...Program[]],
  withinMs: number,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const value = await probe()
    if (value !== undefined) return value
    const ended = programs.find(program => program.ending() !== undefined)
    if (ended !== undefined) throw await startError(ended, ended.ending() ?? '')
    if (Date.now() > deadline)
      throw await startError(programs[0], `was not ready within ${String(withinMs)} ms`)
    await sleep(50)
  }
}

async function startError(program: Program, what: string): Promise<Error> {
  const log = await readFile(program.log, 'utf8').catch(() => '')
  const tail = log.trimEnd().split('\n').slice(-30).join('\n')
  return new Error(`${program.name} ${what}; the end of its log:\n${tail}`)
}
