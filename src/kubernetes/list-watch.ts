import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeConfig } from '@kubernetes/client-node'
import { backoffDelay, type Backoff } from './backoff.ts'
import { KubernetesError, type KubernetesErrorCode } from './kubernetes-error.ts'
import type { Listed, WatchTiming } from './listed.ts'
import { listObjects } from './object-list.ts'
import type { ObjectEvent } from './object-page.ts'
import { watchObjects } from './object-watch.ts'

/** Where objects are kept. */
export interface ObjectSink<T> {
  /** These are all; what is not among them is gone. */
  replace(objects: readonly T[]): void
  set(object: T): void
  delete(object: T): void
}

/** Every time that a list and watch keeps, in milliseconds but for `watchSeconds`. */
export type ListWatchTiming = WatchTiming &
  Backoff & {
    readonly firstListLimit: number
    /** How long a refusal (403) stands, for only a person can mend it; without it, as long as any other failure. */
    readonly refusal?: number
    /** How long it stands that the API server does not have the kind (404); likewise. */
    readonly absence?: number
  }

/** What the watch needs, and whom it tells. */
export interface ListWatchOptions<T> {
  readonly kubeConfig: KubeConfig
  /** The same objects at the addresses of several versions, the best first: the first that is served is taken. */
  readonly versions: readonly [Listed<T>, ...Listed<T>[]]
  readonly sink: ObjectSink<T>
  /** Each failure, as it happens: at most one each `most` for long. The watch goes on. */
  readonly onProblem: (problem: KubernetesError) => void
  readonly timing: ListWatchTiming
}

/**
 * Keeps the objects of one kind by LIST and WATCH, for ever: a watch that ends or whose connection breaks is taken up
 * where it ended, and where the server does not remember that, a new list follows. The client library's informer stops
 * for good at the first error that is not a 410, and hides lines that it cannot read.
 */
export class ListWatch<T> {
  readonly #options: ListWatchOptions<T>
  readonly #closing = new AbortController()
  readonly #firstOutcome = Promise.withResolvers<void>()
  #served = 0
  #synced = false
  #isAbsent = false
  #problem: KubernetesError | undefined
  #unreadable = 0
  #lastSign: number | undefined
  /** From where to watch on; undefined: from a new list. */
  #position: string | undefined
  #fruitless = 0
  #watchedFor = 0
  #running: Promise<void> | undefined

  constructor(options: ListWatchOptions<T>) {
    this.#options = options
  }

  /** Resolves with the first list or refusal, or after `firstListLimit` without one: the watch goes on trying. */
  async start(): Promise<void> {
    this.#running ??= this.#run()
    const limit = AbortSignal.any([
      this.#closing.signal,
      AbortSignal.timeout(this.#options.timing.firstListLimit),
    ])
    const givenUp = Promise.withResolvers<void>()
    limit.addEventListener('abort', () => givenUp.resolve(), { once: true })
    await Promise.race([this.#firstOutcome.promise, givenUp.promise])
  }

  /** Whether a list was ever complete; the sink then holds all objects, as of `ageMilliseconds` ago. */
  get synced(): boolean {
    return this.#synced
  }

  /** Whether this API server does not have the kind, in any version: there are none of it. */
  get isAbsent(): boolean {
    return this.#isAbsent
  }

  /** Why the last attempt failed; undefined since the API server answers again. */
  get problem(): KubernetesError | undefined {
    return this.#problem
  }

  /** How many objects were left out since the last list, because they have not the shape of their kind. */
  get unreadable(): number {
    return this.#unreadable
  }

  /** How long ago the API server last gave a sign of life; undefined before the first. */
  get ageMilliseconds(): number | undefined {
    return this.#lastSign === undefined ? undefined : performance.now() - this.#lastSign
  }

  /** Ends the watch; resolves when its connection is gone. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    let failures = 0
    while (!signal.aborted) {
      // oxlint-disable eslint/no-await-in-loop -- one watch at a time is the point
      const failure = await this.#listAndWatch()
      // Only a watch that lasted shows that things are well. A server that ends each watch at once, or sends one event
      // and breaks off, would otherwise be asked as fast as it answers.
      failures = this.#watchedFor >= this.#options.timing.most ? 0 : failures + 1
      await this.#pause(this.#pauseAfter(failure, failures))
      // oxlint-enable eslint/no-await-in-loop
    }
  }

  /** Lists if needed and watches until the end; why it ended, undefined where the server ended the watch in order. */
  async #listAndWatch(): Promise<KubernetesError | undefined> {
    this.#watchedFor = 0
    try {
      this.#position ??= await this.#list()
      await this.#watch(this.#position)
      return undefined
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error
      if (!this.#closing.signal.aborted) this.#note(error)
      return error
    }
  }

  get #listed(): Listed<T> {
    const { versions } = this.#options
    return versions[this.#served] ?? versions[0]
  }

  async #list(): Promise<string> {
    const { kubeConfig, sink, timing } = this.#options
    const start = { listed: this.#listed, ...timing }
    const { objects, unreadable, resourceVersion } = await listObjects(kubeConfig, start, this.#closing.signal)
    sink.replace(objects)
    this.#unreadable = unreadable.length
    this.#fruitless = 0
    this.#synced = true
    this.#isAbsent = false
    this.#signOfLife()
    this.#firstOutcome.resolve()
    // One tells what is wrong; thousands would flood the log.
    for (const problem of unreadable.slice(0, 1)) this.#options.onProblem(problem)
    return resourceVersion
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { kubeConfig, timing } = this.#options
    const onSign = () => this.#signOfLife()
    const start = { listed: this.#listed, resourceVersion, onSign, ...timing }
    const started = performance.now()
    try {
      for await (const event of watchObjects(kubeConfig, start, this.#closing.signal)) this.#apply(event)
    } finally {
      this.#watchedFor = performance.now() - started
    }
  }

  #apply(event: ObjectEvent<T>): void {
    const { sink, onProblem } = this.#options
    switch (event.type) {
      case 'failed':
        // Of what it reports only "too many requests" leaves the version as it was.
        if (event.problem.retryAfter === undefined) this.#position = undefined
        throw event.problem
      case 'unreadable':
        this.#unreadable += 1
        onProblem(event.problem)
        break
      case 'set':
        sink.set(event.object)
        break
      case 'deleted':
        sink.delete(event.object)
        break
      case 'bookmark':
    }
    this.#position = event.resourceVersion
    this.#fruitless = 0
  }

  #note(error: KubernetesError): void {
    this.#fruitless += 1
    if (!leavesPosition.has(error.code) || this.#fruitless >= mostFruitless) this.#position = undefined
    if (error.code === 'not-found' && !this.#synced && this.#tryOlder()) return
    this.#problem = error
    const { refusal } = this.#options.timing
    if (error.code === 'forbidden' && refusal !== undefined) this.#firstOutcome.resolve()
    this.#options.onProblem(error)
  }
