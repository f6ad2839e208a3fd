// Fills a catalog from the registries of the benchmark and refreshes it, in a process of its own.
import { createCatalog } from '../../../src/catalog/index.ts'
import { createRegistryClient, type RegistrySettings } from '../../../src/registry/index.ts'
import { sliceOf } from '../../../src/version/index.ts'
import { tagsAt, type RegistryName } from './server.ts'

/** What to fill from. */
export interface FillJob {
  readonly ports: Readonly<Record<RegistryName, number>>
  readonly ca: string
  readonly repositories: number
}

export type Phase = 'cold' | 'digests' | 'warm' | 'end'

/** What came of a phase. */
export interface PhaseDone {
  readonly milliseconds: number
  readonly failures: readonly string[]
}

const names = ['ghcr', 'quay', 'hub'] as const
const minute = 60_000

function settings({ ports, ca }: FillJob): readonly RegistrySettings[] {
  const hubUrl = `https://localhost:${ports.hub}`
  return [
    { host: `localhost:${ports.ghcr}`, kind: 'ghcr', ca },
    { host: `localhost:${ports.quay}`, kind: 'quay', ca },
    { host: `localhost:${ports.hub}`, kind: 'docker-hub', apiUrl: hubUrl, ca },
  ]
}

// Of each repository a tag is run, as in a cluster: what is asked for is its line.
function wanted({ ports, repositories }: FillJob) {
  return Array.from({ length: repositories }, (_, number) =>
    names.map(name => {
      const versions = tagsAt(name, number).filter(each => /^\d+\.\d+\.\d+$/.test(each))
      const tag = versions[Math.floor(versions.length * 0.6)] ?? ''
      const slice = sliceOf(tag, 'patch')
      const repository = { registry: `localhost:${ports[name]}`, repository: `team/${number}` }
      return { name, tag, repository: { ...repository, ...(slice !== undefined && { slice }) } }
    }),
  ).flat()
}

function start(job: FillJob) {
  let offset = 0
  const now = (): number => Date.now() + offset
  const client = createRegistryClient({ registries: settings(job), userAgent: 'patchline/bench', now })
  const catalog = createCatalog(client, { now, random: Math.random, registries: client.hosts() })
  const all = wanted(job)
  const phases: Readonly<Record<Phase, () => Promise<unknown>[]>> = {
    cold: () => all.map(({ repository }) => catalog.lookUp(repository)),
    digests: () =>
      all.flatMap(({ name, tag, repository }) =>
        name === 'hub' ? [catalog.digest({ ...repository, tag })] : [],
      ),
    warm() {
      offset += 45 * minute // each is due after half an hour, more or less
      return all.map(async ({ repository }) => {
        catalog.known(repository)
        while (catalog.size().lookUps > 0) await new Promise(resolve => setTimeout(resolve, 50))
        const known = catalog.known(repository)
        if (known === undefined || known.age > minute * 5)
          throw new Error(`${repository.repository} is not refreshed`)
      })
    },
    end: () => [catalog.close(), client.close()],
  }
  return async (phase: Phase): Promise<PhaseDone> => {
    const began = performance.now()
    const settled = await Promise.allSettled(phases[phase]())
    const failures = settled.flatMap(one => (one.status === 'rejected' ? [String(one.reason)] : []))
    return { milliseconds: performance.now() - began, failures }
  }
}

process.once('message', (job: FillJob) => {
  const run = start(job)
  process.send?.('ready')
  const answer = async (phase: Phase): Promise<void> => {
    process.send?.(await run(phase))
    if (phase === 'end') process.disconnect()
  }
  process.on('message', (phase: Phase) => void answer(phase))
})
