import {
  neutralPrefix,
  readImageTag,
  readSuffix,
  type Fields,
  type Suffix,
  type SuffixReader,
} from '../tag/fields.ts'
import { compareNumbers, type Numeral } from '../tag/numeral.ts'
import type { Part } from '../tag/parts.ts'
import { wholeText, type TagList } from '../tag/tag-list.ts'
import { saysUnstable } from '../tag/words.ts'
import { entryOf } from './entry-of.ts'
import type { Grammar } from './grammar.ts'
import { learnRoles } from './roles.ts'
import { createSamples } from './samples.ts'
import { createSeriesLearner } from './series.ts'

const sliceTags = 500

/** The grammar of a list, in slices: each `next()` works for a few milliseconds at most. Depends on the set of tags alone. */
export function* learnInSlices(list: TagList): Generator<undefined, Grammar> {
  const commits = createCommitLearner()
  const suffixes = rememberSuffixes(commits.add)
  const samples = createSamples()
  const series = createSeriesLearner()
  const spellings = createSpellingLearner()
  const letters = createLetterLearner()
  const counters: number[] = []
  yield* readInSlices(list, suffixes, fields => {
    samples.add(fields)
    series.add(fields)
    spellings.add(fields)
    letters.add(fields)
    if (countsAlone(fields)) counters.push(Number(fields.core[0]))
  })
  if (spellings.hasSeveral()) yield* readInSlices(list, suffixes, spellings.compare)
  if (letters.isUsed()) yield* readInSlices(list, suffixes, letters.compare)
  const roles = yield* learnRoles(samples.slots(), series.versions())
  return {
    ...commits.finish(),
    roles,
    countsWithB: letters.finish(),
    largestCounter: largestOf(counters),
    series: series.finish(),
    ...spellings.finish(),
  }
}

function* readInSlices(
  list: TagList,
  suffixes: SuffixReader,
  take: (fields: Fields) => void,
): Generator<undefined, void> {
  const text = wholeText(list)
  const { starts, length } = list
  for (let start = 0; start < length; start += sliceTags) {
    for (let at = start; at < Math.min(start + sliceTags, length); at++) {
      const fields = readImageTag(text.slice(starts[at], starts[at + 1]), suffixes)
      if (typeof fields !== 'string') take(fields)
    }
    yield
  }
}

// Thousands of tags end alike; the rest, which no other tag has, is read and forgotten.
const mostSuffixes = 4_096

function rememberSuffixes(onRead: (suffix: Suffix) => void): SuffixReader {
  const known = new Map<string, Suffix>()
  return text => {
    const before = known.get(text)
    if (before !== undefined) return before
    const suffix = readSuffix(text)
    onRead(suffix)
    if (known.size < mostSuffixes) known.set(text, suffix)
    return suffix
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
  readonly add: (fields: Fields) => void
  /** Whether a tag has the letter: then all must be compared with those. */
  isUsed(): boolean
  readonly compare: (fields: Fields) => void
  finish(): boolean
}

// `b` counts builds where every tag has it, or what has it is one number (`9-b112`); else it is a beta, which may come
// before the release.
function createLetterLearner(): LetterLearner {
  const withB = new Set<string>()
  let [isOfOneNumber, isBeta] = [true, false]
  return {
    add({ core, suffix }) {
      if (suffix.parts.length === 0 || !suffix.parts.some(isB)) return
      withB.add(core.join('.'))
      isOfOneNumber &&= core.length < 2
    },
    isUsed: () => withB.size > 0 && !isOfOneNumber,
    compare({ core, suffix }) {
      isBeta ||= core.length > 1 && !suffix.parts.some(isB)
    },
    finish: () => withB.size > 0 && !isBeta,
  }
}

function isB(part: Part): boolean {
  return part.kind === 'number' && part.isGlued && /^b$/i.test(part.word)
}

function countsAlone({ kind, core, suffix }: Fields): boolean {
  return core.length === 1 && suffix.text === '' && (kind === 'version' || kind === 'counter')
}

// A counter goes on from what it counted before; a lone number a hundred times as large is something else.
const largestStep = 10
const fewestCounts = 3
const largestPlain = 99_999 // numbers of five digits are versions anyway

function largestOf(counters: readonly number[]): number {
  const sorted = [...new Set(counters)].toSorted((a, b) => a - b)
  let [largest, length] = [0, 0]
  for (const count of sorted) {
    if (length > 0 && count > largest * largestStep) break
    largest = count
    length++
  }
  return length >= fewestCounts && largest > largestPlain ? largest : 0
}

interface SpellingLearner {
  readonly add: (fields: Fields) => void
  /** Whether a version may be written in several ways: then all must be looked at once more. */
  hasSeveral(): boolean
  readonly compare: (fields: Fields) => void
  finish(): Pick<Grammar, 'spellings' | 'inParallel'>
}

// The newest version of each prefix: where a `v` was dropped, the line goes on without it, unless both are written.
function createSpellingLearner(): SpellingLearner {
  const spellings = new Map<string, readonly Numeral[]>()
  const inParallel = new Set<string>()
  const prefixes = new Map<string, string>()
  let several: ReadonlySet<string> = new Set()
  return {
    add({ kind, prefix, core }) {
      if (kind !== 'version') return
      const known = spellings.get(prefix)
      const order = known === undefined ? -1 : compareNumbers(known, core) || known.length - core.length
      if (order < 0) spellings.set(prefix, core)
    },
    hasSeveral() {
      several = basesOfSeveral(spellings.keys())
      return several.size > 0
    },
    compare({ kind, prefix, core, suffix }) {
      const base = neutralPrefix(prefix)
      if (
        kind !== 'version' ||
        core.length < 3 ||
        suffix.saysStage ||
        !several.has(base) ||
        inParallel.has(base)
      )
        return
      const before = entryOf(prefixes, `${base} ${core.join('.')} ${suffix.text}`, () => prefix)
      if (before !== prefix) inParallel.add(base)
    },
    finish: () => ({
      // Of words before versions that are written in one way nothing is asked, and a list may have one for each tag.
      spellings: new Map([...spellings].filter(([prefix]) => isAsked(neutralPrefix(prefix), several))),
      inParallel,
    }),
  }
}

function isAsked(base: string, several: ReadonlySet<string>): boolean {
  return base === '' || several.has(base)
}

function basesOfSeveral(prefixes: Iterable<string>): ReadonlySet<string> {
  const [once, several] = [new Set<string>(), new Set<string>()]
  for (const base of [...prefixes].map(neutralPrefix)) (once.has(base) ? several : once).add(base)
  return several
}
