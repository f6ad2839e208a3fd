import type { KubeConfig } from '@kubernetes/client-node'
import type { NamespaceLabels } from '../../admission/index.ts'
import type { KubernetesError } from '../api/kubernetes-error.ts'
import { NamespaceLookup, type LookupTiming } from './namespace-lookup.ts'
import type { ListWatchTiming, ObjectSink } from './list-watch-options.ts'
import { ListWatch } from './list-watch.ts'
import { namespaceShape, parseNamespace, type Namespace, type OurLabels } from './namespace.ts'

/** Every time that the namespace labels keep, in milliseconds but for `watchSeconds`. */
export type NamespaceLabelsTiming = ListWatchTiming & LookupTiming

/** What to watch with, and whom to tell. */
export interface NamespaceLabelsOptions {
  readonly kubeConfig: KubeConfig
  /** Each failure of the watch. It goes on by itself. */
  readonly onProblem: (problem: KubernetesError) => void
  /** For tests; the defaults are those of `defaultTiming`. */
  readonly timing?: Partial<NamespaceLabelsTiming>
}

/** The labels of namespaces, kept current. */
export interface WatchedNamespaceLabels extends NamespaceLabels {
  /** Begins to watch; resolves with the first list or after 5 s without one. Never rejects. */
  start(): Promise<void>
  /** Whether memory holds all namespaces. */
  readonly synced: boolean
  /** Since the API server's last sign of life; undefined before the first. About a minute is normal. */
  readonly ageMilliseconds: number | undefined
  close(): Promise<void>
}

/**
 * The labels of namespaces under `patchline.dev/`: from memory at once, else by one request of at most 2 s whose
 * outcome stands for 5 s. `labelsOf` rejects with KubernetesError.
 */
export function createNamespaceLabels(options: NamespaceLabelsOptions): WatchedNamespaceLabels {
  const timing = { ...defaultTiming(), ...options.timing }
  const known = new Map<string, OurLabels>()
  const watch = new ListWatch({ ...options, versions: [listed], sink: sinkOf(known), timing })
  const lookup = new NamespaceLookup(options.kubeConfig, timing)
  return {
    labelsOf: namespace => known.get(namespace) ?? lookup.labelsOf(namespace),
    start: () => watch.start(),
    get synced() {
      return watch.synced
    },
    get ageMilliseconds() {
      return watch.ageMilliseconds
    },
    close() {
      lookup.close()
      return watch.close()
    },
  }
}

const listed = {
  what: 'namespaces',
  path: '/api/v1/namespaces',
  read: parseNamespace,
  shape: namespaceShape,
  // 20,000 namespaces are twice what Kubernetes is tested with.
  pageSize: 100,
  mostPages: 200,
}

function sinkOf(known: Map<string, OurLabels>): ObjectSink<Namespace> {
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
