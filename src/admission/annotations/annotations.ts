import type { Evaluation } from '../../evaluation/index.ts'
import { member } from '../../json/index.ts'
import { strategyAnnotation } from '../../policy/index.ts'
import { shorten } from '../../text/index.ts'
import {
  annotationsOf,
  factsIn,
  imagesAnnotation,
  keyedImages,
  omittedKey,
  statusAnnotation,
} from '../../workload/index.ts'
import type { JudgedImage } from '../messages/messages.ts'
import type { AdmissionRequest } from '../review/review.ts'

/** The annotations that say what is known of an object's images: the same text for the same knowledge, so no times. */
export type ImageAnnotations = Readonly<Record<typeof statusAnnotation | typeof imagesAnnotation, string>>

/** What an object says already, and of which images another replica knew more (see {@link isKept}). */
export interface FactsBefore {
  /** Undefined where it says nothing. */
  readonly earlier: EarlierFacts | undefined
  readonly contested: ReadonlySet<string>
}

/** The facts of an object's images; undefined where it has none. Of those before stays what {@link isKept} says. */
export function annotationsFor(
  images: readonly JudgedImage[],
  before?: FactsBefore,
): ImageAnnotations | undefined {
  const entries = keyedImages(images).map(([key, judged]) => {
    const kept = keptFact(key, judged, before)
    return { key, fact: kept ?? factOf(judged), isKept: kept !== undefined }
  })
  const status = worstFirst.find(worst => entries.some(({ fact }) => fact.verdict === worst))
  return status && { [statusAnnotation]: status, [imagesAnnotation]: imagesText(entries, before?.earlier) }
}

const longestFacts = 2048 // all annotations of an object share 256 KiB, and people read them in a terminal
const longestDetail = 400 // a sentence, and a command to run
const omittedRoom = `,"${omittedKey}":100000`.length

interface Entry {
  readonly key: string
  readonly fact: Fact
  readonly isKept: boolean
}

function keptFact(key: string, judged: JudgedImage, before: FactsBefore | undefined): Fact | undefined {
  const fact = before?.earlier?.byKey.get(key)
  return fact !== undefined && isKept(fact, judged, before?.contested) ? fact : undefined
}

/** The facts by container with sorted keys; what does not fit is left out and counted. */
function imagesText(entries: readonly Entry[], earlier: EarlierFacts | undefined): string {
  if (earlier !== undefined && saysTheSame(earlier, entries)) return earlier.text
  const all = [...new Map(entries.map(entry => [entry.key, entry])).values()]
    .toSorted((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ key, fact }) => `${JSON.stringify(key)}:${JSON.stringify(fact)}`) // leaves out what is undefined
    .map(ascii)
  const whole = `{${all.join(',')}}`
  if (whole.length <= longestFacts) return whole
  const kept: string[] = []
  let room = longestFacts - '{}'.length - omittedRoom
  for (const entry of all) {
    if (entry.length + 1 > room) continue
    kept.push(entry)
    room -= entry.length + 1
  }
  return `{${[...kept, `"${omittedKey}":${all.length - kept.length}`].join(',')}}`
}

// Of images for which there was no room nothing is remembered; a newer tag of theirs must not decide anew which ones fit.
function saysTheSame({ text, byKey: told, omitted }: EarlierFacts, entries: readonly Entry[]): boolean {
  // It was not written here: people may write annotations too.
  if (text.length > longestFacts || ascii(text) !== text) return false
  const kept = entries.filter(({ isKept: stays }) => stays).length
  return omitted > 0 && kept === told.size && kept + omitted === entries.length
}

function factOf({ image, evaluation }: JudgedImage): Fact {
  const { verdict, newest, elsewhere, behind, reason } = evaluation
  // What a person has to do about a secret fits in no warning; other details may change from one look to the next.
  const detail =
    reason === 'unreadable-credentials' ? shorten(evaluation.detail ?? '', longestDetail) : undefined
  return { image, verdict, newest, elsewhere, behind, reason, detail }
}

/** The same JSON in ASCII: what turns, hides or breaks text is visible, and one unit is one byte. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/**
 * The facts in place of those that an object carries and that are not about its images; undefined where they are not all known.
 * As in a review, what is said of an image that it still has stays.
 */
export function correctedAnnotations(
  object: unknown,
  images: readonly JudgedImage[],
): ImageAnnotations | undefined {
  const earlier = writtenFacts(annotationsOf(object))
  // Which of two lists of tags is the newer one is not asked for the sake of a correction.
  const contested = new Set(contradictionsIn(earlier, images).keys())
  const isKnown = keyedImages(images).every(([key, image]) => {
    const fact = earlier?.byKey.get(key)
    return !isPassing(image) || (fact !== undefined && isKept(fact, image))
  })
  if (!isKnown) return undefined
  return annotationsFor(images, earlier && { earlier, contested })
}

/** What is said of one container's image. */
export interface Fact {
  readonly image: string
  readonly verdict: Evaluation['verdict']
  readonly newest: string | undefined
  readonly elsewhere: string | undefined
  readonly behind: number
  readonly reason: string
  readonly detail: string | undefined
}

/**
 * The verdicts in the order in which a person has something to do about them: a newer tag exists, the look failed, the tag says
 * nothing, all is well, there is nothing to say.
 */
export const worstFirst = ['outdated', 'unknown', 'floating', 'current', 'unversioned'] as const

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

// A later look-up gives another reason although the object has not changed.
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
