import { isJsonObject, member } from '../workload/index.ts'
import { beginning } from './line-of-text.ts'
import type { JudgedImage } from './say.ts'

/** The annotation with the worst verdict of an object's images. */
export const statusAnnotation = 'patchline.dev/status'
/** The annotation with the facts of each container, as JSON. */
export const imagesAnnotation = 'patchline.dev/images'

/** The annotations that say what is known of an object's images: the same text for the same knowledge, so no times. */
export type Facts = Readonly<Record<typeof statusAnnotation | typeof imagesAnnotation, string>>

/** The facts of an object's images; undefined where it has none. */
export function factsOf(images: readonly JudgedImage[]): Facts | undefined {
  const status = worstFirst.find(verdict => images.some(image => image.evaluation.verdict === verdict))
  return status && { [statusAnnotation]: status, [imagesAnnotation]: imagesText(images) }
}

/** Whether what an object already says of the very same images knows more than facts that still lack a look-up. */
export function knowsMore(
  annotations: Readonly<Record<string, string>>,
  images: readonly JudgedImage[],
): boolean {
  const waiting = images.filter(({ evaluation }) => passing.has(evaluation.reason)).length
  const known = Object.hasOwn(annotations, imagesAnnotation) ? annotations[imagesAnnotation] : undefined
  if (waiting === 0 || known === undefined) return false
  const old = parsed(known)
  const entries = [...byKey(images)]
  return (
    Object.keys(old).length === entries.length &&
    entries.every(([key, { image }]) => member(member(old, key), 'image') === image) &&
    Object.values(old).filter(fact => passing.has(member(fact, 'reason'))).length < waiting
  )
}

// In the order in which a person has something to do about them: a newer tag exists, the look failed, the tag says
// nothing, all is well, there is nothing to say.
const worstFirst = ['outdated', 'unknown', 'floating', 'current', 'unversioned'] as const
// A later look-up says something else without anybody having changed the object.
const passing: ReadonlySet<unknown> = new Set(['not-checked-yet', 'rate-limited', 'unavailable'])
const longestFacts = 2048 // all annotations of an object share 256 KiB, and people read them in a terminal
const longestDetail = 400 // a sentence, and a command to run
const omittedKey = 'omitted'
const omittedRoom = `,"${omittedKey}":100000`.length

/** The facts by container with sorted keys; what does not fit is left out and counted. */
function imagesText(images: readonly JudgedImage[]): string {
  const all = [...byKey(images)]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, judged]) => `${JSON.stringify(key)}:${JSON.stringify(factOf(judged))}`)
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

/** The images by container; a volume may be called like a container. */
function byKey(images: readonly JudgedImage[]): ReadonlyMap<string, JudgedImage> {
  const keyed = new Map<string, JudgedImage>()
  for (const judged of images) {
    const { container, field } = judged
    const taken = container === omittedKey || keyed.has(container)
    keyed.set(taken ? `${container} (${field})` : container, judged)
  }
  return keyed
}

function factOf({ image, evaluation }: JudgedImage): object {
  const { verdict, newest, elsewhere, behind, reason } = evaluation
  // What a person has to do about a secret fits in no warning; other details may change from one look to the next.
  const detail =
    reason === 'unreadable-credentials' ? beginning(evaluation.detail ?? '', longestDetail) : undefined
  return { image, verdict, newest, elsewhere, behind, reason, detail } // JSON leaves out what is undefined
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : {}
  } catch {
    return {} // somebody else wrote there: the facts are written anew
  }
}

/** The same JSON in ASCII: what turns, hides or breaks text is visible, and one unit is one byte. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
