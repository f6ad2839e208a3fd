import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeConfig } from '@kubernetes/client-node'
import { backoffDelay, type Backoff } from './backoff.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { listNamespaces, watchNamespaces, type WatchTiming } from './namespace-reader.ts'
import type { NamespaceEvent, OurLabels } from './namespace.ts'

/** What the watch needs, and whom it tells. Times in milliseconds. */
export interface NamespaceWatchOptions {
  readonly kubeConfig: KubeConfig
  /** Each failure, as it happens: at most one each `backoff.most` for long. The watch goes on. */
  readonly onProblem: (problem: KubernetesError) => void
  readonly timing: WatchTiming & Backoff & { readonly firstListLimit: number }
}

/**
 * Keeps the labels of all namespaces in memory by LIST and WATCH, for ever: a watch that ends is taken up where it
 * ended, one that breaks is followed by a new list. The client library's informer stops for good at the first error
 * that is not a 410, and hides lines that it cannot read.
 */
export class NamespaceWatch {
  readonly #options: NamespaceWatchOptions
  readonly #closing = new AbortController()
  readonly #firstList = Promise.withResolvers<void>()
  #known: Map<string, OurLabels> | undefined
  #lastSign: number | undefined
  #running: Promise<void> | undefined

  constructor(options: NamespaceWatchOptions) {
    this.#options = options
  }

  /** Resolves with the first list, or after `firstListLimit` without one: the watch goes on trying. */
  async start(): Promise<void> {
    this.#running ??= this.#run()
    const limit = AbortSignal.any([
      this.#closing.signal,
      AbortSignal.timeout(this.#options.timing.firstListLimit),
    ])
    const givenUp = Promise.withResolvers<void>()
    limit.addEventListener('abort', () => givenUp.resolve(), { once: true })
    await Promise.race([this.#firstList.promise, givenUp.promise])
  }

  /** Whether a list was ever complete; memory then holds all namespaces, as of `ageMilliseconds` ago. */
  get synced(): boolean {
    return this.#known !== undefined
  }

  /** How long ago the API server last gave a sign of life; undefined before the first. */
  get ageMilliseconds(): number | undefined {
    return this.#lastSign === undefined ? undefined : performance.now() - this.#lastSign
  }

  /** The labels in memory. */
  labelsOf(namespace: string): OurLabels | undefined {
    return this.#known?.get(namespace)
  }

  /** Ends the watch; resolves when its connection is gone. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    let failures = 0
    let version: string | undefined
    while (!signal.aborted) {
      const started = performance.now()
      // oxlint-disable-next-line eslint/no-await-in-loop -- one watch at a time is the point
      version = await this.#watchOnce(version)
      // Only a watch that lasted shows that things are well. A server that ends each watch at once, or sends one event
      // and breaks off, would otherwise be asked as fast as it answers.
      const lasted = performance.now() - started >= this.#options.timing.most
      failures = lasted ? 0 : failures + 1
      // oxlint-disable-next-line eslint/no-await-in-loop
      await this.#pause(backoffDelay(failures, this.#options.timing))
    }
  }

  /** Lists if needed and watches until the end; the version to go on from, undefined to list again. */
  async #watchOnce(version: string | undefined): Promise<string | undefined> {
    const { kubeConfig, onProblem, timing } = this.#options
    const { signal } = this.#closing
    try {
      let resourceVersion = version ?? (await this.#list())
      const onSign = () => this.#signOfLife()
      const watch = watchNamespaces(kubeConfig, { resourceVersion, onSign, ...timing }, signal)
      for await (const event of watch) {
        this.#apply(event)
        resourceVersion = event.resourceVersion
      }
      return resourceVersion
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error
      if (!signal.aborted) onProblem(error)
      return undefined
    }
  }

  async #list(): Promise<string> {
    const { kubeConfig, timing } = this.#options
    const { namespaces, resourceVersion } = await listNamespaces(kubeConfig, timing, this.#closing.signal)
    this.#known = new Map(namespaces.map(({ name, labels }) => [name, labels]))
    this.#signOfLife()
    this.#firstList.resolve()
    return resourceVersion
  }

  #apply(event: NamespaceEvent): void {
    if (event.type === 'bookmark') return
    const { name, labels } = event.namespace
    if (event.type === 'deleted') this.#known?.delete(name)
    else this.#known?.set(name, labels)
  }

  #signOfLife(): void {
    this.#lastSign = performance.now()
  }

  async #pause(milliseconds: number): Promise<void> {
    try {
      await sleep(milliseconds, undefined, { signal: this.#closing.signal })
    } catch {
      // Closed while waiting: the loop sees it.
    }
  }
}
