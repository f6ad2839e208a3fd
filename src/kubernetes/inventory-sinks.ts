import type { ObjectRecord } from '../audit/index.ts'
import type { WorkloadKind } from '../workload/index.ts'
import type { ObjectSink } from './list-watch-options.ts'
import type { Namespace } from './namespace.ts'

/** Which of the records are one watch's own. */
export interface Own {
  readonly kind: WorkloadKind
  /** Undefined: of all namespaces. */
  readonly namespace: string | undefined
}

/** Keeps the records of one kind beside those of others, by uid. */
export function recordSink(
  records: Map<string, ObjectRecord>,
  { kind, namespace }: Own,
): ObjectSink<ObjectRecord> {
  const isOwn = ({ workload }: ObjectRecord): boolean =>
    workload.kind === kind.kind && (namespace === undefined || workload.namespace === namespace)
  return {
    replace(objects) {
      for (const [uid, record] of records) if (isOwn(record)) records.delete(uid)
      for (const record of objects) records.set(record.workload.uid, record)
    },
    set: record => void records.set(record.workload.uid, record),
    delete: record => void records.delete(record.workload.uid),
  }
}

/** Keeps the labels of all namespaces, or of the named one. */
export function labelSink(
  labels: Map<string, Namespace['labels']>,
  only: string | undefined,
): ObjectSink<Namespace> {
  return {
    replace(namespaces) {
      if (only === undefined) labels.clear()
      else labels.delete(only)
      for (const namespace of namespaces) labels.set(namespace.name, namespace.labels)
    },
    set: ({ name, labels: own }) => void labels.set(name, own),
    delete: ({ name }) => void labels.delete(name),
  }
}
