import { TagSourceError, urgencies, type Urgency } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import type { CatalogOptions } from './options.ts'
import type { Queue, Start } from './queue.ts'
import { repositoryKey, type View } from '../entry/views.ts'

/** What is asked of a source, and what decides when. */
export interface Asked {
  readonly view: View
  readonly urgency: Urgency
  readonly namespace: string | undefined
}

/** Work under way: on what was asked for first, as urgent as the most urgent who asks. */
export interface Flight<A, T> {
  readonly asked: A
  readonly outcome: Promise<T>
}

/** Work on what was asked for: one at a time for each key, however many ask for it. */
export interface Flights<A extends Asked, T> {
  /**
   * The work under way, or else one that begins. It need not be awaited. It waits for its turn in the place of each who asks:
   * who made it begin must not hold up another.
   */
  join(key: string, asked: A): Flight<A, T>
  /** How long it has gone on, or has been waited for by the namespace, in milliseconds; undefined where there is none. */
  elapsed(key: string, namespace: string | undefined): number | undefined
  size(): number
}

export type FlightsOptions = Pick<CatalogOptions, 'now' | 'refusal'> & { readonly queue: Queue }

/** No work yet; `work` does one piece. */
export function createFlights<A extends Asked, T>(
  work: (asked: A) => Promise<T>,
  options: FlightsOptions,
): Flights<A, T> {
  const { now } = options
  const underWay = new Map<string, Waiting<A, T>>()
  return {
    join(key, asked) {
      const current = underWay.get(key)
      if (current !== undefined) {
        current.wait(asked)
        return current
      }
      const begun = createFlight(asked, turn => work(turn).finally(() => underWay.delete(key)), options)
      underWay.set(key, begun)
      const refused = begun.wait(asked)
      if (refused === undefined) return begun
      underWay.delete(key)
      return { asked, outcome: rejected(refused) }
    },
    elapsed(key, namespace) {
      const current = underWay.get(key)
      const since = current?.since(namespace)
      return since === undefined ? undefined : now() - since
    },
    size: () => underWay.size,
  }
}

interface Waiting<A, T> extends Flight<A, T> {
  /** Lets it wait in another place too; why that cannot be. */
  wait(asked: Asked): TagSourceError | undefined
  /** Since when it has gone on, or else has been waited for by the namespace. */
  since(namespace: string | undefined): number | undefined
}

function createFlight<A extends Asked, T>(
  asked: A,
  work: (asked: A) => Promise<T>,
  options: FlightsOptions,
): Waiting<A, T> {
  const { promise: outcome, resolve, reject } = Promise.withResolvers<T>()
  outcome.catch(() => undefined) // who waits for it is told too
  const places = new Set<string>()
  const waitingSince = new Map<string | undefined, number>()
  let begunAt: number | undefined
  let { urgency: mostUrgent } = asked

  const start: Start = async namespace => {
    begunAt = options.now()
    await work({ ...asked, urgency: mostUrgent, namespace }).then(resolve, reject)
  }

  return {
    asked,
    outcome,
    since: namespace => begunAt ?? waitingSince.get(namespace),
    wait(other) {
      const { urgency, namespace } = other
      const place = `${urgency} ${namespace ?? ''}`
      if (begunAt !== undefined || places.has(place)) return undefined
      const refused = placed(start, other, options)
      if (refused !== undefined) return refused
      places.add(place)
      if (urgencies.indexOf(urgency) < urgencies.indexOf(mostUrgent)) mostUrgent = urgency
      if (!waitingSince.has(namespace)) waitingSince.set(namespace, options.now())
      return undefined
    },
  }
}

// Why it does not wait: the repository may not be asked for, or too much waits already.
function placed(
  start: Start,
  { view: { repository }, urgency, namespace }: Asked,
  { refusal, queue }: FlightsOptions,
): TagSourceError | undefined {
  const refused = refusal?.(repository)
  if (refused !== undefined) return refused
  switch (queue.add(start, { key: repository.registry, urgency, namespace })) {
    case 'started':
    case 'waiting':
      return undefined
    case 'full':
      return tooMany(repository)
    case 'namespace-full':
      return notYet(repository, namespace)
  }
}

function tooMany(repository: Repository): TagSourceError {
  return new TagSourceError(
    'unavailable',
    `${repositoryKey(repository)}: too many look-ups; it is asked again later`,
  )
}

function notYet(repository: Repository, namespace: string | undefined): TagSourceError {
  const why = `as many look-ups as may wait for namespace ${namespace} wait; it is asked for when it is judged again`
  return new TagSourceError('not-checked-yet', `${repositoryKey(repository)}: ${why}`)
}

function rejected<T>(why: Error): Promise<T> {
  const { promise, reject } = Promise.withResolvers<T>()
  promise.catch(() => undefined) // not every caller waits for it
  reject(why)
  return promise
}
