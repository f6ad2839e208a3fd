/**
 * The text without what must not be shown: control characters, with which the API server drops a warning without a word
 * (k8s.io/apimachinery NewWarningHeader), marks that turn or hide text, line separators, halves of surrogate pairs.
 */
export function plain(text: string): string {
  return unprintable.test(text) ? text.replace(allUnprintable, '') : text
}

/** The beginning of a text, in at most so many UTF-16 units, `…` where it was cut. */
export function beginning(text: string, most: number): string {
  return text.length <= most ? text : `${plain(text.slice(0, Math.max(0, most - 1)))}…`
}

const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
const allUnprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
