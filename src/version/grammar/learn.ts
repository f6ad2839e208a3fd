import { readImageTag, type Fields, type Suffix } from '../tag/fields.ts'
import { wholeText, type TagList } from '../tag/tag-list.ts'
import { saysUnstable } from '../tag/words.ts'
import { rememberEndings, type Ending } from './endings.ts'
import type { Grammar } from './grammar.ts'
import { learnRoles } from './roles.ts'
import { createSamples } from './samples.ts'
import { createSeriesLearner } from './series.ts'
import { createSpellingLearner } from './spellings.ts'

// A slice reads so many bytes, for a long tag costs as much as ten short ones.
const sliceBytes = 8_192

/** The grammar of a list, in slices: each `next()` works for a few milliseconds at most. Depends on the set of tags alone. */
export function* learnInSlices(list: TagList): Generator<undefined, Grammar> {
  const commits = createCommitLearner()
  const readEnding = rememberEndings(commits.add)
  const samples = createSamples()
  const series = createSeriesLearner()
  const spellings = createSpellingLearner()
  const letters = createLetterLearner()
  const counters = new Set<number>()
  const text = wholeText(list)
  const { starts, length } = list
  let sliceEnd = sliceBytes
  for (let at = 0; at < length; at++) {
    const start = starts[at] ?? 0
    if (start > sliceEnd) {
      yield
      sliceEnd = start + sliceBytes
    }
    const fields = readImageTag(text.slice(start, starts[at + 1]), readEnding)
    if (typeof fields === 'string') continue
    samples.add(fields)
    series.add(fields)
    spellings.add(fields, at)
    letters.add(fields)
    if (countsAlone(fields)) counters.add(Number(fields.core[0]))
  }
  const roles = yield* learnRoles(samples.slots(), series.versions())
  return {
    ...commits.finish(),
    roles,
    countsWithB: letters.finish(),
    largestCounter: largestOf(counters),
    series: yield* series.finish(),
    ...(yield* spellings.finish(at => text.slice(starts[at], starts[at + 1]))),
  }
}

/** What slices come to, one after the other at once. */
export function wholeOf<T>(slices: Generator<undefined, T>): T {
  for (;;) {
    const step = slices.next()
    if (step.done) return step.value
  }
}

interface CommitLearner {
  readonly add: (suffix: Suffix) => void
  finish(): Pick<Grammar, 'commitSlots' | 'decorations'>
}

// Words that only stand before commits say no more than these: `-pkg-0ab4c58f`; but not those that say what is no release.
function createCommitLearner(): CommitLearner {
  const slots = new Set<string>()
  const [before, elsewhere] = [new Set<string>(), new Set<string>()]
  return {
    add({ parts }) {
      for (const [at, part] of parts.entries()) {
        if (part.kind === 'commit') slots.add(part.slot)
        if (part.kind === 'text') (parts[at + 1]?.kind === 'commit' ? before : elsewhere).add(part.word)
      }
    },
    finish() {
      const only = [...before].filter(word => word !== '' && !elsewhere.has(word) && !saysUnstable(word))
      return { commitSlots: slots, decorations: new Set(only) }
    },
  }
}

interface LetterLearner {
  readonly add: (fields: Fields<Ending>) => void
  finish(): boolean
}

// `b` counts builds where every tag has it, or what has it is one number (`9-b112`); else it is a beta, which may come
// before the release.
function createLetterLearner(): LetterLearner {
  let [isUsed, isOfOneNumber, isBesideOthers] = [false, true, false]
  return {
    add({ core, suffix }) {
      if (suffix.hasB) {
        isUsed = true
        isOfOneNumber &&= core.length < 2
      } else if (core.length > 1) isBesideOthers = true
    },
    finish: () => isUsed && (isOfOneNumber || !isBesideOthers),
  }
}

function countsAlone({ kind, core, suffix }: Fields): boolean {
  return core.length === 1 && suffix.text === '' && (kind === 'version' || kind === 'counter')
}

// A counter goes on from what it counted before; a lone number a hundred times as large is something else.
const largestStep = 10
const fewestCounts = 3
const largestPlain = 99_999 // numbers of five digits are versions anyway

function largestOf(counters: ReadonlySet<number>): number {
  const sorted = [...counters].toSorted((a, b) => a - b)
  let [largest, length] = [0, 0]
  for (const count of sorted) {
    if (length > 0 && count > largest * largestStep) break
    largest = count
    length++
  }
  return length >= fewestCounts && largest > largestPlain ? largest : 0
}
