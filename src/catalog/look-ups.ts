import { TagSourceError } from '../evaluation/index.ts'
import type { Repository } from '../image/index.ts'
import type { CatalogLimits, CatalogOptions } from './options.ts'
import { createQueue } from './queue.ts'

/** Look-ups under way: one at a time for each repository, so many at a time in all. */
export interface LookUps<T> {
  /** The outcome of the look-up under way, or else of one that begins. Nobody need wait for it. */
  begin(repository: Repository): Promise<T>
  /** How long the one under way has taken so far, in milliseconds; undefined where there is none. */
  elapsed(repository: Repository): number | undefined
  size(): number
}

type LookUpsOptions = CatalogLimits & Pick<CatalogOptions, 'now' | 'registries' | 'refusal' | 'onLookUp'>

/** No look-ups yet; `work` does one and rejects with a TagSourceError. */
export function createLookUps<T>(
  work: (repository: Repository) => Promise<T>,
  options: LookUpsOptions,
): LookUps<T> {
  const underWay = new Map<string, { readonly outcome: Promise<T>; readonly since: number }>()
  const queue = queueOf(options)

  async function lookUp(repository: Repository): Promise<T> {
    const begun = options.now()
    try {
      const refusal = options.refusal?.(repository)
      if (refusal !== undefined) throw refusal
      const outcome = await (queue.add(repository.registry, () => work(repository)) ?? tooMany(repository))
      record(options, { repository, begun, error: undefined })
      return outcome
    } catch (error) {
      if (error instanceof TagSourceError) record(options, { repository, begun, error })
      throw error
    }
  }

  return {
    begin(repository) {
      const key = repositoryKey(repository)
      const current = underWay.get(key)
      if (current !== undefined) return current.outcome
      const outcome = lookUp(repository).finally(() => underWay.delete(key))
      outcome.catch(() => undefined) // recorded; who waits for it is told too
      underWay.set(key, { outcome, since: options.now() })
      return outcome
    },
    elapsed(repository) {
      const current = underWay.get(repositoryKey(repository))
      return current === undefined ? undefined : options.now() - current.since
    },
    size: () => underWay.size,
  }
}

function queueOf(limits: CatalogLimits): ReturnType<typeof createQueue> {
  return createQueue({
    atOnce: limits.lookUps,
    atOncePerKey: limits.lookUpsPerRegistry,
    waiting: limits.waiting,
    waitingPerKey: limits.waitingPerRegistry,
  })
}

/** One text for each repository. */
export function repositoryKey({ registry, repository }: Repository): string {
  return `${registry}/${repository}`
}

function tooMany(repository: Repository): never {
  throw new TagSourceError(
    'unavailable',
    `${repositoryKey(repository)}: too many look-ups; it is asked again later`,
  )
}

interface Ended {
  readonly repository: Repository
  readonly begun: number
  readonly error: TagSourceError | undefined
}

function record(
  { onLookUp, registries = [], now }: LookUpsOptions,
  { repository, begun, error }: Ended,
): void {
  onLookUp?.({
    registry: registries.includes(repository.registry) ? repository.registry : 'other',
    repository,
    outcome: error?.code ?? 'listed',
    milliseconds: now() - begun,
    error,
  })
}
