import type { KubeConfig } from '@kubernetes/client-node'
import type { Labels, NamespaceLabels } from '../../admission/index.ts'
import { createExpiringMap } from '../../async/index.ts'
import { at, isJsonObject, type Shape } from '../../json/index.ts'
import { isDnsLabel } from '../../text/index.ts'
import { callApi } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'
import type { ListSpec, ListWatchTiming, ObjectSink } from './list-spec.ts'
import { ListWatch } from './list-watch.ts'

/** The time limits of the namespace labels in milliseconds, but for `watchSeconds`. */
export type NamespaceLabelsTiming = ListWatchTiming & LookupTiming

/** What to watch with, and what to report failures to. */
export interface NamespaceLabelsOptions {
  readonly kubeConfig: KubeConfig
  /** Called for each failure of the watch. It goes on by itself. */
  readonly onProblem: (problem: KubernetesError) => void
  /** For tests; the defaults are those of `defaultTiming`. */
  readonly timing?: Partial<NamespaceLabelsTiming>
}

/** The labels of namespaces, kept current. */
export interface WatchedNamespaceLabels extends NamespaceLabels {
  /** Begins to watch; resolves with the first list or after 5 s without one. Never rejects. */
  start(): Promise<void>
  close(): Promise<void>
}

/**
 * Watches the labels of namespaces: they are given from memory at once, else by one request of at most
 * 2 s whose outcome stands for 5 s. `labelsOf` rejects with KubernetesError.
 */
export function createNamespaceLabels(options: NamespaceLabelsOptions): WatchedNamespaceLabels {
  const timing = { ...defaultTiming(), ...options.timing }
  const known = new Map<string, Labels>()
  const watch = new ListWatch({ ...options, versions: [allNamespaces()], sink: sinkOf(known), timing })
  const lookup = createNamespaceLookup(options.kubeConfig, timing)
  return {
    labelsOf: namespace => known.get(namespace) ?? lookup.labelsOf(namespace),
    start: () => watch.start(),
    close() {
      lookup.close()
      return watch.close()
    },
  }
}

const allNamespaces = (): ListSpec<Namespace> => ({
  what: 'namespaces',
  path: '/api/v1/namespaces',
  read: parseNamespace,
  shape: namespaceShape,
  // 20,000 namespaces are twice what Kubernetes is tested with.
  pageSize: 100,
  mostPages: 200,
})

function sinkOf(known: Map<string, Labels>): ObjectSink<Namespace> {
  return {
    replace(namespaces) {
      known.clear()
      for (const { name, labels } of namespaces) known.set(name, labels)
    },
    set: ({ name, labels }) => void known.set(name, labels),
    delete: ({ name }) => void known.delete(name),
  }
}

const defaultTiming = (): NamespaceLabelsTiming => ({
  answerLimit: 10_000,
  // Five to ten minutes, as client-go chooses.
  watchSeconds: 300 + Math.floor(Math.random() * 300),
  // Two bookmarks missed.
  silenceLimit: 150_000,
  first: 1000,
  most: 30_000,
  // The server comes up without the API server too: the configured defaults then apply.
  firstListLimit: 5000,
  // Less than the 3 s of the webhook configuration.
  lookupLimit: 2000,
  lookupMemory: 5000,
})

/** Times in milliseconds. */
interface LookupTiming {
  /** For the whole response. */
  readonly lookupLimit: number
  /** How long an outcome, also "no such namespace" or a failure, stands before it is asked for again. */
  readonly lookupMemory: number
}

/** Names come from requests: what a flood of them may leave behind is bounded. */
const mostLookups = 250

const monotonic = (): number => performance.now()

/**
 * Looks up single namespaces that the watch does not know (yet). Equal lookups share one request, and its outcome stands for a
 * few seconds, so that a burst of reviews costs one.
 */
function createNamespaceLookup(kubeConfig: KubeConfig, { lookupLimit, lookupMemory }: LookupTiming) {
  const closing = new AbortController()
  const outcomes = createExpiringMap<Promise<Labels | undefined>>({ max: mostLookups, now: monotonic })

  async function request(namespace: string): Promise<Labels | undefined> {
    const what = `get namespace ${namespace}`
    const path = `/api/v1/namespaces/${namespace}`
    try {
      const answer = await callApi(kubeConfig, { what, path }, withTimeout(closing.signal, lookupLimit))
      return parseNamespace(answer, what).labels
    } catch (error) {
      if (error instanceof KubernetesError && error.code === 'not-found') return undefined
      throw error
    }
  }

  return {
    /** Undefined where there is no such namespace. Rejects with KubernetesError. */
    async labelsOf(namespace: string): Promise<Labels | undefined> {
      // No namespace has another name: there is nothing to ask for.
      if (!isDnsLabel(namespace)) return undefined
      const earlier = outcomes.get(namespace)
      if (earlier !== undefined) return earlier
      const outcome = request(namespace)
      outcomes.set(namespace, outcome, monotonic() + lookupMemory)
      return outcome
    },
    /** Ends the requests that are under way. */
    close: () => closing.abort(),
  }
}

/** What is kept of a namespace. */
export interface Namespace {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** The parts of a Namespace that are read. */
export const namespaceShape: Shape = {
  members: { metadata: { members: { name: 'whole', labels: 'whole' } } },
}

/** Reads a Namespace with all of its labels: policies and routes go by any. Throws KubernetesError `invalid-answer`. */
export function parseNamespace(object: unknown, what: string): Namespace {
  const name = at(object, ['metadata', 'name'])
  if (typeof name !== 'string' || name === '') {
    throw new KubernetesError('invalid-answer', { what, why: 'an object without a name' })
  }
  const found = at(object, ['metadata', 'labels'])
  const labels = Object.entries(isJsonObject(found) ? found : {}).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value] as const] : [],
  )
  return { name, labels: Object.fromEntries(labels) }
}
