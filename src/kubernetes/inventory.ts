import type { KubeConfig } from '@kubernetes/client-node'
import { joinRecords, recordOf, type Inventory, type ObjectRecord } from '../audit/index.ts'
import { workloadKinds, type WorkloadKind } from '../workload/index.ts'
import type { KubernetesError } from './kubernetes-error.ts'
import { ListWatch, type ListWatchTiming, type ObjectSink } from './list-watch.ts'
import { parseWholeNamespace, type Namespace } from './namespace.ts'
import type { Listed } from './object-reader.ts'

/** What to watch with, and whom to tell. */
export interface InventoryOptions {
  readonly kubeConfig: KubeConfig
  /** Only these namespaces; empty: all. */
  readonly namespaces: readonly string[]
  /** Each failure of a watch. It goes on by itself. */
  readonly onProblem: (problem: KubernetesError) => void
  readonly timing?: Partial<ListWatchTiming>
}

/** The workloads of a cluster, kept current. */
export interface WatchedInventory extends Inventory {
  /** Begins to watch; resolves when every kind was listed, or after half a minute without. Never rejects. */
  start(): Promise<void>
  close(): Promise<void>
}

/** An inventory by one list and watch for each kind (and namespace, where they are named). Whole objects are never kept. */
export function createInventory(options: InventoryOptions): WatchedInventory {
  const timing = { ...defaultTiming(), ...options.timing }
  const records = new Map<string, ObjectRecord>()
  const labels = new Map<string, Namespace['labels']>()
  const watches = [
    ...scopesOf(options.namespaces).flatMap(scope =>
      workloadKinds.map(kind => watchOf(kind, scope, { ...options, timing, records })),
    ),
    new ListWatch({ ...options, listed: namespacesListed, sink: labelSink(labels), timing }),
  ]
  return {
    start: async () => void (await Promise.all(watches.map(watch => watch.start()))),
    get synced() {
      return watches.every(watch => watch.synced || isNotServed(watch))
    },
    problems: () => watches.flatMap(watch => problemOf(watch, timing.silenceLimit)),
    images: () => joinRecords(records),
    labelsOf: namespace => labels.get(namespace),
    close: async () => void (await Promise.all(watches.map(watch => watch.close()))),
  }
}

type Watch = Pick<ListWatch<unknown>, 'synced' | 'problem' | 'ageMilliseconds'>

// A kind that this API server does not have: there are none of it.
function isNotServed({ problem }: Watch): boolean {
  return problem?.code === 'not-found'
}

// One failure is not worth a word: the watch is taken up again within seconds.
function problemOf(watch: Watch, silenceLimit: number): readonly string[] {
  const { problem, synced, ageMilliseconds } = watch
  if (problem === undefined || isNotServed(watch)) return []
  const isBehind = !synced || (ageMilliseconds ?? 0) > silenceLimit
  return isBehind ? [problem.message] : []
}

interface Scope {
  readonly namespace: string | undefined
}

function scopesOf(namespaces: readonly string[]): readonly Scope[] {
  return namespaces.length === 0 ? [{ namespace: undefined }] : namespaces.map(namespace => ({ namespace }))
}

type WatchParts = InventoryOptions & {
  readonly timing: ListWatchTiming
  readonly records: Map<string, ObjectRecord>
}

function watchOf(
  kind: WorkloadKind,
  { namespace }: Scope,
  { records, ...options }: WatchParts,
): ListWatch<ObjectRecord | undefined> {
  const prefix = kind.group === '' ? '/api/v1' : `/apis/${kind.group}/v1`
  const inNamespace = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  const listed: Listed<ObjectRecord | undefined> = {
    what: namespace === undefined ? kind.resource : `${kind.resource} in ${namespace}`,
    path: `${prefix}${inNamespace}/${kind.resource}`,
    // An object of another shape than Kubernetes knows is left out, and ends nothing.
    read: object => recordOf(kind, object),
    // A page of 250 pods is about 2 MB of JSON, which takes 20 ms to parse.
    pageSize: 250,
    // A million objects.
    mostPages: 4_000,
  }
  return new ListWatch({ ...options, listed, sink: recordSink(records, { kind, namespace }) })
}

function recordSink(
  records: Map<string, ObjectRecord>,
  { kind, namespace }: Scope & { readonly kind: WorkloadKind },
): ObjectSink<ObjectRecord | undefined> {
  const isOwn = ({ workload }: ObjectRecord): boolean =>
    workload.kind === kind.kind && (namespace === undefined || workload.namespace === namespace)
  return {
    replace(objects) {
      for (const [uid, record] of records) if (isOwn(record)) records.delete(uid)
      for (const record of objects) if (record !== undefined) records.set(record.workload.uid, record)
    },
    set: record => void (record !== undefined && records.set(record.workload.uid, record)),
    delete: record => void (record !== undefined && records.delete(record.workload.uid)),
  }
}

const namespacesListed: Listed<Namespace> = {
  what: 'namespaces',
  path: '/api/v1/namespaces',
  read: parseWholeNamespace,
  pageSize: 250,
  mostPages: 200,
}

function labelSink(labels: Map<string, Namespace['labels']>): ObjectSink<Namespace> {
  return {
    replace(namespaces) {
      labels.clear()
      for (const namespace of namespaces) labels.set(namespace.name, namespace.labels)
    },
    set: ({ name, labels: own }) => void labels.set(name, own),
    delete: ({ name }) => void labels.delete(name),
  }
}

const defaultTiming = (): ListWatchTiming => ({
  // A page of pods from a slow API server.
  answerLimit: 30_000,
  // Five to ten minutes, as client-go chooses.
  watchSeconds: 300 + Math.floor(Math.random() * 300),
  // Two bookmarks missed.
  silenceLimit: 150_000,
  first: 1000,
  most: 30_000,
  firstListLimit: 30_000,
})
