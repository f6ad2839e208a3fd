import { isJsonObject, member } from '../../json/index.ts'
import { reviewAnnotations } from '../../workload/index.ts'
import type { ImageAnnotations } from './annotations.ts'

/** One operation of a JSON Patch (RFC 6902), as far as it is used. */
interface Operation {
  readonly op: 'add' | 'replace' | 'remove'
  readonly path: string
  readonly value?: unknown
}

/**
 * The JSON Patch in base64 that gives the object these annotations; undefined where it has them, or where it has no
 * place for them. It must apply: a patch that does not refuses the request even under `failurePolicy: Ignore`.
 */
export function annotationPatch(object: unknown, facts: ImageAnnotations): string | undefined {
  return encoded(operationsFor(member(object, 'metadata'), facts))
}

/** The JSON Patch in base64 that takes these annotations away; undefined where the object has none of them. */
export function removalPatch(object: unknown): string | undefined {
  const annotations = member(member(object, 'metadata'), 'annotations')
  if (!isJsonObject(annotations)) return undefined
  const ours = reviewAnnotations.filter(key => Object.hasOwn(annotations, key))
  return encoded(ours.map(key => ({ op: 'remove', path: pathOf(key) })))
}

const annotationsPath = '/metadata/annotations'

function encoded(operations: readonly Operation[]): string | undefined {
  // ImageAnnotations are ASCII, so this is one byte a character.
  return operations.length === 0 ? undefined : btoa(JSON.stringify(operations))
}

function pathOf(key: string): string {
  return `${annotationsPath}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

function operationsFor(metadata: unknown, facts: ImageAnnotations): readonly Operation[] {
  if (!isJsonObject(metadata)) return []
  const annotations = member(metadata, 'annotations') ?? undefined
  if (annotations === undefined) return [{ op: 'add', path: annotationsPath, value: facts }]
  if (!isJsonObject(annotations)) return []
  return Object.entries(facts)
    .filter(([key, value]) => member(annotations, key) !== value)
    .map(([key, value]) => ({
      op: Object.hasOwn(annotations, key) ? 'replace' : 'add',
      path: pathOf(key),
      value,
    }))
}
