import { TagSourceError } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import { createFlights, type Flight, type FlightsOptions } from './flights.ts'
import type { CatalogOptions } from './options.ts'
import type { Task } from './task.ts'

/** Look-ups under way: one at a time for each view of a repository. */
export interface LookUps<T> {
  /** The look-up under way, which may be for another slice, or else one that begins. Nobody need wait for it. */
  begin(task: Task): Flight<Task, T>
  /** How long the one under way has taken so far for a namespace, in milliseconds; undefined where there is none. */
  elapsed(key: string, namespace: string | undefined): number | undefined
  size(): number
}

type LookUpsOptions = FlightsOptions & Pick<CatalogOptions, 'registries' | 'onLookUp'>

/** No look-ups yet; `work` does one and rejects with a TagSourceError. */
export function createLookUps<T>(work: (task: Task) => Promise<T>, options: LookUpsOptions): LookUps<T> {
  const flights = createFlights(work, options)
  const recorded = new WeakSet<Promise<T>>()
  return {
    begin(task) {
      const { now } = options
      const begun = now()
      const flight = flights.join(task.view.key, task)
      if (recorded.has(flight.outcome)) return flight
      recorded.add(flight.outcome)
      const ended = { repository: task.view.repository, begun }
      flight.outcome.then(
        () => record(options, { ...ended, error: undefined }),
        (error: unknown) => error instanceof TagSourceError && record(options, { ...ended, error }),
      )
      return flight
    },
    elapsed: (key, namespace) => flights.elapsed(key, namespace),
    size: () => flights.size(),
  }
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
