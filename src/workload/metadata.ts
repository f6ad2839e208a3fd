import { at, isJsonObject, itemsOf, member, textOf, type JsonObject } from './json.ts'
import { workloadKindNamed, type WorkloadKind } from './workload-kind.ts'

// Set by the kubelet on the object that shows a static pod (k8s.io/api core/v1 MirrorPodAnnotationKey).
const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** The object's own annotations, never those of its template; what is not text is left out. */
export function annotationsOf(object: unknown): Readonly<Record<string, string>> {
  const annotations = at(object, ['metadata', 'annotations'])
  if (!isJsonObject(annotations)) return {}
  return isTextRecord(annotations)
    ? annotations // as the API server has checked it: no copy
    : Object.fromEntries(Object.entries(annotations).filter(isTextEntry))
}

/** Whether the object's controller owner is a kind of workload. Anybody can write that: it proves nothing. */
export function hasWorkloadOwner(object: unknown): boolean {
  return itemsOf(at(object, ['metadata', 'ownerReferences'])).some(
    owner =>
      member(owner, 'controller') === true &&
      workloadKindNamed(textOf(member(owner, 'apiVersion')), textOf(member(owner, 'kind'))) !== undefined,
  )
}

/** Whether the object says that it only mirrors a static pod of a node. Anybody can write that: it proves nothing. */
export function claimsMirrorPod(kind: WorkloadKind, object: unknown): boolean {
  return (
    kind.kind === 'Pod' && member(at(object, ['metadata', 'annotations']), mirrorAnnotation) !== undefined
  )
}

function isTextRecord(value: JsonObject): value is Readonly<Record<string, string>> {
  return Object.values(value).every(text => typeof text === 'string')
}

function isTextEntry(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string'
}
