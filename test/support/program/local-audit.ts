import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { entry as main } from './entry.ts'
import type { DriftItem } from '../../../src/api/index.ts'
import { freePorts } from '../network/free-ports.ts'

/** `patchline audit` as a process of its own, as its Deployment runs it. */
export interface LocalAudit {
  /** What it logged so far. */
  log(): readonly LogLine[]
  /** The samples of `/metrics` by name and labels; none while it does not answer. */
  metrics(): Promise<ReadonlyMap<string, number>>
  /** The items of `/api/v1/drift` with a query; undefined while there is no report. */
  drift(query?: string): Promise<readonly DriftItem[] | undefined>
  /** `/api/v1/drift/summary`; likewise. */
  summary(): Promise<DriftSummary | undefined>
  /** Resolves with the exit code once it ends by itself. */
  ended(): Promise<number | null>
  /** Sends SIGTERM, and resolves with the exit code. */
  stop(): Promise<number | null>
  /** As the kernel does where memory runs out. */
  kill(): Promise<void>
}

/** The parts of the summary that the tests look at. */
export interface DriftSummary {
  readonly complete: boolean
  /** How many containers were judged by lists that are older than was wanted. */
  readonly overdue: number
  readonly problems: readonly string[]
  readonly ignored: readonly string[]
  /** How many containers have each verdict, by namespace. */
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** One line of a log. */
export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

interface LocalAuditOptions {
  /** Where its files go; one for each process. */
  readonly directory: string
  /** YAML, without the operations port. */
  readonly configuration: string
  readonly environment: Readonly<Record<string, string>>
  /** Of its operations; a free one if not given. */
  readonly port?: number
  /** What Node runs; the sources if not given. */
  readonly program?: string
}

/** Starts it; it may be a while until it does anything. */
export async function startAudit(options: LocalAuditOptions): Promise<LocalAudit> {
  const { directory, configuration, environment, program = main } = options
  const port = options.port ?? (await freePorts(1))[0]
  const path = join(directory, 'patchline.yaml')
  writeFileSync(path, `operations: { address: 127.0.0.1, port: ${port} }\n${configuration}`)
  const log = join(directory, 'audit.log')
  const output = openSync(log, 'a')
  // The kernel ends it with this process, however that ends.
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', '--', execPath, program, 'audit', '--config', path],
    {
      stdio: ['ignore', output, output],
      env: { PATH: process.env['PATH'], HOME: directory, ...environment },
    },
  )
  closeSync(output)
  const exited = once(child, 'exit')
  const fetched = async (where: string): Promise<Response | undefined> => {
    try {
      return await fetch(`http://127.0.0.1:${port}${where}`)
    } catch {
      return undefined
    }
  }
  const answer = async (where: string): Promise<string | undefined> => {
    const response = await fetched(where)
    return response?.ok === true ? response.text() : undefined
  }
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await exited
  }
  return {
    log: () => linesOf(readFileSync(log, 'utf8')),
    metrics: async () => samplesOf((await answer('/metrics')) ?? ''),
    async drift(query = '') {
      const page: { readonly items: readonly DriftItem[] } = JSON.parse(
        (await answer(`/api/v1/drift?${query}`)) ?? '{}',
      )
      return page.items
    },
    async summary() {
      const text = await answer('/api/v1/drift/summary')
      return text === undefined ? undefined : JSON.parse(text)
    },
    async ended() {
      await exited
      return child.exitCode
    },
    async stop() {
      await end('SIGTERM')
      return child.exitCode
    },
    kill: () => end('SIGKILL'),
  }
}

function linesOf(text: string): readonly LogLine[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line): LogLine =>
    line.startsWith('{') ? JSON.parse(line) : { level: 'none', msg: line },
  )
}

function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))]
    }),
  )
}
