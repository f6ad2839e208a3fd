import type { driftItemOf } from '../audit/index.ts'

type Item = ReturnType<typeof driftItemOf>

/** The container of a row, and whether only pods of an earlier template still run its image. */
export function containerText({ container, origin }: Pick<Item, 'container' | 'origin'>): string {
  return origin === 'older-pod' ? `${container} (older pods)` : container
}

/** Why the verdict of a row is what it is, the tag in which its line goes on, and the age of what is overdue at an instant. */
export function reasonText(
  { reason, elsewhere, checkedAt, overdue }: Pick<Item, 'reason' | 'elsewhere' | 'checkedAt' | 'overdue'>,
  now: number,
): string {
  const goesOn = elsewhere === null ? reason : `${reason}: ${elsewhere}`
  return overdue && checkedAt !== null ? `${goesOn} (${ageText(now - Date.parse(checkedAt))} old)` : goesOn
}

const minute = 60_000
const hour = 60 * minute

/** An age for people: minutes, hours, and from two days on days. */
export function ageText(milliseconds: number): string {
  const hours = Math.max(0, Math.floor(milliseconds / hour))
  if (hours === 0) return `${Math.max(0, Math.floor(milliseconds / minute))}m`
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`
}
