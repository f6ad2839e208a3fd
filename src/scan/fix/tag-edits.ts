import { impliedTag } from '../../image/index.ts'
import { troubleOf, type ScannedImage } from '../finding/scanned-image.ts'
import type { Replaceable } from '../source/found-image.ts'

/** A replacement of characters of a file. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A row that is to get a newer tag and does not, and why. */
export interface LeftRow {
  readonly row: ScannedImage
  readonly why: string
}

/** What is replaced in one file, and what is left. */
export interface FilePlan {
  readonly edits: readonly Edit[]
  readonly fixed: readonly ScannedImage[]
  readonly left: readonly LeftRow[]
}

/**
 * The replacements that give the outdated images of one file their newest tags; `rows` are all of the file, for a tag that several
 * images share is replaced only where all of them want the same one. A pinned image gets the new digest together with the tag.
 */
export function planFile(rows: readonly ScannedImage[]): FilePlan {
  const wishes = wishesOf(rows)
  const edits = new Map<number, Edit>()
  const fixed: ScannedImage[] = []
  const left: LeftRow[] = []
  for (const row of rows) {
    if (troubleOf(row) !== 'outdated' || row.silenced !== undefined) continue
    const planned = editsOf(row, wishes)
    if (typeof planned === 'string') left.push({ row, why: planned })
    else {
      fixed.push(row)
      for (const edit of planned) edits.set(edit.start, edit)
    }
  }
  return { edits: [...edits.values()].toSorted((one, other) => one.start - other.start), fixed, left }
}

/** The text with the replacements, which do not overlap and are in order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let end = 0
  const pieces = edits.flatMap(edit => {
    const before = text.slice(end, edit.start)
    end = edit.end
    return [before, edit.text]
  })
  return [...pieces, text.slice(end)].join('')
}

/** The tags that the images want at each place of the file. */
type Wishes = ReadonlyMap<number, ReadonlySet<string | undefined>>

function wishesOf(rows: readonly ScannedImage[]): Wishes {
  const wishes = new Map<number, Set<string | undefined>>()
  for (const row of rows) {
    const { tag } = row.found
    if (tag === undefined) continue
    const { reference, newest } = row.evaluation
    const keeps = row.silenced !== undefined || troubleOf(row) !== 'outdated'
    const wanted = keeps ? reference && impliedTag(reference) : newest
    wishes.set(tag.start, (wishes.get(tag.start) ?? new Set()).add(wanted))
  }
  return wishes
}

function editsOf(row: ScannedImage, wishes: Wishes): readonly Edit[] | string {
  const { tag } = row.found
  const { newest, unproven } = row.evaluation
  if (newest === undefined || unproven) return 'whether the newer tag runs there is not known'
  if (tag === undefined) return 'the file does not have the tag as text in one place'
  if ((wishes.get(tag.start)?.size ?? 0) > 1)
    return 'other images share this tag, and it is not the newest of theirs'
  if (isUnreadable(tag, newest)) return `YAML would read ${newest} as a number: put the tag in quotes first`
  const pinned = digestEdit(row)
  return typeof pinned === 'string' ? pinned : [{ start: tag.start, end: tag.end, text: newest }, ...pinned]
}

// With the old digest behind the new tag, the old image would go on running.
function digestEdit({ found: { digest }, evaluation }: ScannedImage): readonly Edit[] | string {
  const { reference, newestDigest } = evaluation
  if (reference?.digest === undefined) return []
  if (newestDigest === undefined) return 'the digest of the newer tag is not known'
  if (digest === undefined) return 'the file does not have the digest as text in one place'
  return [{ start: digest.start, end: digest.end, text: newestDigest }]
}

// What YAML takes for something else than text, where a whole scalar without quotes is replaced.
const noText =
  /^(?:[-+]?(?:\.\d+|\d[\d_]*(?:\.\d*)?)(?:e[-+]?\d+)?|0[xo][\da-f]+|true|false|null|yes|no|on|off)$/i

function isUnreadable({ isPlain }: Replaceable, text: string): boolean {
  return isPlain === true && noText.test(text)
}
