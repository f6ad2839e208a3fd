import { learnTagsInSlices, type LearnedTags } from '../../src/version/reading/learned-tags.ts'
import { tagListOf, type TagList } from '../../src/version/tag/tag-list.ts'

/** The longest tag that a registry may have. */
export const longestTag = 128

/** So many tags of 128 characters, no two of which have the same skeleton: words, numbers, dashes and dots all differ. */
export function hostileTags(count: number): TagList {
  return tagListOf(Array.from({ length: count }, (_, at) => hostileTag(at)))
}

// Its bits decide what stands between the numbers; what is left over is words.
function hostileTag(at: number): string {
  let tag = `1.${at % 40}.${at % 7}`
  for (let bits = at + 1; bits > 0; bits = Math.floor(bits / 8)) tag += `${separators[bits % 8]}${bits % 90}`
  return `${tag}-w${at.toString(36).replaceAll(/\d/g, digit => `z${letters[Number(digit)]}`)}`.padEnd(
    longestTag,
    '-a1',
  )
}

const separators = ['-', '.', '_', '-x', '-rc', '_b', '.p', '-alpine']
const letters = 'qwertyuiop'

/** What a list teaches, and in how many slices. */
export function learnCounting(list: TagList): { readonly learned: LearnedTags; readonly slices: number } {
  const steps = learnTagsInSlices(list)
  for (let slices = 1; ; slices++) {
    const step = steps.next()
    if (step.done) return { learned: step.value, slices }
  }
}
