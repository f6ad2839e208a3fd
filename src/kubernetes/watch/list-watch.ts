import { setTimeout as sleep } from 'node:timers/promises'
import { KubernetesError, type KubernetesErrorCode } from '../api/kubernetes-error.ts'
import { orAborted } from '../../async/index.ts'
import { backoffDelay, withTimeout } from '../api/timing.ts'
import type { ListSpec, ListWatchOptions } from './list-spec.ts'
import { listObjects } from './object-list.ts'
import { watchObjects, type ObjectEvent } from './object-watch.ts'

/**
 * A LIST and WATCH that keeps the objects of one kind in a sink, for ever: a watch that ends or whose connection breaks is
 * resumed where it ended, and where the server does not remember that version, a new list follows. The client library's
 * informer stops for good at the first error that is not a 410, and hides lines that it cannot read.
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
    const limit = withTimeout(this.#closing.signal, this.#options.timing.firstListLimit)
    // Given up: closed, or too late.
    await orAborted(this.#firstOutcome.promise, limit).catch(() => {})
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
    return this.#spec.what
  }

  /** Why the last attempt failed; undefined since the API server answers again. */
  get problem(): KubernetesError | undefined {
    return this.#problem
  }

  /** How many objects were left out since the last list, because they do not have the shape of their kind. */
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
      if (!this.#closing.signal.aborted) this.#note(withGrant(error, this.#spec.grant))
      return error
    }
  }

  get #spec(): ListSpec<T> {
    const { versions } = this.#options
    return versions[this.#version] ?? versions[0]
  }

  /** False after the last: then the first version is tried again. */
  #takeNextVersion(): boolean {
    this.#position = undefined
    this.#version = (this.#version + 1) % this.#options.versions.length
    return this.#version > 0
  }

  async #list(): Promise<string> {
    const { kubeConfig, sink, timing } = this.#options
    const start = { spec: this.#spec, ...timing }
    const list = await listObjects(kubeConfig, start, this.#closing.signal)
    const { objects, unreadable, resourceVersion } = list
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
    const start = { spec: this.#spec, resourceVersion, onSign, ...timing }
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
        // Of the errors in a watch only "too many requests" leaves the version as it was.
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
    // Closed while waiting: the loop sees it.
    await sleep(milliseconds, undefined, { signal: this.#closing.signal }).catch(() => {})
  }
}

// Failures of the connection and of credentials leave the version from which to watch on as it was.
const leavesPosition: ReadonlySet<KubernetesErrorCode> = new Set(['unavailable', 'timeout', 'unauthorized'])

// A server, or a proxy before it, may break off every watch and answer lists: then lists keep memory current.
const mostFruitless = 3

/** Whether the request is refused, and will be again: a right is missing, or the request is invalid. */
function isRefusal({ code }: KubernetesError): boolean {
  return code === 'forbidden' || code === 'invalid'
}

/** The error with what a person has to do, where that is known. */
function withGrant(error: KubernetesError, grant: string | undefined): KubernetesError {
  if (error.code !== 'forbidden' || grant === undefined) return error
  return new KubernetesError('forbidden', { what: error.what, why: error.why, next: grant, cause: error })
}
