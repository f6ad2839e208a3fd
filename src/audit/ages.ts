import { compareTexts } from '../text/index.ts'
import type { Reference } from '../image/index.ts'
import type { Policy } from '../policy/index.ts'
import type { Drift, DriftReport } from './drift.ts'

/** What is remembered of an image that runs, judged by one strategy. Times in epoch milliseconds. */
export interface Age {
  /** Whether there was nothing newer when it was last looked at. Not what was: a still newer tag changes no age. */
  readonly isCurrent: boolean
  /** Since when there is something newer; undefined where that was so before the first look. */
  readonly since: number | undefined
}

/** By image and strategy, for workloads and containers that run the same thing have the same age. */
export type Ages = ReadonlyMap<string, Age>

/** Some ten times the images of a large cluster, and less than a megabyte compressed. */
export const mostAges = 50_000

/** A report with the ages that were remembered, and what is to be remembered after it. */
export interface Aged {
  readonly report: DriftReport
  readonly ages: Ages
}

/**
 * A report whose rows know since when they are behind, whatever the tag was that made them so: a still newer one does not make
 * the drift younger. What was current when it was last looked at, by any replica, is behind since now where its tag has no
 * date. Images that run no more are forgotten by complete reports only. Pure.
 */
export function withAges(report: DriftReport, known: Ages): Aged {
  const next = new Map<string, Age>(report.complete ? [] : known)
  for (const [key, rows] of Map.groupBy(report.rows, keyOf)) {
    const age = key === undefined ? undefined : ageOf(rows, known.get(key), report.startedAt)
    if (key !== undefined && age !== undefined) next.set(key, age)
  }
  const rows = report.rows.map(row => {
    const key = isDated(row) ? keyOf(row) : undefined
    const since = key === undefined ? undefined : next.get(key)?.since
    return since === undefined || since === row.since ? row : { ...row, since }
  })
  return { report: { ...report, rows }, ages: bounded(next) }
}

/** What two processes remember, as one: the earlier instant of each, and the first one's word on what is current. Pure. */
export function mergedAges(own: Ages, others: Ages): Ages {
  const merged = new Map([...others, ...own])
  for (const [key, { isCurrent, since }] of own)
    merged.set(key, { isCurrent, since: earlier(since, others.get(key)?.since) })
  return bounded(merged)
}

function keyOf({ evaluation: { reference }, policy }: Drift): string | undefined {
  return reference && ageKeyOf(reference, policy.strategy)
}

/** Under which an image is remembered; undefined without a tag: there is no version that grows old. */
export function ageKeyOf(
  { registry, repository, tag, digest }: Reference,
  strategy: Policy['strategy'],
): string | undefined {
  const pinned = digest === undefined ? '' : `@${digest}`
  return tag === undefined ? undefined : `${registry}/${repository}:${tag}${pinned} ${strategy}`
}

// A tag that has moved on is outdated without a newer tag: nothing says since when.
function isDated({ evaluation }: Drift): boolean {
  return evaluation.verdict === 'outdated' && evaluation.newest !== undefined
}

function ageOf(rows: readonly Drift[], known: Age | undefined, now: number): Age | undefined {
  const [first, ...others] = rows.filter(isDated)
  if (first === undefined) {
    const isCurrent = rows.some(({ evaluation }) => evaluation.verdict === 'current')
    // What could not be looked at is as old as it was.
    return isCurrent ? { isCurrent, since: undefined } : known
  }
  const dated = others.reduce((since, row) => earlier(since, row.since), first.since)
  if (known === undefined) return { isCurrent: false, since: dated }
  const since = known.isCurrent ? (dated ?? now) : earlier(known.since, dated)
  return { isCurrent: false, since }
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return Math.min(one, other)
}

// Those that say since when come first, for the others are found again by the next look.
function bounded(ages: Ages): Ages {
  if (ages.size <= mostAges) return ages
  const entries = [...ages].toSorted(
    ([, one], [, other]) => Number(other.since !== undefined) - Number(one.since !== undefined),
  )
  return new Map(entries.slice(0, mostAges))
}

/** The text of remembered ages cannot be used. */
export class AgeTextError extends Error {
  override readonly name = 'AgeTextError'
}

const format = 1

/** Ages as one text; the same for the same ages. */
export function ageText(ages: Ages): string {
  const entries = [...ages]
    .toSorted(([one], [other]) => compareTexts(one, other))
    .map(([key, { isCurrent, since }]) => [key, isCurrent, since ?? null])
  return JSON.stringify({ format, ages: entries })
}

/** The ages of a text that {@link ageText} gave. @throws AgeTextError where it is another text. */
export function readAges(text: string): Ages {
  const value = parsed(text)
  if (field(value, 'format') !== format)
    throw new AgeTextError(
      `the ages of images have format ${JSON.stringify(field(value, 'format'))}, not ${format}`,
    )
  const entries = field(value, 'ages')
  if (!Array.isArray(entries)) throw new AgeTextError('the ages of images are no list')
  return new Map(entries.map(entryOf))
}

function entryOf(entry: unknown): readonly [string, Age] {
  if (!isEntry(entry)) throw new AgeTextError('the ages of images have something strange in their list')
  const [key, isCurrent, since] = entry
  return [key, { isCurrent, since: since ?? undefined }]
}

type Entry = readonly [key: string, isCurrent: boolean, since: number | null]

function isEntry(entry: unknown): entry is Entry {
  if (!Array.isArray(entry) || entry.length !== 3) return false
  const [key, isCurrent, since]: readonly unknown[] = entry
  return (
    typeof key === 'string' && typeof isCurrent === 'boolean' && (since === null || typeof since === 'number')
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new AgeTextError('the ages of images are not JSON', { cause: error })
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.getOwnPropertyDescriptor(value, name)?.value
}
