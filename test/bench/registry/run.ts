// Fills a catalog from local registries that count and enforce, refreshes it, and times the reading of one repository:
// `npm run bench:registry`. About two minutes; every process on a core of its own if there are some.
import { fork, type ChildProcess, type Serializable } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { selfSigned } from '../../support/registry/registry-certificate.ts'
import type { CpuJob, CpuMeasured } from './cpu.ts'
import type { FillJob, Phase, PhaseDone } from './fill.ts'
import { pageSizes, tagsAt, type Counts, type RegistryName, type ServerMessage } from './server.ts'

const repositories = 100 // of each registry
const names = ['ghcr', 'quay', 'hub'] as const
type Name = (typeof names)[number]

/** Requests a second that the registries let pass. */
const allowed: Readonly<Record<Name, number>> = { ghcr: 2_000 / 60, quay: 5, hub: 1_000 / 60 }
const titles: Readonly<Record<Name, string>> = {
  ghcr: 'as GHCR (2000 a minute)',
  quay: 'as Quay (5 a second)',
  hub: 'as Docker Hub (1000 a minute)',
}

interface Child {
  ask<T>(message: Serializable): Promise<T>
  stop(): void
}

function start(script: string, environment: Readonly<Record<string, string>> = {}): Child {
  const child: ChildProcess = fork(fileURLToPath(new URL(script, import.meta.url)), [], {
    // As the Dockerfile has it.
    execArgv: ['--expose-gc', '--max-semi-space-size=4'],
    env: { MALLOC_ARENA_MAX: '1', ...environment },
  })
  return {
    ask: message =>
      new Promise((resolve, reject) => {
        child.once('message', (answer: Parameters<typeof resolve>[0]) => resolve(answer))
        child.once('exit', code => reject(new Error(`${script} ended with ${code}`)))
        child.send(message)
      }),
    stop: () => void child.kill(),
  }
}

function row(name: string, value: string, verdict?: { readonly goal: string; readonly met: boolean }): void {
  const [goal, met] = verdict === undefined ? ['', ''] : [verdict.goal, verdict.met ? 'met' : 'NOT MET']
  console.log(`${name.padEnd(58)} ${value.padStart(16)}   ${goal.padEnd(26)} ${met}`)
}

function pagesNeeded(name: Name): number {
  const counts = Array.from({ length: repositories }, (_, number) => tagsAt(name, number).length)
  return counts.reduce((sum, count) => sum + Math.ceil(count / pageSizes[name]), 0)
}

type AllCounts = Readonly<Record<RegistryName, Counts>>

interface Filled {
  readonly done: Readonly<Record<'cold' | 'digests' | 'warm', PhaseDone>>
  readonly counts: Readonly<Record<'cold' | 'digests' | 'warm', AllCounts>>
}

async function fill(server: Child, job: FillJob): Promise<Filled> {
  const client = start('fill.ts')
  await client.ask<string>({ ...job })
  const run = async (phase: Phase) => {
    const done = await client.ask<PhaseDone>(phase)
    const told = await server.ask<ServerMessage>('counts')
    if (!('counts' in told)) throw new Error('no counts')
    return { done, counts: told.counts }
  }
  const cold = await run('cold')
  const digests = await run('digests')
  const warm = await run('warm')
  await client.ask<PhaseDone>('end')
  return {
    done: { cold: cold.done, digests: digests.done, warm: warm.done },
    counts: { cold: cold.counts, digests: digests.counts, warm: warm.counts },
  }
}

function reportCold({ done, counts: { cold } }: Filled): void {
  console.log(
    `Cold fill of ${names.length * repositories} repositories, ${(done.cold.milliseconds / 1000).toFixed(1)} s`,
  )
  for (const name of names) {
    const { pages, tokens, challenges, milliseconds } = cold[name]
    const needed = pagesNeeded(name)
    const scopes = name === 'ghcr' ? repositories : 0
    row(`${titles[name]}: pages`, `${pages}`, { goal: `exactly ${needed}`, met: pages === needed })
    row('  tokens', `${tokens}`, { goal: `exactly ${scopes}`, met: tokens === scopes })
    if (scopes > 0) row('  answers of 401: how it wants to be asked', `${challenges}`)
    const share = (pages + tokens + challenges) / (milliseconds / 1000) / allowed[name]
    row('  rate, of what it allows for long (bursts come on top)', `${(share * 100).toFixed(0)} %`)
  }
}

function reportWarm({ done, counts: { warm } }: Filled): void {
  console.log(
    `\nRefresh after half an hour, nothing changed, ${(done.warm.milliseconds / 1000).toFixed(1)} s`,
  )
  for (const name of names) {
    const { pages, tokens } = warm[name]
    const met = pages <= repositories
    row(`${titles[name]}: requests`, `${pages}`, { goal: `at most ${repositories}`, met })
    if (name === 'ghcr')
      row('  tokens: the old ones have expired', `${tokens}`, {
        goal: `at most ${repositories}`,
        met: tokens <= repositories,
      })
  }
}

function none(value: number): { goal: string; met: boolean } {
  return { goal: 'none', met: value === 0 }
}

function reportManners({ done, counts }: Filled): void {
  const all = Object.values(counts).flatMap(each => Object.values(each))
  const sum = (of: (counts: Counts) => number): number => all.reduce((total, each) => total + of(each), 0)
  const { heads, tokens } = counts.digests.hub
  console.log('\nManners, in all')
  row('digests of 100 tags at Docker Hub: HEAD', `${heads}`, {
    goal: 'exactly 100',
    met: heads === repositories,
  })
  row('  tokens', `${tokens}`, { goal: 'exactly 100', met: tokens === repositories })
  const [gets, tooMany, odd] = [
    sum(each => each.manifestGets),
    sum(each => each.tooMany),
    sum(each => each.unknown),
  ]
  row('GET of a manifest', `${gets}`, none(gets))
  row('answers of 429', `${tooMany}`, none(tooMany))
  row('requests for what is not there', `${odd}`, none(odd))
  const failures = Object.values(done).flatMap(phase => phase.failures)
  row('look-ups that failed', `${failures.length}`, none(failures.length))
  for (const failure of failures.slice(0, 3)) console.log(`  ${failure}`)
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

async function cpu(job: CpuJob, caFile: string): Promise<{ readonly all: number; readonly thread: number }> {
  const child = start('cpu.ts', { NODE_EXTRA_CA_CERTS: caFile })
  const measured = await child.ask<CpuMeasured>({ ...job })
  return { all: median(measured.all), thread: median(measured.thread) }
}

async function reportCpu(target: Pick<CpuJob, 'port' | 'ca'>, caFile: string): Promise<void> {
  console.log('\nCPU for a repository of 2,000 tags, over TLS; median of rounds, all threads / the first one')
  const measure = async (name: string, way: CpuJob['way'], goal?: number): Promise<number> => {
    const { all, thread } = await cpu({ ...target, way }, caFile)
    const verdict = goal === undefined ? undefined : { goal: `at most ${goal} ms`, met: all <= goal }
    row(name, `${all.toFixed(2)} / ${thread.toFixed(2)} ms`, verdict)
    return all
  }
  const own = await measure('client and catalog: bytes to index, one page', 'catalog', 1.2)
  await measure('  in two pages of 1,000', 'catalog-in-pages')
  await measure('the bytes alone, read with undici', 'undici-bytes')
  const json = await measure('fetch + json()', 'fetch-json')
  const all = await measure('fetch + json() + semver.rsort', 'fetch-semver')
  row('fetch + json() / ours', (json / own).toFixed(1))
  row('fetch + json() + semver.rsort / ours', (all / own).toFixed(1))
}

async function main(): Promise<void> {
  const tls = selfSigned({ names: ['localhost'] })
  const directory = await mkdtemp(join(tmpdir(), 'bench-registry-'))
  const server = start('server.ts')
  try {
    const told = await server.ask<ServerMessage>({ ...tls })
    if (!('ports' in told)) throw new Error('no ports')
    const caFile = join(directory, 'ca.pem')
    await writeFile(caFile, tls.cert)
    console.log(`node ${process.version}; local registries with 50 ms latency, over TLS\n`)
    const filled = await fill(server, { ports: told.ports, ca: tls.cert, repositories })
    reportCold(filled)
    reportWarm(filled)
    reportManners(filled)
    await reportCpu({ port: told.ports.plain, ca: tls.cert }, caFile)
  } finally {
    server.stop()
    await rm(directory, { recursive: true })
  }
}

await main()
