/**
 * The beginning of a text from outside, at most so many UTF-16 units, without what a terminal or a page would act on:
 * control characters, marks that turn or hide text, line separators, halves of surrogate pairs.
 */
export function shortText(text: string, most: number): string {
  const beginning = text.slice(0, most)
  const plain = beginning.replace(unprintable, '')
  return text.length <= most ? plain : `${plain.slice(0, most - 1).replace(unprintable, '')}…`
}

const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
