import { parseDuration } from '../../policy/index.ts'
import { troubleOf, type ScannedImage, type ScanReport, type Trouble } from './scanned-image.ts'

/** What makes a scan fail. */
export interface FailOn {
  /** Outdated images; with an age, those for which a newer tag is known for longer, in milliseconds. */
  readonly outdated: boolean | { readonly olderThan: number }
  /** Images that could not be checked, and files that could not be read. */
  readonly unknown: boolean
}

/** As `patchline check` does. */
export const failOnAll: FailOn = { outdated: true, unknown: true }

/** What `--fail-on` says: `outdated`, `age>30d`, `unknown`, `never`, several with commas; undefined where it says nothing known. */
export function parseFailOn(text: string): FailOn | undefined {
  const words = text.split(',').map(word => word.trim())
  if (words.length === 1 && words[0] === 'never') return { outdated: false, unknown: false }
  let failOn: FailOn = { outdated: false, unknown: false }
  for (const word of words) {
    const one = parseWord(word)
    if (one === undefined) return undefined
    failOn = { ...failOn, ...one }
  }
  return failOn
}

function parseWord(word: string): Partial<FailOn> | undefined {
  if (word === 'outdated') return { outdated: true }
  if (word === 'unknown') return { unknown: true }
  const [, age = ''] = /^age\s*>\s*(\S+)$/.exec(word) ?? []
  const olderThan = parseDuration(age)
  return olderThan === undefined ? undefined : { outdated: { olderThan } }
}

/** What a scan ends with, the strongest first; undefined: nothing fails it. A file that could not be read is `unknown`. */
export function failureOf(
  { rows, unread }: Pick<ScanReport, 'rows' | 'unread'>,
  failOn: FailOn,
  now: number,
): Exclude<Trouble, 'none'> | undefined {
  const troubles = new Set(
    rows.filter(row => row.silenced === undefined).map(row => countedTrouble(row, failOn, now)),
  )
  if (unread.length > 0 && failOn.unknown) troubles.add('unknown')
  return order.find(trouble => troubles.has(trouble))
}

const order = ['outdated', 'missing', 'unknown'] as const

function countedTrouble(row: ScannedImage, failOn: FailOn, now: number): Trouble {
  const trouble = troubleOf(row)
  switch (trouble) {
    case 'none':
      return trouble
    case 'outdated':
      return isOldEnough(row, failOn, now) ? trouble : 'none'
    // A tag that does not exist can never be pulled again: whatever is looked for, that is it.
    case 'missing':
      return failOn.outdated !== false || failOn.unknown ? trouble : 'none'
    case 'unknown':
      return failOn.unknown ? trouble : 'none'
  }
}

function isOldEnough({ evaluation }: ScannedImage, { outdated }: FailOn, now: number): boolean {
  if (typeof outdated === 'boolean') return outdated
  const since = knownSince(evaluation)
  return since !== undefined && now - since > outdated.olderThan
}

function knownSince({ newestPublishedAt, firstSeenNewer }: ScannedImage['evaluation']): number | undefined {
  return firstSeenNewer ?? newestPublishedAt
}

/** How many outdated rows came to light only now, at an instant: since when they are behind is not known, and no age fails them. */
export function withoutAge(rows: readonly ScannedImage[], startedAt: number): number {
  return rows.filter(
    row => troubleOf(row) === 'outdated' && (knownSince(row.evaluation) ?? startedAt) >= startedAt,
  ).length
}
