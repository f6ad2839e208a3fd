import type { Evaluation } from '../evaluation/index.ts'

/**
 * How far an outdated image is behind, in words, as they are told everywhere: `4 versions`, or `16 image revisions` where the
 * tags of its line count those.
 */
export function distanceOf({ behind, counted }: Evaluation): string {
  const [one, many] = nouns[counted]
  return `${behind} ${behind === 1 ? one : many}`
}

const nouns = {
  versions: ['version', 'versions'],
  revisions: ['image revision', 'image revisions'],
} as const
