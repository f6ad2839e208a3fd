import type { Age, Ages } from './ages.ts'

/** The text of remembered ages cannot be used. */
export class AgeTextError extends Error {
  override readonly name = 'AgeTextError'
}

const format = 1

/** Ages as one text; the same for the same ages. */
export function ageText(ages: Ages): string {
  const entries = [...ages]
    .toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
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
