import { at, isJsonObject, itemsOf, member, textOf } from '../../json/index.ts'
import { heldImagesOf, objectKindOf, type ObjectKind, type WorkloadKind } from '../../workload/index.ts'
import { tracedScalar } from '../document/traced-text.ts'
import type { YamlDocument } from '../document/yaml-document.ts'
import { foundImage, type FoundImage, type ImageObject } from './found-image.ts'

/** The kind of workload of an object; undefined where it is none. */
export type WorkloadKindOf = (kind: ObjectKind) => WorkloadKind | undefined

/** An object of a document, those in lists one by one. */
export interface KubernetesObject extends ImageObject {
  /** `Deployment shop/web` */
  readonly title: string
}

// A list in a list in a list is nothing that a person has.
const deepestList = 8

/** The Kubernetes objects of a document: itself, or the items of a `List` or of any `…List`. */
export function objectsIn({ value }: YamlDocument): readonly KubernetesObject[] {
  return objectsOf(value, undefined, 0)
}

function objectsOf(
  value: unknown,
  implied: ObjectKind | undefined,
  depth: number,
): readonly KubernetesObject[] {
  if (!isJsonObject(value) || depth > deepestList) return []
  const kind = textOf(member(value, 'kind'))
  const named = kind === '' ? implied : objectKindOf(textOf(member(value, 'apiVersion')), kind)
  if (named === undefined) return []
  const items = member(value, 'items')
  if (named.kind.endsWith('List') && Array.isArray(items)) {
    const one = named.kind.slice(0, -'List'.length)
    const of = one === '' ? undefined : { group: named.group, kind: one }
    return itemsOf(items).flatMap(item => objectsOf(item, of, depth + 1))
  }
  const namespace = textOf(at(value, ['metadata', 'namespace']))
  return [{ ...named, namespace, object: value, title: titleOf(named, value) }]
}

function titleOf({ kind }: ObjectKind, object: object): string {
  const [namespace, name, generated] = ['namespace', 'name', 'generateName'].map(key =>
    textOf(at(object, ['metadata', key])),
  )
  const own = name === '' ? generated : name
  return [kind, [namespace, own].filter(Boolean).join('/')].filter(Boolean).join(' ')
}

/** The images of a workload; none where the object is no workload. */
export function workloadImages(
  found: KubernetesObject,
  document: YamlDocument,
  kindOf: WorkloadKindOf,
): readonly FoundImage[] {
  const kind = kindOf(found)
  if (kind === undefined) return []
  const { title, ...object } = found
  return heldImagesOf(kind, found.object).flatMap(({ container, holder, key }) => {
    const place = document.scalarIn(holder, key)
    if (place === undefined) return []
    const traced = [tracedScalar(place)]
    return [foundImage({ owner: title, part: container, span: place.span, traced, object })]
  })
}
