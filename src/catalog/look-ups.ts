import { TagSourceError } from '../evaluation/index.ts'
import type { Repository } from '../image/index.ts'
import type { CatalogLimits, CatalogOptions } from './options.ts'
import type { Queue } from './queue.ts'
import type { Task } from './task.ts'
import { repositoryKey } from './views.ts'

/** Look-ups under way: one at a time for each view of a repository. */
export interface LookUps<T> {
  /** The look-up under way, which may be for another slice, or else one that begins. Nobody need wait for it. */
  begin(task: Task): LookUp<T>
  /** How long the one under way has taken so far, in milliseconds; undefined where there is none. */
  elapsed(key: string): number | undefined
  size(): number
}

/** A look-up under way. */
export interface LookUp<T> {
  readonly task: Task
  readonly outcome: Promise<T>
}

export type LookUpsOptions = CatalogLimits &
  Pick<CatalogOptions, 'now' | 'registries' | 'refusal' | 'onLookUp'> & { readonly queue: Queue }

/** No look-ups yet; `work` does one and rejects with a TagSourceError. */
export function createLookUps<T>(work: (task: Task) => Promise<T>, options: LookUpsOptions): LookUps<T> {
  const underWay = new Map<string, LookUp<T> & { readonly since: number }>()

  async function lookUp(task: Task): Promise<T> {
    const begun = options.now()
    const { repository } = task.view
    try {
      const outcome = await inTurn(task, () => work(task), options)
      record(options, { repository, begun, error: undefined })
      return outcome
    } catch (error) {
      if (error instanceof TagSourceError) record(options, { repository, begun, error })
      throw error
    }
  }

  return {
    begin(task) {
      const current = underWay.get(task.view.key)
      if (current !== undefined) return current
      const outcome = lookUp(task).finally(() => underWay.delete(task.view.key))
      outcome.catch(() => undefined) // recorded; who waits for it is told too
      const begun = { task, outcome, since: options.now() }
      underWay.set(task.view.key, begun)
      return begun
    },
    elapsed(key) {
      const current = underWay.get(key)
      return current === undefined ? undefined : options.now() - current.since
    },
    size: () => underWay.size,
  }
}

/**
 * What the work gives, once it has its turn.
 * @throws TagSourceError also where the repository may not be asked for, or too much waits.
 */
export async function inTurn<T>(
  { view, urgency }: Pick<Task, 'view' | 'urgency'>,
  work: () => Promise<T>,
  { refusal, queue }: Pick<LookUpsOptions, 'refusal' | 'queue'>,
): Promise<T> {
  const refused = refusal?.(view.repository)
  if (refused !== undefined) throw refused
  const { registry } = view.repository
  return (
    queue.add({ key: registry, urgent: urgency === 'admission', start: work }) ?? tooMany(view.repository)
  )
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
