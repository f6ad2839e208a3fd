// A command of Patchline in a process of its own, measured from outside.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { nodeOn, setNiceness, type Place } from './place.ts'

/** A line of its log. */
export type LogLine = Readonly<Record<string, unknown>>

/** A command that runs. */
export interface MeasuredProcess {
  /** The next line with that message, from the first on that nobody has taken yet. Rejects where the process ends before it comes. */
  line(message: string): Promise<LogLine>
  /** Seconds of the processor that it has used, all threads. */
  cpu(): number
  /** The most bytes of memory that it had at any time, and what it has now. */
  memory(): { readonly peak: number; readonly now: number }
  /** Lines of warnings and errors so far. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/** What to start and where. */
export interface ProcessStart {
  /** The command's path. */
  readonly main: string
  /** After `patchline`. */
  readonly argv: readonly string[]
  /** Options of Node. */
  readonly node: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly place: Place
}

/** Starts it; nothing is waited for. */
export function startPatchline({ main, argv, node, environment, place }: ProcessStart): MeasuredProcess {
  const [file, ...options] = nodeOn(place)
  const env = { ...process.env, ...imageEnvironment, ...environment }
  const child = spawn(file, [...options, ...node, main, ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
    detached: true,
  })
  const { pid = 0 } = child
  setNiceness(pid, place.niceness)
  // It leads a session of its own and hears of no Ctrl-C.
  process.once('exit', () => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  const inbox = createInbox(exited.then(([code]) => `patchline ${argv.join(' ')} ended with ${String(code)}`))
  const complaints: string[] = []
  createInterface({ input: child.stdout }).on('line', text => {
    const line: LogLine = JSON.parse(text)
    if (!/^(?:info|debug)$|^[123]\d$/.test(String(line['level']))) complaints.push(text)
    inbox.add(line)
  })
  return {
    line: message => inbox.next(message),
    cpu: () => cpuOf(pid),
    memory: () => ({ peak: kibibytes(pid, 'VmHWM'), now: kibibytes(pid, 'VmRSS') }),
    complaints,
    async close() {
      child.kill('SIGINT')
      await exited
    },
  }
}

/** As the Dockerfile has it. */
const imageEnvironment = {
  NODE_ENV: 'production',
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
}

function createInbox(ended: Promise<string>) {
  const lines: LogLine[] = []
  let arrived = Promise.withResolvers<void>()
  return {
    add(line: LogLine): void {
      lines.push(line)
      arrived.resolve()
      arrived = Promise.withResolvers()
    },
    async next(message: string): Promise<LogLine> {
      for (;;) {
        const at = lines.findIndex(line => line['msg'] === message)
        const found = lines[at]
        if (found !== undefined) {
          lines.splice(0, at + 1)
          return found
        }
        // oxlint-disable-next-line eslint/no-await-in-loop -- until it comes
        const end = await Promise.race([arrived.promise, ended])
        if (typeof end === 'string') throw new Error(`${end} before it said: ${message}`)
      }
    },
  }
}

/** Seconds of the processor that a process has used. */
// proc(5): fields 14 and 15, after the name in parentheses, in ticks of 10 ms.
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function kibibytes(pid: number, key: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024
}
