import { shorten } from '../text/index.ts'
import { imagesAnnotation, keyedImages, omittedKey, statusAnnotation } from '../workload/index.ts'
import { isKept, type EarlierFacts } from './earlier-facts.ts'
import { worstFirst, type Fact } from './fact.ts'
import type { JudgedImage } from './say.ts'

/** The annotations that say what is known of an object's images: the same text for the same knowledge, so no times. */
export type Facts = Readonly<Record<typeof statusAnnotation | typeof imagesAnnotation, string>>

/** What an object says already, and of which images another replica knew more (see {@link isKept}). */
export interface FactsBefore {
  /** Undefined where it says nothing. */
  readonly earlier: EarlierFacts | undefined
  readonly contested: ReadonlySet<string>
}

/** The facts of an object's images; undefined where it has none. Of those before stays what {@link isKept} says. */
export function factsOf(images: readonly JudgedImage[], before?: FactsBefore): Facts | undefined {
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
