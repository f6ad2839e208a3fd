import { printable, shorten } from '../text/index.ts'
import { fitted, type Sentence } from './sentence.ts'

// k8s.io/api admission/v1 types.go asks for at most 120 characters; once all warnings of a request, those of other
// webhooks too, pass 4096 the API server drops the later ones.
const longestWarning = 120
const mostWarnings = 10
const prefix = 'patchline: '

/** The warnings in the order given, problems first and equal ones once: ten at most, then how many images are left out. */
export function warningsOf(problems: readonly string[], sentences: readonly Sentence[]): readonly string[] {
  const all = new Set([
    ...problems.map(problem => shorten(prefix + printable(problem), longestWarning)),
    ...sentences.map(sentence => prefix + fitted(sentence, longestWarning - prefix.length)),
  ])
  const left = all.size - mostWarnings
  if (left <= 0) return [...all]
  const more = `${prefix}and ${left} more ${left === 1 ? 'image' : 'images'}`
  return [...[...all].slice(0, mostWarnings), more]
}
