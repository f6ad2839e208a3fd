// Writes the drift report of 23,000 containers (100,000 series) and has it scraped, beside prom-client with the same series,
// each in a process of its own: `npm run bench:metrics`. About half a minute on an idle machine of two cores.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:http'
import { availableParallelism, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

/** What is asked of the process under test: to take in a report, or to measure from start to stop. */
export interface Order {
  readonly kind: 'update' | 'start' | 'stop'
  /** Whether the turns of the event loop are timed, for which it is kept busy. */
  readonly isMetered: boolean
}

/** What it says; times in milliseconds. */
export interface Spent {
  readonly port: number
  readonly cpu: number
  /** The longest turn of the event loop, by the clock and by the processor. */
  readonly turn: number
  readonly cpuTurn: number
  /** Bytes of memory of the process, and the most of it so far. */
  readonly rss: number
  readonly mostRss: number
}

const rounds = 5

/** One scrape as Prometheus does it, with gzip, or without; gives the bytes that came. */
async function scrape(port: number, encoding: 'gzip' | 'identity'): Promise<number> {
  const request = get({ host: '127.0.0.1', port, path: '/metrics', headers: { 'accept-encoding': encoding } })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  request.on('error', reject).on('response', response => {
    let bytes = 0
    response.on('data', (piece: Buffer) => (bytes += piece.length)).on('error', reject)
    response.on('end', () => resolve(bytes))
  })
  return promise
}

async function ask(child: ChildProcess, kind: Order['kind'], isMetered: boolean): Promise<Spent> {
  child.send({ kind, isMetered } satisfies Order)
  const [spent]: readonly Spent[] = await once(child, 'message')
  if (spent === undefined) throw new Error('the process said nothing')
  return spent
}

/** One thing that was done some times, first for the processor's time, then with each turn timed. */
interface Measured {
  /** The least. */
  readonly cpu: number
  /** The longest of all. */
  readonly turn: number
  readonly cpuTurn: number
}

async function measure(times: number, work: (isMetered: boolean) => Promise<Spent>): Promise<Measured> {
  const [cpu, turns, cpuTurns]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < times; round++) {
    cpu.push((await work(false)).cpu)
    const { turn, cpuTurn } = await work(true)
    turns.push(turn)
    cpuTurns.push(cpuTurn)
  }
  return { cpu: Math.min(...cpu), turn: Math.max(...turns), cpuTurn: Math.max(...cpuTurns) }
}

const work = ['first report', 'next report', 'scrape, gzip', 'scrape, plain', '20 scrapes at once'] as const

interface Contender {
  readonly measured: Readonly<Record<(typeof work)[number], Measured>>
  readonly bytes: { readonly gzip: number; readonly plain: number }
  readonly rss: number
  readonly mostRss: number
}

async function run(contender: 'patchline' | 'prom-client'): Promise<Contender> {
  const path = fileURLToPath(new URL('child.ts', import.meta.url))
  const child = fork(path, [contender], { execArgv: ['--expose-gc'] })
  const bytes = { gzip: 0, identity: 0 }
  const update = (isMetered: boolean): Promise<Spent> => ask(child, 'update', isMetered)
  const scrapes = (encoding: 'gzip' | 'identity', count: number) => async (isMetered: boolean) => {
    const { port } = await ask(child, 'start', isMetered)
    const got = await Promise.all(Array.from({ length: count }, () => scrape(port, encoding)))
    bytes[encoding] = Math.max(...got)
    return ask(child, 'stop', isMetered)
  }
  try {
    // The very first is the slowest: nothing is compiled yet.
    const first = await update(true)
    const measured = {
      'first report': first,
      'next report': await measure(rounds, update),
      'scrape, gzip': await measure(rounds, scrapes('gzip', 1)),
      'scrape, plain': await measure(rounds, scrapes('identity', 1)),
      '20 scrapes at once': await measure(1, scrapes('gzip', 20)),
    }
    const { rss, mostRss } = await ask(child, 'stop', false)
    return { measured, bytes: { gzip: bytes.gzip, plain: bytes.identity }, rss, mostRss }
  } finally {
    child.kill()
  }
}

const nameWidth = 52

function line(name: string, ...cells: readonly string[]): void {
  console.log(name.padEnd(nameWidth) + cells.map(cell => cell.padStart(16)).join(''))
}

const milliseconds = (value: number): string => `${value.toFixed(1)} ms`
const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`

function report(ours: Contender, theirs: Contender): void {
  line('', 'patchline', 'prom-client')
  for (const name of work) {
    const [one, other] = [ours.measured[name], theirs.measured[name]]
    // The meter's own is in that of the first.
    if (name !== 'first report') line(`${name}: CPU`, milliseconds(one.cpu), milliseconds(other.cpu))
    line(`${name}: longest turn by the clock`, milliseconds(one.turn), milliseconds(other.turn))
    line(`${name}: longest turn on the processor`, milliseconds(one.cpuTurn), milliseconds(other.cpuTurn))
  }
  line('the text', megabytes(ours.bytes.plain), megabytes(theirs.bytes.plain))
  line('over the wire to one that takes gzip', megabytes(ours.bytes.gzip), megabytes(theirs.bytes.gzip))
  line('RSS in the end', megabytes(ours.rss), megabytes(theirs.rss))
  line('RSS, the most', megabytes(ours.mostRss), megabytes(theirs.mostRss))
  console.log()
  for (const name of work) goalLine(`${name}: longest turn by the clock`, ours.measured[name].turn)
  for (const name of work) goalLine(`${name}: longest turn on the processor`, ours.measured[name].cpuTurn)
}

const goal = 10 // milliseconds

function goalLine(name: string, turn: number): void {
  const verdict = turn <= goal ? 'met' : 'NOT MET'
  console.log(`${name.padEnd(nameWidth)}${milliseconds(turn).padStart(16)}   at most ${goal} ms   ${verdict}`)
}

const [load = 0] = loadavg()
console.log(`node ${process.version}, 100,000 series; CPU: the least of ${rounds}; turns: the longest of all`)
console.log(
  `${availableParallelism()} cores, load ${load.toFixed(1)}: the clock also counts what else runs\n`,
)
const ours = await run('patchline')
report(ours, await run('prom-client'))
