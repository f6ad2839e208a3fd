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
