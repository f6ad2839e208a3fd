import { at, isJsonObject, itemsOf, member, textOf, type JsonObject } from '../json/index.ts'
import { isWorkloadKind, objectKindOf, type ObjectKind, type WorkloadKind } from './workload-kind.ts'

// Set by the kubelet on the object that shows a static pod (k8s.io/api core/v1 MirrorPodAnnotationKey).
const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** The object's own annotations, never those of its template; values that are not text are left out. */
export function annotationsOf(object: unknown): Readonly<Record<string, string>> {
  return textsIn(at(object, ['metadata', 'annotations']))
}

/** The object's own labels, never those of its template; values that are not text are left out. */
export function labelsOf(object: unknown): Readonly<Record<string, string>> {
  return textsIn(at(object, ['metadata', 'labels']))
}

function textsIn(values: unknown): Readonly<Record<string, string>> {
  if (!isJsonObject(values)) return {}
  return isTextRecord(values)
    ? values // as the API server has checked it: no copy
    : Object.fromEntries(Object.entries(values).filter(isTextEntry))
}

/** The kinds of the object's controller owners: one if the API server has checked the object. Any user can write them: they prove nothing. */
export function controllersOf(object: unknown): readonly ObjectKind[] {
  const owners = controllerOwnersOf(object)
  return owners.length === 0 ? none : owners.map(kindOf) // nearly no object that people apply has one
}

/** The name of the controller owner of that kind, in any version; undefined if the object has none. It proves nothing. */
export function controllerNamed(object: unknown, wanted: ObjectKind): string | undefined {
  const owner = controllerOwnersOf(object).find(one => {
    const { group, kind } = kindOf(one)
    return group === wanted.group && kind === wanted.kind
  })
  return owner === undefined ? undefined : textOf(member(owner, 'name'))
}

function controllerOwnersOf(object: unknown): readonly unknown[] {
  return itemsOf(at(object, ['metadata', 'ownerReferences'])).filter(
    owner => member(owner, 'controller') === true,
  )
}

function kindOf(owner: unknown): ObjectKind {
  return objectKindOf(textOf(member(owner, 'apiVersion')), textOf(member(owner, 'kind')))
}

/** Whether the object's controller owner is a kind of workload. Any user can write that: it proves nothing. */
export function hasWorkloadOwner(object: unknown): boolean {
  return controllersOf(object).some(owner => isWorkloadKind(owner))
}

/** Whether the object says that it is the mirror pod of a static pod. Any user can write that: it proves nothing. */
export function claimsMirrorPod(kind: WorkloadKind, object: unknown): boolean {
  return (
    kind.kind === 'Pod' && member(at(object, ['metadata', 'annotations']), mirrorAnnotation) !== undefined
  )
}

/** Whether the object is being deleted and waits for its finalizers. The API server does not let clients write that. */
export function isBeingDeleted(object: unknown): boolean {
  return textOf(at(object, ['metadata', 'deletionTimestamp'])) !== ''
}

const none: readonly ObjectKind[] = []

function isTextRecord(value: JsonObject): value is Readonly<Record<string, string>> {
  return Object.values(value).every(text => typeof text === 'string')
}

function isTextEntry(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string'
}
