// CPU time for reading a repository of 2,000 tags over TLS, in a process of its own.
import { Agent, request } from 'undici'
import semver from 'semver'
import { createCatalog } from '../../../src/catalog/index.ts'
import { createRegistryClient } from '../../../src/registry/index.ts'

/** How to read, and from where. */
export interface CpuJob {
  readonly way: 'catalog' | 'catalog-in-pages' | 'undici-bytes' | 'fetch-json' | 'fetch-semver'
  readonly port: number
  readonly ca: string
}

/** Milliseconds of CPU for each repository, of all threads and of the first one. */
export interface CpuMeasured {
  readonly all: readonly number[]
  readonly thread: readonly number[]
}

const warmUps = 300
const rounds = 9
const perRound = 100
const atOnce = 4 // as many as the client has under way to one host

type Read = (number: number) => Promise<unknown>

function throughCatalog({ way, port, ca }: CpuJob): Read {
  const limits = {
    requestsPerSecond: 1e6,
    burst: 1e6,
    concurrency: atOnce,
    pageSize: way === 'catalog' ? 10_000 : 1_000,
  }
  const client = createRegistryClient({
    registries: [{ host: `localhost:${port}`, ca, limits }],
    userAgent: 'patchline/bench',
    now: Date.now,
  })
  const catalog = createCatalog(client, { now: Date.now, random: Math.random })
  return number => catalog.lookUp({ registry: `localhost:${port}`, repository: `team/${number}` })
}

function throughFetch({ way, port }: CpuJob): Read {
  return async number => {
    const response = await fetch(`https://localhost:${port}/v2/team/${number}/tags/list?n=10000`)
    const { tags }: { readonly tags: readonly string[] } = Object(await response.json())
    return way === 'fetch-json' ? tags : semver.rsort(tags.filter(tag => semver.valid(tag) !== null))
  }
}

// What no way to read over TLS can do without.
function bytesOnly({ port, ca }: CpuJob): Read {
  const dispatcher = new Agent({ connections: atOnce, connect: { ca } })
  return async number => {
    const url = `https://localhost:${port}/v2/team/${number}/tags/list?n=10000`
    const { body } = await request(url, { dispatcher })
    return body.bytes()
  }
}

function readerOf(job: CpuJob): Read {
  if (job.way === 'undici-bytes') return bytesOnly(job)
  return job.way.startsWith('fetch') ? throughFetch(job) : throughCatalog(job)
}

async function readAll(read: Read, from: number, count: number): Promise<void> {
  let next = from
  const worker = async (): Promise<void> => {
    while (next < from + count) await read(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const milliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000

async function main(job: CpuJob): Promise<CpuMeasured> {
  const read = readerOf(job)
  await readAll(read, 0, warmUps)
  const all: number[] = []
  const thread: number[] = []
  for (let round = 0; round < rounds; round++) {
    globalThis.gc?.()
    const before = [process.cpuUsage(), process.threadCpuUsage()] as const
    await readAll(read, warmUps + round * perRound, perRound)
    all.push(milliseconds(process.cpuUsage(before[0])) / perRound)
    thread.push(milliseconds(process.threadCpuUsage(before[1])) / perRound)
  }
  return { all, thread }
}

process.once('message', (job: CpuJob) => {
  void main(job).then(measured => process.send?.(measured, () => process.exit()))
})
