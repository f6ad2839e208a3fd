import type { KubeConfig } from '@kubernetes/client-node'
import { isDnsLabel } from '../../text/index.ts'
import { callApi } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { parseNamespace, type OurLabels } from './namespace.ts'

/** Times in milliseconds. */
export interface LookupTiming {
  /** For the whole answer. */
  readonly lookupLimit: number
  /** How long an answer, also "no such namespace" or a failure, stands before the question is asked again. */
  readonly lookupMemory: number
}

/** Names come from requests: what a flood of them may leave behind is bounded. */
const mostLookups = 250

interface Lookup {
  readonly answer: Promise<OurLabels | undefined>
  readonly until: number
}

/**
 * Asks the API server for one namespace: the way for a name that the watch does not know (yet). Equal questions share
 * one request, and its outcome stands for a few seconds, so that a burst of reviews costs one.
 */
export class NamespaceLookup {
  readonly #kubeConfig: KubeConfig
  readonly #timing: LookupTiming
  readonly #closing = new AbortController()
  readonly #lookups = new Map<string, Lookup>()

  constructor(kubeConfig: KubeConfig, timing: LookupTiming) {
    this.#kubeConfig = kubeConfig
    this.#timing = timing
  }

  /** Undefined where there is no such namespace. Rejects with KubernetesError. */
  async labelsOf(namespace: string): Promise<OurLabels | undefined> {
    // Anything else exists nowhere and is not asked for.
    if (!isDnsLabel(namespace)) return undefined
    const now = performance.now()
    const earlier = this.#lookups.get(namespace)
    if (earlier !== undefined && now < earlier.until) return earlier.answer
    const answer = this.#ask(namespace)
    this.#remember(namespace, { answer, until: now + this.#timing.lookupMemory })
    return answer
  }

  /** Ends the requests that are under way. */
  close(): void {
    this.#closing.abort()
  }

  async #ask(namespace: string): Promise<OurLabels | undefined> {
    const what = `get namespace ${namespace}`
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#timing.lookupLimit)])
    try {
      const answer = await callApi(
        this.#kubeConfig,
        { what, path: `/api/v1/namespaces/${namespace}` },
        signal,
      )
      return parseNamespace(answer, what).labels
    } catch (error) {
      if (error instanceof KubernetesError && error.code === 'not-found') return undefined
      throw error
    }
  }

  #remember(namespace: string, lookup: Lookup): void {
    this.#lookups.delete(namespace)
    // A Map keeps the order of insertion: the first key is the oldest.
    const oldest = this.#lookups.size >= mostLookups ? this.#lookups.keys().next().value : undefined
    if (oldest !== undefined) this.#lookups.delete(oldest)
    this.#lookups.set(namespace, lookup)
  }
}
