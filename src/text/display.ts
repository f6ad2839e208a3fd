/**
 * The text without what a terminal, a page or a header would act on: control characters, with which the API server drops a
 * warning without a word (k8s.io/apimachinery NewWarningHeader), marks that turn or hide text, line separators, halves of
 * surrogate pairs.
 */
export function printable(text: string): string {
  return unprintable.test(text) ? text.replace(allUnprintable, '') : text
}

/** The beginning of a text, in at most so many UTF-16 units, with `…` where it was cut; never ends in half a character. */
export function shorten(text: string, most: number): string {
  return text.length <= most
    ? text
    : `${text.slice(0, Math.max(0, most - 1)).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** Text from outside as one short line: its beginning, printable, in at most so many UTF-16 units. */
export function shortLine(text: string, most: number): string {
  const line = printable(text.slice(0, most))
  return text.length <= most ? line : `${printable(line.slice(0, most - 1))}…`
}

const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
const allUnprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const minute = 60_000
const hour = 60 * minute

/** Formats an age in minutes, hours or, from two days on, days: `45m`, `26h`, `3d`. */
export function shortAge(milliseconds: number): string {
  const hours = Math.max(0, Math.floor(milliseconds / hour))
  if (hours === 0) return `${Math.max(0, Math.floor(milliseconds / minute))}m`
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`
}

/** How many images have tags that do not exist, in words: `1 names a tag that does not exist`. */
export function missingText(count: number): string {
  return count === 1 ? '1 names a tag that does not exist' : `${count} name tags that do not exist`
}

/** Quotes words as one line that a POSIX shell reads as exactly these words. */
export function shellWords(texts: readonly string[]): string {
  return texts.map(quoted).join(' ')
}

function quoted(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
