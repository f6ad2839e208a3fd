// Looks up what a hostile server has, in a process of its own, and tells its parent what that cost.
import { setImmediate as turn } from 'node:timers/promises'

import { createCatalog, type Catalog } from '../../../../src/catalog/index.ts'
import { TagSourceError } from '../../../../src/evaluation/index.ts'
import { createRegistryClient } from '../../../../src/registry/index.ts'
import { textsOf } from '../../../../src/version/index.ts'
import { kindOf } from './hostile-answers.ts'
import { watchLoop } from './hostile-loop.ts'
import type { HostileFigures, HostileJob } from './hostile-run.ts'

const hosts = 64
const atOnce = 24
const hour = 60 * 60_000

const limits = { headersTimeout: 300, idleTimeout: 300, requestTimeout: 1_000, walkTimeout: 5_000 }

interface State {
  answers: number
  seed: number
  offset: number
  lists: number
  readonly errors: Map<string, number>
  readonly wrong: string[]
}

const state: State = { answers: 0, seed: 1, offset: 0, lists: 0, errors: new Map(), wrong: [] }
let unhandled = 0
process.on('unhandledRejection', () => unhandled++)
process.on('uncaughtException', () => unhandled++)

const now = (): number => Date.now() + state.offset

function start({ port }: HostileJob) {
  const many = { requestsPerSecond: 100_000, burst: 100_000, concurrency: 4 }
  const registries = Array.from({ length: hosts }, (_, at) => ({
    host: `h${at}.localhost:${port}`,
    insecure: true,
    credentials: { username: 'patchline', password: 'hostile-secret' },
    limits: many,
  }))
  const client = createRegistryClient({
    registries,
    userAgent: 'patchline/test',
    now,
    limits,
    onRequest: () => state.answers++,
  })
  const catalog = createCatalog(client, { now, random: Math.random, tags: 200_000, digests: 1_000 })
  return { client, catalog }
}

function note(error: unknown, what: string): void {
  if (error instanceof TagSourceError) state.errors.set(error.code, (state.errors.get(error.code) ?? 0) + 1)
  else state.wrong.push(`${what}: ${String(error)}`)
}

async function lookUp(catalog: Catalog, port: number): Promise<void> {
  const seed = state.seed++
  const kind = kindOf(seed)
  const repository = { registry: `h${seed % hosts}.localhost:${port}`, repository: `${kind.name}/${seed}` }
  try {
    const { learned } = await catalog.lookUp(repository)
    state.lists++
    const [got, expected] = [textsOf(learned.list).toSorted(), kind.tags?.(seed).toSorted()]
    if (JSON.stringify(got) !== JSON.stringify([...new Set(expected)]))
      state.wrong.push(`${repository.repository}: a list of ${got.length}`)
  } catch (error) {
    note(error, repository.repository)
    return
  }
  await lookUpDigest(catalog, repository)
}

async function lookUpDigest(
  catalog: Catalog,
  repository: { readonly registry: string; readonly repository: string },
): Promise<void> {
  try {
    const { digest } = await catalog.digest({ ...repository, tag: '1.0.0' })
    if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest.digest))
      state.wrong.push(`${repository.repository}: ${digest.digest}`)
  } catch (error) {
    note(error, `${repository.repository} digest`)
  }
}

/** Look-ups until so many answers came, none left under way. */
async function until(answers: number, catalog: Catalog, port: number): Promise<void> {
  const worker = async (): Promise<void> => {
    while (state.answers < answers) await lookUp(catalog, port)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  state.offset += 2 * hour // whoever was told to wait has done so
}

function rss(): number {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  return process.memoryUsage.rss()
}

async function main(job: HostileJob): Promise<HostileFigures> {
  const { client, catalog } = start(job)
  const began = performance.now()
  const checkpoints = job.answers < 5_000 ? 3 : 10
  const step = job.answers / (checkpoints + 1)
  await until(step, catalog, job.port) // what is compiled and kept for the first answers is no growth
  const before = rss()
  const after: number[] = []
  const loop = watchLoop()
  for (let at = 1; at <= checkpoints; at++) {
    loop.start()
    await until(step * (at + 1), catalog, job.port)
    loop.stop()
    after.push(rss())
  }
  await turn()
  await catalog.close()
  await client.close()
  return {
    ...state,
    lookUps: state.seed - 1,
    errors: Object.fromEntries(state.errors),
    wrong: state.wrong.slice(0, 20),
    unhandled,
    before,
    after,
    ...loop.percentiles(0.99),
    peak: process.resourceUsage().maxRSS * 1024,
    seconds: (performance.now() - began) / 1000,
  }
}

process.on('message', (job: HostileJob) => {
  void main(job).then(
    figures => process.send?.(figures, () => process.disconnect()),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      process.exit(1)
    },
  )
})
