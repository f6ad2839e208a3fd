import type { KubeConfig } from '@kubernetes/client-node'
import {
  createInterner,
  aggregateByOwner,
  type Inventory,
  type ObjectRecord,
  type Workload,
} from '../../inventory/index.ts'
import { workloadKindNamed, workloadKinds, type WorkloadKind } from '../../workload/index.ts'
import type { KubernetesError } from '../api/kubernetes-error.ts'
import type { ListWatchTiming } from '../watch/list-spec.ts'
import { ListWatch } from '../watch/list-watch.ts'
import type { Namespace } from '../watch/namespace-labels.ts'
import {
  forgetGone,
  labelSink,
  listedKind,
  listedNamespaces,
  recordSink,
  type Records,
} from './watched-kinds.ts'

/** The time limits of the inventory in milliseconds, but for `watchSeconds`. */
export type InventoryTiming = ListWatchTiming & {
  /** How long the objects of a deleted owner are expected to be deleted too. */
  readonly following: number
}

/** What to watch with, and what to report failures to. */
export interface InventoryOptions {
  readonly kubeConfig: KubeConfig
  /** Only these namespaces; empty: all. Each has a connection for each of ten kinds: some dozens work well, hundreds do not. */
  readonly namespaces: readonly string[]
  /** Called for each failure of a watch. It goes on by itself. */
  readonly onProblem: (problem: KubernetesError) => void
  readonly timing?: Partial<InventoryTiming>
}

/** The workloads of a cluster, kept current. */
export interface WatchedInventory extends Inventory {
  /** Begins to watch; resolves when every kind was listed or refused, or after half a minute without. Never rejects. */
  start(): Promise<void>
  close(): Promise<void>
}

/** Creates an inventory from one list and watch for each kind (and each named namespace). Whole objects are never kept. */
export function createInventory(options: InventoryOptions): WatchedInventory {
  const records: Records = { all: new Map(), gone: new Map() }
  const { following } = timingOf(options)
  const labels = new Map<string, Namespace['labels']>()
  const scopes = options.namespaces.length === 0 ? [undefined] : [...new Set(options.namespaces)]
  const kinds = kindWatches(scopes, records, options)
  const watches: readonly Watch[] = [
    ...kinds.map(({ watch }) => watch),
    ...labelWatches(scopes, labels, options),
  ]
  const isListed = listedBy(kinds)
  return {
    start: async () => void (await Promise.all(watches.map(watch => watch.start()))),
    get synced() {
      return watches.every(watch => watch.synced || watch.isAbsent)
    },
    problems: () => watches.flatMap(problemsOf),
    images() {
      forgetGone(records, performance.now() - following)
      return aggregateByOwner(records.all, isListed)
    },
    labelsOf: namespace => labels.get(namespace),
    close: async () => void (await Promise.all(watches.map(watch => watch.close()))),
  }
}

type Watch = ListWatch<ObjectRecord> | ListWatch<Namespace>
type Scope = string | undefined

interface KindWatch {
  readonly kind: WorkloadKind
  readonly namespace: Scope
  readonly watch: ListWatch<ObjectRecord>
}

function kindWatches(
  scopes: readonly Scope[],
  records: Records,
  options: InventoryOptions,
): readonly KindWatch[] {
  const interner = createInterner()
  return scopes.flatMap(namespace =>
    workloadKinds.map(kind => {
      const versions = listedKind({ kind, namespace, interner })
      const { absence, ...timing } = timingOf(options)
      const watch = new ListWatch({
        ...options,
        versions,
        sink: recordSink(records, { kind, namespace }),
        // Every cluster has pods: a server without that kind is no API server.
        timing: kind.kind === 'Pod' || absence === undefined ? timing : { ...timing, absence },
      })
      return { kind, namespace, watch }
    }),
  )
}

function labelWatches(
  scopes: readonly Scope[],
  labels: Map<string, Namespace['labels']>,
  options: InventoryOptions,
): readonly ListWatch<Namespace>[] {
  const { absence: _, ...timing } = timingOf(options)
  return scopes.map(name => {
    const sink = labelSink(labels, name)
    return new ListWatch({ ...options, versions: [listedNamespaces(name)], sink, timing })
  })
}

/** Whether an owner that is not among the records is gone, or only of a kind that could not be listed so far. */
function listedBy(watches: readonly KindWatch[]): (owner: Workload) => boolean {
  return owner => {
    const kind = workloadKindNamed(owner.apiVersion, owner.kind)
    const watched = watches.find(
      one => one.kind === kind && (one.namespace === undefined || one.namespace === owner.namespace),
    )
    return watched?.watch.synced ?? false
  }
}

// A single failure is not reported: the watch resumes within seconds. A refusal does not pass by itself.
function problemsOf({ what, problem, unreadable, isBehind }: Watch): readonly string[] {
  const left = unreadable === 0 ? [] : [`${what}: ${unreadable} that could not be read are left out`]
  return problem !== undefined && (isBehind || problem.code === 'forbidden' || problem.code === 'invalid')
    ? [problem.message, ...left]
    : left
}

function timingOf({ timing }: InventoryOptions): InventoryTiming {
  return { ...defaultTiming(), ...timing }
}

const defaultTiming = (): InventoryTiming => ({
  // A page of pods from a slow API server.
  answerLimit: 30_000,
  // Five to ten minutes, as client-go chooses; each watch another, so that they do not all end at once.
  watchSeconds: 300 + Math.floor(Math.random() * 300),
  // Two bookmarks missed.
  silenceLimit: 150_000,
  first: 1000,
  most: 30_000,
  firstListLimit: 30_000,
  // A person who adds a rule looks for its effect some minutes later.
  refusal: 180_000,
  // A kind is added by a new version of the API server.
  absence: 3_600_000,
  // The garbage collector takes seconds; a minute when it is busy.
  following: 60_000,
})
