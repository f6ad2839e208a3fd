import { annotationsOf, keyedImages } from '../workload/index.ts'
import { contradictionsIn, isKept, isPassing, writtenFacts } from './earlier-facts.ts'
import { factsOf, type Facts } from './facts.ts'
import type { JudgedImage } from './say.ts'

/**
 * The facts in place of those that an object carries and that are not about its images; undefined where they are not all known.
 * As in a review, what is said of an image that it still has stays.
 */
export function correctedFacts(object: unknown, images: readonly JudgedImage[]): Facts | undefined {
  const earlier = writtenFacts(annotationsOf(object))
  // Which of two lists of tags is the newer one is not asked for the sake of a correction.
  const contested = new Set(contradictionsIn(earlier, images).keys())
  const isKnown = keyedImages(images).every(([key, image]) => {
    const fact = earlier?.byKey.get(key)
    return !isPassing(image) || (fact !== undefined && isKept(fact, image))
  })
  if (!isKnown) return undefined
  return factsOf(images, earlier && { earlier, contested })
}
