import { setTimeout as sleep } from 'node:timers/promises'
import { backoffDelay } from '../api/backoff.ts'
import { KubernetesError, type KubernetesErrorCode } from '../api/kubernetes-error.ts'
import type { ListWatchOptions } from './list-watch-options.ts'
import type { Listed } from './listed.ts'
import { listObjects } from './object-list.ts'
import type { ObjectEvent } from './object-page.ts'
import { watchObjects } from './object-watch.ts'

/**
 * Keeps the objects of one kind by LIST and WATCH, for ever: a watch that ends or whose connection breaks is taken up
 * where it ended, and where the server does not remember that, a new list follows. The client library's informer stops
 * for good at the first error that is not a 410, and hides lines that it cannot read.
 */
export class ListWatch<T> {
  readonly #options: ListWatchOptions<T>
  readonly #closing = new AbortController()
  readonly #firstOutcome = Promise.withResolvers<void>()
  #version = 0
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

  /** In words: `pods`. */
  get what(): string {
    return this.#listed.what
  }

  /** Why the last attempt failed; undefined since the API server answers again. */
  get problem(): KubernetesError | undefined {
    return this.#problem
  }

  /** How many objects were left out since the last list, because they have not the shape of their kind. */
  get unreadable(): number {
    return this.#unreadable
  }

  /** Whether the watch fails and has shown no sign of life for longer than a healthy one does. */
  get isBehind(): boolean {
    const isOld = (this.ageMilliseconds ?? 0) > this.#options.timing.silenceLimit
    return this.#problem !== undefined && (!this.#synced || isOld)
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

  /** Lists if needed and watches to the end; why it ended, undefined where the server ended the watch in order. */
  async #listAndWatch(): Promise<KubernetesError | undefined> {
    this.#watchedFor = 0
    try {
      this.#position ??= await this.#list()
      await this.#watch(this.#position)
      return undefined
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error
      if (error.code === 'not-found' && this.#takeNextVersion()) return this.#listAndWatch()
      if (!this.#closing.signal.aborted) this.#note(withGrant(error, this.#listed.grant))
      return error
    }
  }

  get #listed(): Listed<T> {
    const { versions } = this.#options
    return versions[this.#version] ?? versions[0]
  }

  /** False after the last: then it is the first's turn again. */
  #takeNextVersion(): boolean {
    this.#position = undefined
    this.#version = (this.#version + 1) % this.#options.versions.length
    return this.#version > 0
  }

  async #list(): Promise<string> {
    const { kubeConfig, sink, timing } = this.#options
    const start = { listed: this.#listed, ...timing }
    const { objects, unreadable, resourceVersion } = await listObjects(
      kubeConfig,
      start,
      this.#closing.signal,
    )
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
    const { timing, onProblem } = this.#options
    this.#fruitless += 1
    if (!leavesPosition.has(error.code) || this.#fruitless >= mostFruitless) this.#position = undefined
    this.#isAbsent = error.code === 'not-found' && !this.#synced && timing.absence !== undefined
    if (this.#isAbsent || (isRefusal(error) && timing.refusal !== undefined)) this.#firstOutcome.resolve()
    this.#problem = this.#isAbsent ? undefined : error
    if (!this.#isAbsent) onProblem(error)
  }

  #pauseAfter(failure: KubernetesError | undefined, failures: number): number {
    const { timing } = this.#options
    const refusal = failure !== undefined && isRefusal(failure) ? timing.refusal : undefined
    const standing = this.#isAbsent ? timing.absence : refusal
    if (standing !== undefined) return backoffDelay(1, { first: standing, most: standing })
    return Math.max(backoffDelay(failures, timing), failure?.retryAfter ?? 0)
  }

  #signOfLife(): void {
    this.#lastSign = performance.now()
    this.#problem = undefined
  }

  async #pause(milliseconds: number): Promise<void> {
    try {
      await sleep(milliseconds, undefined, { signal: this.#closing.signal })
    } catch {
      // Closed while waiting: the loop sees it.
    }
  }
}

// What the way to the server and its credentials may do leaves the version from which to watch on as it was.
const leavesPosition: ReadonlySet<KubernetesErrorCode> = new Set(['unavailable', 'timeout', 'unauthorized'])

// A server, or something before it, may break off every watch and answer lists: then these keep memory current.
const mostFruitless = 3

/** Whether it is refused, and will be again: for want of a right, or because such a request cannot be meant. */
function isRefusal({ code }: KubernetesError): boolean {
  return code === 'forbidden' || code === 'invalid'
}

/** With what a person has to do, where that is known. */
function withGrant(error: KubernetesError, grant: string | undefined): KubernetesError {
  if (error.code !== 'forbidden' || grant === undefined) return error
  return new KubernetesError('forbidden', { what: error.what, why: error.why, next: grant, cause: error })
}
