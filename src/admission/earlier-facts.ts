import { strategyAnnotation } from '../policy/index.ts'
import { member } from '../json/index.ts'
import { annotationsOf, factsIn, imagesAnnotation, omittedKey } from '../workload/index.ts'
import { worstFirst, type Fact } from './fact.ts'
import type { AdmissionRequest } from './review.ts'
import type { JudgedImage } from './say.ts'

/** What the stored object says of its images, as it was written there. */
export interface EarlierFacts {
  readonly text: string
  readonly byKey: ReadonlyMap<string, Fact>
  /** How many of its images it does not tell. */
  readonly omitted: number
}

/**
 * The facts of the object that is stored now: what a request brings along may be made up. Undefined where there are none, or
 * where the request asks for another strategy, by which all may be different.
 */
export function earlierFactsOf({ object, oldObject }: AdmissionRequest): EarlierFacts | undefined {
  const annotations = annotationsOf(oldObject)
  return strategyOf(annotations) === strategyOf(annotationsOf(object)) ? writtenFacts(annotations) : undefined
}

/** The facts among an object's annotations; undefined where there are none. */
export function writtenFacts(annotations: Readonly<Record<string, string>>): EarlierFacts | undefined {
  const text = Object.hasOwn(annotations, imagesAnnotation) ? annotations[imagesAnnotation] : undefined
  if (text === undefined) return undefined
  const written = factsIn(text)
  const omitted = member(written, omittedKey)
  const facts = Object.entries(written).flatMap(([key, value]) => {
    const fact = factIn(value)
    return fact === undefined ? [] : [[key, fact] as const]
  })
  return { text, byKey: new Map(facts), omitted: typeof omitted === 'number' ? omitted : 0 }
}

/**
 * Whether an earlier fact stays: the image and its verdict are the same (what is newest now is not worth a change of the
 * object), or nothing is known for the moment. `contested` has the images that were outdated, and are current by a list of
 * tags that lacks what was newest then: of two replicas one knows less.
 */
export function isKept(
  fact: Fact,
  { image, evaluation }: JudgedImage,
  contested: ReadonlySet<string> = new Set(),
): boolean {
  if (fact.image !== image) return false
  const { verdict, reason } = evaluation
  if (passing.has(reason)) return true
  if (verdict === fact.verdict) return verdict !== 'unknown' || fact.reason === reason
  return fact.verdict === 'outdated' && contested.has(image)
}

/** The images that were outdated and seem current, with the tag that was newest when they were. */
export function contradictionsIn(
  earlier: EarlierFacts | undefined,
  images: readonly JudgedImage[],
): ReadonlyMap<string, string> {
  const outdated = [...(earlier?.byKey.values() ?? [])].filter(({ verdict }) => verdict === 'outdated')
  const current = new Set(
    images.flatMap(({ image, evaluation }) => (evaluation.verdict === 'current' ? [image] : [])),
  )
  return new Map(
    outdated.flatMap(({ image, newest }) =>
      newest !== undefined && current.has(image) ? [[image, newest]] : [],
    ),
  )
}

// A later look-up says something else without anybody having changed the object.
const passing: ReadonlySet<string> = new Set(['not-checked-yet', 'rate-limited', 'unavailable'])

/** Whether nothing is known of an image for the moment. */
export function isPassing({ evaluation: { reason } }: JudgedImage): boolean {
  return passing.has(reason)
}

function strategyOf(annotations: Readonly<Record<string, string>>): string | undefined {
  return Object.hasOwn(annotations, strategyAnnotation) ? annotations[strategyAnnotation] : undefined
}

function factIn(value: unknown): Fact | undefined {
  const [image, reason] = ['image', 'reason'].map(key => textIn(value, key))
  const verdict = worstFirst.find(known => known === member(value, 'verdict'))
  const behind = member(value, 'behind')
  if (image === undefined || reason === undefined || verdict === undefined || typeof behind !== 'number')
    return undefined
  const [newest, elsewhere, detail] = ['newest', 'elsewhere', 'detail'].map(key => textIn(value, key))
  return { image, verdict, newest, elsewhere, behind, reason, detail }
}

function textIn(value: unknown, key: string): string | undefined {
  const text = member(value, key)
  return typeof text === 'string' ? text : undefined
}
