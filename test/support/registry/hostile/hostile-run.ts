import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { Test } from 'tap'

import { hostileServer } from './hostile-server.ts'
import { trapServer } from '../../network/trap-server.ts'

/** What a child is to do. */
export interface HostileJob {
  readonly port: number
  /** How many answers it is to get. */
  readonly answers: number
}

/** What came of it; bytes and milliseconds. */
export interface HostileFigures {
  readonly answers: number
  readonly lookUps: number
  readonly lists: number
  readonly errors: Readonly<Record<string, number>>
  /** Look-ups that ended otherwise than in the right list or an error of the port. */
  readonly wrong: readonly string[]
  readonly unhandled: number
  /** Memory after the first answers, and then at each checkpoint. */
  readonly before: number
  readonly after: readonly number[]
  readonly peak: number
  /** 99th percentile of the event loop's delay, and of what of it was work of the process's own. */
  readonly delay: number
  readonly ownDelay: number
  readonly seconds: number
}

const MiB = 1024 * 1024

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/** Gives a client and a catalog in a process of their own so many hostile answers, and says what must hold then. */
export async function proveAgainstHostileAnswers(t: Test, answers: number): Promise<HostileFigures> {
  const trap = await trapServer(t)
  const server = await hostileServer(t, [`127.0.0.1:${trap.port}`])
  const figures = await run(t, { port: server.port, answers })
  const growth = (median(figures.after.slice(-5)) - figures.before) / MiB
  const { delay, ownDelay } = figures
  t.comment(
    `${figures.answers} answers to ${figures.lookUps} look-ups in ${figures.seconds.toFixed(1)} s: ` +
      `${figures.lists} lists, errors ${JSON.stringify(figures.errors)}`,
  )
  t.comment(
    `RSS ${(figures.before / MiB).toFixed(0)} MiB, growth ${growth.toFixed(1)} MiB, peak ${(figures.peak / MiB).toFixed(0)} MiB; ` +
      `event loop delay p99 ${delay.toFixed(1)} ms, of which by work of its own ${ownDelay.toFixed(1)} ms`,
  )
  t.ok(figures.answers >= answers, 'so many answers')
  t.same(figures.wrong, [], 'every look-up ended in the right list or an error of the port')
  t.ok(figures.lists > figures.lookUps / 20, 'there were lists among them')
  t.equal(figures.unhandled, 0, 'no rejection was left unhandled')
  t.equal(trap.connections(), 0, 'nothing connected to where the answers lead')
  t.ok(growth < 64, `memory grew by ${growth.toFixed(1)} MiB, less than 64`)
  return figures
}

function run(t: Test, job: HostileJob): Promise<HostileFigures> {
  const child = fork(fileURLToPath(new URL('hostile-child.ts', import.meta.url)), [], {
    execArgv: ['--expose-gc', '--max-semi-space-size=4'],
    // As the Dockerfile has it: the C library otherwise spreads what is free over many arenas.
    env: { MALLOC_ARENA_MAX: '1' },
  })
  t.teardown(() => child.kill())
  return new Promise((resolve, reject) => {
    child.once('message', (figures: HostileFigures) => resolve(figures))
    child.once('exit', code => reject(new Error(`the process ended with ${code}`)))
    child.send(job)
  })
}
