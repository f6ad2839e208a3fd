import { recordOf, recordShape, type ObjectRecord, type Share } from '../../audit/index.ts'
import { sameJson } from '../../json/index.ts'
import type { WorkloadKind } from '../../workload/index.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import type { ListSpec, ObjectSink } from '../watch/list-spec.ts'
import { namespaceShape, parseWholeNamespace, type Namespace } from '../watch/namespace-labels.ts'

/** What is listed of a kind, in one namespace or in all. */
export interface Listing {
  readonly kind: WorkloadKind
  /** Undefined: all. */
  readonly namespace: string | undefined
  readonly share: Share
}

/** The objects of a kind in each version of its group in which servers may have them, the newest first. */
export function listedKind(listing: Listing): readonly [ListSpec<ObjectRecord>, ...ListSpec<ObjectRecord>[]] {
  const newest = listedVersion(listing, 'v1')
  // Before 1.21 there are cron jobs in v1beta1 alone.
  return listing.kind.kind === 'CronJob' ? [newest, listedVersion(listing, 'v1beta1')] : [newest]
}

function listedVersion({ kind, namespace, share }: Listing, version: string): ListSpec<ObjectRecord> {
  const prefix = kind.group === '' ? `/api/${version}` : `/apis/${kind.group}/${version}`
  const inNamespace = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  const options = { version, share }
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

/** All namespaces, or only one, with all of its labels. */
export function listedNamespaces(name: string | undefined): ListSpec<Namespace> {
  return {
    what: name === undefined ? 'namespaces' : `the namespace ${name}`,
    path: '/api/v1/namespaces',
    // Then the right to this one is enough: `resourceNames`.
    ...(name !== undefined && { fieldSelector: `metadata.name=${name}` }),
    read: parseWholeNamespace,
    shape: namespaceShape,
    grant: grantOf({ group: '', resource: 'namespaces', namespace: undefined, name }),
    pageSize: 250,
    mostPages: 200,
  }
}

interface Granted {
  readonly group: string
  readonly resource: string
  readonly namespace: string | undefined
  readonly name?: string | undefined
}

function grantOf({ group, resource, namespace, name }: Granted): string {
  const where = namespace === undefined ? 'its ClusterRole' : `a Role in ${namespace}`
  const names = name === undefined ? '' : `, resourceNames: [${name}]`
  return `add to ${where}: { apiGroups: ['${group}'], resources: [${resource}]${names}, verbs: [list, watch] }`
}

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
