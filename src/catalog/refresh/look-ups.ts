import { askedAgainLater, TagSourceError, urgencies, type Urgency } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import type { CatalogOptions } from './options.ts'
import type { Queue, Start } from './queue.ts'
import { repositoryKey, type CacheScope } from '../entry/credential-scope.ts'

/** A look-up task: its scope, its urgency and its namespace. */
export interface Asked {
  readonly scope: CacheScope
  readonly urgency: Urgency
  readonly namespace: string | undefined
}

/** A look-up of tags: its scope, its slice, its urgency and its namespace. */
export interface Task extends Asked {
  readonly slice: string | undefined
  /** Whether to list all tags regardless of the cache, to confirm suspected deletions. */
  readonly thorough: boolean
}

/** The look-ups of tags in progress: one at a time for each scope. */
export interface LookUps<T> {
  /** Joins the look-up under way, which may be for another slice, or begins one. It need not be awaited. */
  begin(task: Task): Flight<Task, T>
  /** How long the look-up under way has taken so far for a namespace, in milliseconds; undefined where there is none. */
  elapsed(key: string, namespace: string | undefined): number | undefined
  size(): number
}

type LookUpsOptions = FlightsOptions & Pick<CatalogOptions, 'registries' | 'onLookUp'>

/** Creates the look-ups and reports the end of each; `work` does one and rejects with a TagSourceError. */
export function createLookUps<T>(work: (task: Task) => Promise<T>, options: LookUpsOptions): LookUps<T> {
  const flights = createFlights(work, options)
  const recorded = new WeakSet<Promise<T>>()
  return {
    begin(task) {
      const { now } = options
      const begun = now()
      const flight = flights.join(task.scope.key, task)
      if (recorded.has(flight.outcome)) return flight
      recorded.add(flight.outcome)
      const ended = { repository: task.scope.repository, begun }
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

/** Work under way on what the first caller asked for, as urgent as the most urgent caller. */
export interface Flight<A, T> {
  readonly asked: A
  readonly outcome: Promise<T>
}

/** Work that is shared by its callers: one piece at a time for each key. */
export interface Flights<A extends Asked, T> {
  /**
   * Joins the work under way, or begins it. It need not be awaited. In the queue it has a place for each caller: the first caller
   * must not hold up another.
   */
  join(key: string, asked: A): Flight<A, T>
  /** How long the work has gone on, or the namespace has waited for it, in milliseconds; undefined where there is none. */
  elapsed(key: string, namespace: string | undefined): number | undefined
  size(): number
}

export type FlightsOptions = Pick<CatalogOptions, 'now' | 'refusal'> & { readonly queue: Queue }

/** Creates shared work; `work` does one piece. */
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
  /** Adds a place in the queue; the error if that is refused. */
  wait(asked: Asked): TagSourceError | undefined
  /** Since when it has gone on, or else the namespace has waited for it. */
  since(namespace: string | undefined): number | undefined
}

function createFlight<A extends Asked, T>(
  asked: A,
  work: (asked: A) => Promise<T>,
  options: FlightsOptions,
): Waiting<A, T> {
  const { promise: outcome, resolve, reject } = Promise.withResolvers<T>()
  outcome.catch(() => undefined) // callers who wait get the rejection too
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

// The error if the work is not queued: the repository may not be contacted, or the queue is full.
function placed(
  start: Start,
  { scope: { repository }, urgency, namespace }: Asked,
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
    `${repositoryKey(repository)}: too many look-ups; ${askedAgainLater}`,
  )
}

function notYet(repository: Repository, namespace: string | undefined): TagSourceError {
  const why = `as many look-ups as may wait for namespace ${namespace} wait; it is asked for when it is judged again`
  return new TagSourceError('not-checked-yet', `${repositoryKey(repository)}: ${why}`)
}

function rejected<T>(why: Error): Promise<T> {
  const { promise, reject } = Promise.withResolvers<T>()
  promise.catch(() => undefined) // not every caller awaits it
  reject(why)
  return promise
}
