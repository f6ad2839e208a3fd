import type { ContainerImage } from './container-images.ts'
import { isJsonObject, member, textOf } from '../json/index.ts'
import { annotationsOf } from './metadata.ts'

/** The annotation with the worst verdict of an object's images. */
export const statusAnnotation = 'patchline.dev/status'
/** The annotation with the facts of each container, as JSON. */
export const imagesAnnotation = 'patchline.dev/images'
/** The member of that JSON that counts the images for which there was no room. */
export const omittedKey = 'omitted'

/** Both annotations that reviews write. */
export const reviewAnnotations = [statusAnnotation, imagesAnnotation] as const

/**
 * What an object carries of the annotations that reviews write: none of them, both and about exactly the images that it has, or
 * something else, as where it was changed while no review took place.
 */
export type Annotated = 'none' | 'matching' | 'differing'

/** Compares an object's annotations with its images. Whether their verdicts still hold is another question. */
export function annotatedOf(object: unknown, images: readonly ContainerImage[]): Annotated {
  const annotations = annotationsOf(object)
  const held = reviewAnnotations.filter(key => Object.hasOwn(annotations, key))
  if (held.length === 0) return 'none'
  if (held.length < reviewAnnotations.length) return 'differing'
  return tellsOf(factsIn(annotations[imagesAnnotation] ?? ''), images) ? 'matching' : 'differing'
}

function tellsOf(facts: object, images: readonly ContainerImage[]): boolean {
  const byKey = new Map(keyedImages(images).map(([key, { image }]) => [key, image]))
  const told = Object.entries(facts).filter(([key]) => key !== omittedKey)
  const omitted = member(facts, omittedKey)
  const all = told.length + (typeof omitted === 'number' ? omitted : 0)
  return all === byKey.size && told.every(([key, fact]) => textOf(member(fact, 'image')) === byKey.get(key))
}

/** The facts as they are written in an annotation's text; empty where it is none that a review wrote. */
export function factsIn(text: string): object {
  try {
    const facts: unknown = JSON.parse(text)
    return isJsonObject(facts) ? facts : {}
  } catch {
    return {}
  }
}

/** The images with the names by which facts call their containers; a volume may be called like a container. */
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
