import { recordOf, recordShape, type ObjectRecord, type Interner } from '../../inventory/index.ts'
import { sameJson } from '../../json/index.ts'
import type { WorkloadKind } from '../../workload/index.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { grantOf, type ListSpec, type ObjectSink } from '../watch/list-spec.ts'
import { namespaceShape, parseNamespace, type Namespace } from '../watch/namespace-labels.ts'

/** A kind whose objects are listed, in one namespace or in all. */
export interface Listing {
  readonly kind: WorkloadKind
  /** Undefined: all. */
  readonly namespace: string | undefined
  readonly interner: Interner
}

/** The lists of a kind in each version of its group that servers may have, the newest first. */
export function listedKind(listing: Listing): readonly [ListSpec<ObjectRecord>, ...ListSpec<ObjectRecord>[]] {
  const newest = listedVersion(listing, 'v1')
  // Before Kubernetes 1.21, CronJobs exist only in v1beta1.
  return listing.kind.kind === 'CronJob' ? [newest, listedVersion(listing, 'v1beta1')] : [newest]
}

function listedVersion({ kind, namespace, interner }: Listing, version: string): ListSpec<ObjectRecord> {
  const prefix = kind.group === '' ? `/api/${version}` : `/apis/${kind.group}/${version}`
  const inNamespace = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  const options = { version, interner }
  return {
    what: namespace === undefined ? kind.resource : `${kind.resource} in ${namespace}`,
    path: `${prefix}${inNamespace}/${kind.resource}`,
    read(object, what) {
      const record = recordOf(kind, object, options)
      if (record === undefined)
        throw new KubernetesError('invalid-answer', { what, why: 'an object without a name or a uid' })
      return record
    },
    shape: recordShape(kind),
    grant: grantOf({ group: kind.group, resource: kind.resource, namespace }),
    // A page of 250 pods is about 2 MB of JSON, which takes 20 ms to parse.
    pageSize: 250,
    // A million objects.
    mostPages: 4_000,
  }
}

/** The list of all namespaces, or of one, with all labels. */
export function listedNamespaces(name: string | undefined): ListSpec<Namespace> {
  return {
    what: name === undefined ? 'namespaces' : `the namespace ${name}`,
    path: '/api/v1/namespaces',
    // With it, the right to this one namespace is enough: `resourceNames`.
    ...(name !== undefined && { fieldSelector: `metadata.name=${name}` }),
    read: parseNamespace,
    shape: namespaceShape,
    grant: grantOf({ group: '', resource: 'namespaces', namespace: undefined, name }),
    pageSize: 250,
    mostPages: 200,
  }
}

/** The records that one watch keeps. */
export interface Own {
  readonly kind: WorkloadKind
  /** Undefined: of all namespaces. */
  readonly namespace: string | undefined
}

/** The records of all kinds by uid. */
export interface Records {
  readonly all: Map<string, ObjectRecord>
  /** Deleted owners, and when they were deleted: their objects follow within moments, and are no orphans until then. */
  readonly gone: Map<string, number>
}

/** Removes the owners that were deleted before `before`, by `performance.now()`. */
export function forgetGone({ all, gone }: Records, before: number): void {
  for (const [uid, since] of gone) {
    if (since >= before) continue
    gone.delete(uid)
    if (all.get(uid)?.contents === undefined) all.delete(uid)
  }
}

/** Creates a sink that keeps the records of one kind beside those of others. */
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
 * A record that reuses the parts of the earlier one that are unchanged. A pod's status changes again and again: otherwise its
 * record would each time get a new copy of contents that it shares with other pods.
 */
function sharedWith(before: ObjectRecord | undefined, record: ObjectRecord): ObjectRecord {
  // In another version it is the same object after an upgrade of the API server.
  if (before === undefined || before.apiVersion !== record.apiVersion) return record
  const isSame = sameJson(before.contents, record.contents)
  return isSame && sameJson(before.controller, record.controller)
    ? before
    : { ...record, contents: isSame ? before.contents : record.contents }
}

/** Creates a sink that keeps the labels of all namespaces, or of the named one. */
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
