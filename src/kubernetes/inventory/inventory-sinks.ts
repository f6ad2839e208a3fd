import type { ObjectRecord } from '../../audit/index.ts'
import { sameJson } from '../../json/index.ts'
import { type WorkloadKind } from '../../workload/index.ts'
import type { ObjectSink } from '../watch/list-watch-options.ts'
import type { Namespace } from '../watch/namespace.ts'

/** Which of the records are one watch's own. */
export interface Own {
  readonly kind: WorkloadKind
  /** Undefined: of all namespaces. */
  readonly namespace: string | undefined
}

/** The records of all kinds by uid. */
export interface Records {
  readonly all: Map<string, ObjectRecord>
  /** Owners that are deleted, and when: what they made follows within moments, and is not an orphan until then. */
  readonly gone: Map<string, number>
}

/** Forgets the owners that were deleted before; by `performance.now()`. */
export function forgetGone({ all, gone }: Records, before: number): void {
  for (const [uid, since] of gone) {
    if (since >= before) continue
    gone.delete(uid)
    if (all.get(uid)?.contents === undefined) all.delete(uid)
  }
}

/** Keeps the records of one kind beside those of others. */
export function recordSink({ all, gone }: Records, { kind, namespace }: Own): ObjectSink<ObjectRecord> {
  const isOwn = (record: ObjectRecord): boolean =>
    record.kind === kind.kind && (namespace === undefined || record.namespace === namespace)
  return {
    replace(objects) {
      const records = objects.map(record => sharedWith(all.get(record.uid), record))
      for (const [uid, record] of all) if (isOwn(record)) all.delete(uid)
      for (const record of records) all.set(record.uid, record)
    },
    set: record => void all.set(record.uid, sharedWith(all.get(record.uid), record)),
    delete(record) {
      const { uid } = record
      if (kind.kind === 'Pod') return void all.delete(uid)
      all.set(uid, { ...record, contents: undefined })
      gone.set(uid, performance.now())
    },
  }
}

/**
 * A record, of which what was so before is what was kept before. A pod's status changes for ever: each time its record would
 * otherwise come to have contents that it shares with no other pod any more.
 */
function sharedWith(before: ObjectRecord | undefined, record: ObjectRecord): ObjectRecord {
  // Of another version it is the same object after an upgrade of the API server.
  if (before === undefined || before.apiVersion !== record.apiVersion) return record
  const isSame = sameJson(before.contents, record.contents)
  return isSame && sameJson(before.controller, record.controller)
    ? before
    : { ...record, contents: isSame ? before.contents : record.contents }
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
