import type { ContainerImage } from './container-images.ts'
import { isJsonObject, jsonIn, member, textOf } from '../json/index.ts'
import { annotationsOf } from './metadata.ts'

/** The annotation with the worst verdict of an object's images. */
export const statusAnnotation = 'patchline.dev/status'
/** The annotation with the facts of each container, as JSON. */
export const imagesAnnotation = 'patchline.dev/images'
/** The member of that JSON with the number of images for which there was no room. */
export const omittedKey = 'omitted'

/** Both annotations that reviews write. */
export const reviewAnnotations = [statusAnnotation, imagesAnnotation] as const

/**
 * The state of the annotations that reviews write on an object: it has none of them; it has both, and they describe exactly its
 * images; or something else, as after a change without a review.
 */
export type Annotated = 'none' | 'matching' | 'differing'

/** Compares an object's annotations with its images. Whether their verdicts still hold is another question. */
export function annotatedOf(object: unknown, images: readonly ContainerImage[]): Annotated {
  const annotations = annotationsOf(object)
  const held = reviewAnnotations.filter(key => Object.hasOwn(annotations, key))
  if (held.length === 0) return 'none'
  if (held.length < reviewAnnotations.length) return 'differing'
  return describes(factsIn(annotations[imagesAnnotation] ?? ''), images) ? 'matching' : 'differing'
}

function describes(facts: object, images: readonly ContainerImage[]): boolean {
  const byKey = new Map(keyedImages(images).map(([key, { image }]) => [key, image]))
  const named = Object.entries(facts).filter(([key]) => key !== omittedKey)
  const omitted = member(facts, omittedKey)
  const all = named.length + (typeof omitted === 'number' ? omitted : 0)
  return all === byKey.size && named.every(([key, fact]) => textOf(member(fact, 'image')) === byKey.get(key))
}

/** The facts in the text of an annotation; empty if no review wrote it. */
export function factsIn(text: string): object {
  const facts = jsonIn(text)
  return isJsonObject(facts) ? facts : {}
}

/** The images with the keys of their facts; a volume may have the name of a container. */
export function keyedImages<Image extends ContainerImage>(
  images: readonly Image[],
): readonly (readonly [key: string, image: Image])[] {
  const taken = new Set<string>([omittedKey])
  return images.map(image => {
    const { container, field } = image
    const key = taken.has(container) ? `${container} (${field})` : container
    taken.add(container)
    return [key, image] as const
  })
}
