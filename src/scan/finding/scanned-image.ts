import { distanceOf } from '../../audit/index.ts'
import type { Evaluation } from '../../evaluation/index.ts'
import type { ImageRules, Outcome } from '../../policy/index.ts'
import { compareTexts, spellInstant } from '../../text/index.ts'
import type { Position } from '../document/text-lines.ts'
import type { FoundImage } from '../source/found-image.ts'

/** An image with the file that names it. */
export interface LocatedImage {
  /** Relative to the root, with `/` between its parts. */
  readonly file: string
  readonly position: Position
  /** Behind its last character. */
  readonly end: Position
  readonly found: FoundImage
  /** Where a chart has the template that uses the value, if it is known. */
  readonly template?: TemplatePlace
}

/** A place in a template of a chart. */
export interface TemplatePlace {
  readonly file: string
  /** Undefined where only the file is known. */
  readonly line: number | undefined
}

/** Why a row neither fails a scan nor is a result of it. */
export interface Silenced {
  readonly by: 'ignore' | 'baseline' | 'exception' | 'annotation'
  /** Epoch milliseconds; undefined where it does not end by itself. */
  readonly until: number | undefined
  readonly because: string
}

/** An image of a file with its verdict. */
export interface ScannedImage extends LocatedImage {
  readonly evaluation: Evaluation
  readonly rules: ImageRules
  readonly outcome: Outcome
  /** Not judged, for the mode is `off`. */
  readonly exempt: boolean
  /** See {@link fingerprintsOf}. */
  readonly fingerprint: string
  readonly silenced: Silenced | undefined
}

/** A file, or a document of it, that could not be read. */
export interface UnreadFile {
  readonly file: string
  /** Undefined where the whole file could not be. */
  readonly position: Position | undefined
  readonly message: string
}

/** All that a scan found. */
export interface ScanReport {
  /** By file, then by place. */
  readonly rows: readonly ScannedImage[]
  readonly unread: readonly UnreadFile[]
  /** What a person should know and no exit code says, as sentences. */
  readonly notes: readonly string[]
  /** How many files were read. */
  readonly files: number
}

/** What is the matter with a row: nothing; a newer tag; no such tag; or nothing could be found out. */
export type Trouble = 'none' | 'outdated' | 'missing' | 'unknown'

/** What is the matter with a row, whether or not it is silenced. */
export function troubleOf({ exempt, evaluation }: Pick<ScannedImage, 'exempt' | 'evaluation'>): Trouble {
  if (exempt) return 'none'
  if (evaluation.verdict === 'outdated') return 'outdated'
  if (evaluation.reason === 'not-listed') return 'missing'
  return evaluation.verdict === 'unknown' ? 'unknown' : 'none'
}

/** A row in one sentence, without its place: `nginx:1.25.1 is 4 versions behind 1.25.5`. */
export function sentenceOf(row: Pick<ScannedImage, 'exempt' | 'evaluation' | 'found'>): string {
  const { evaluation, found } = row
  const { image } = found
  switch (troubleOf(row)) {
    case 'outdated':
      return `${image} is ${distanceOf(evaluation)} behind ${evaluation.newest}`
    case 'missing':
      return `${image} names a tag that does not exist`
    case 'unknown':
      return `${image} could not be checked: ${evaluation.detail ?? evaluation.reason}`
    case 'none':
      return `${image} is ${evaluation.verdict}`
  }
}

/** Where in its file an image is, in words: `Deployment shop/web, web`. */
export function ownerText({ owner, part }: FoundImage): string {
  return [owner, part].filter(Boolean).join(', ')
}

/** Why a row is silenced, in words: `ignored until 2027-01-31T00:00Z: the client breaks`. */
export function silencedText({ by, until, because }: Silenced): string {
  const what = {
    ignore: 'ignored',
    baseline: 'in the baseline',
    exception: 'excepted',
    annotation: 'silenced',
  }[by]
  const end = until === undefined ? '' : ` until ${spellInstant(until)}`
  return `${what}${end}${because === '' ? '' : `: ${because}`}`
}

/** The order of rows. */
export function compareRows(one: LocatedImage, other: LocatedImage): number {
  return (
    compareTexts(one.file, other.file) ||
    one.position.line - other.position.line ||
    one.position.column - other.position.column
  )
}
