import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A server in a process of its own. */
export interface ServerProcess {
  readonly port: number
  /** What the process has used of the processor since its start, in microseconds. */
  cpu(): Promise<number>
  /** How many lines it has written to its stdout. */
  lines(): number
  close(): Promise<void>
}

/** How to start one. */
export interface ServerStart {
  /** A script beside this one. */
  readonly script: string
  readonly argv: readonly string[]
  /** The core to stay on; undefined: any. */
  readonly core: number | undefined
}

/** Starts it and waits until it listens. */
export async function startServer({ script, argv, core }: ServerStart): Promise<ServerProcess> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const command = [process.execPath, path, ...argv]
  const [file = '', ...rest] = core === undefined ? command : ['taskset', '-c', String(core), ...command]
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  // A container runtime reads the log through a pipe; a file would add what the file system of this machine costs.
  let lines = 0
  child.stdout?.on('data', (chunk: Buffer) => (lines += linesIn(chunk)))
  const exited = once(child, 'exit')
  const port = await nextNumber(child, exited)
  return {
    port,
    cpu() {
      child.send('cpu')
      return nextNumber(child, exited)
    },
    lines: () => lines,
    async close() {
      child.disconnect()
      await exited
    },
  }
}

/** The other side: tells the port, answers what is asked, and ends when the parent goes. */
export function serveParent(port: number, close: () => Promise<void>): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
  process.on('disconnect', () => void close())
  process.send?.(port)
}

/** Keeps this process, all of its threads, on one core. False where that cannot be. */
export function stayOnCore(core: number): boolean {
  try {
    execFileSync('taskset', ['-a', '-c', '-p', String(core), String(process.pid)], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function nextNumber(child: ChildProcess, exited: Promise<unknown>): Promise<number> {
  const told = once(child, 'message').then(([message]) => Number(message))
  const died = exited.then(() => {
    throw new Error(`${child.spawnargs.join(' ')} ended`)
  })
  return await Promise.race([told, died])
}

function linesIn(chunk: Buffer): number {
  let lines = 0
  for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) lines++
  return lines
}

const newline = 0x0a
