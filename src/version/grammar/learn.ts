import { readFields, readSuffix, type Fields, type Suffix, type SuffixReader } from '../tag/fields.ts'
import type { Numeral } from '../tag/numeral.ts'
import type { Part } from '../tag/parts.ts'
import { tagAt, type TagList } from '../tag/tag-list.ts'
import { saysUnstable } from '../tag/words.ts'
import type { Grammar } from './grammar.ts'
import { learnRoles } from './roles.ts'
import { createSamples } from './samples.ts'
import { createSeriesLearner } from './series.ts'

const sliceTags = 1_000

/** The grammar of a list, in slices: each `next()` works for a few milliseconds at most. Depends on the set of tags alone. */
export function* learnInSlices(list: TagList): Generator<undefined, Grammar> {
  const suffixes = rememberSuffixes()
  const samples = createSamples()
  const series = createSeriesLearner()
  const letters = createLetterLearner()
  const counters: number[] = []
  for (let at = 0; at < list.length; at++) {
    if (at % sliceTags === sliceTags - 1) yield
    const fields = readFields(tagAt(list, at), suffixes.read)
    if (typeof fields === 'string') continue
    samples.add(fields)
    series.add(fields)
    letters.add(fields)
    if (countsAlone(fields)) counters.push(Number(fields.core[0]))
  }
  yield
  return {
    ...commitsIn(suffixes.all()),
    roles: learnRoles(samples.slots(), series.versions()),
    countsWithB: letters.finish(),
    largestCounter: largestOf(counters),
    series: series.finish(),
  }
}

/** The grammar of a list. */
export function learn(list: TagList): Grammar {
  const slices = learnInSlices(list)
  for (;;) {
    const step = slices.next()
    if (step.done) return step.value
  }
}

function rememberSuffixes(): { readonly read: SuffixReader; all(): Iterable<Suffix> } {
  const known = new Map<string, Suffix>()
  return {
    read(text) {
      const before = known.get(text)
      if (before !== undefined) return before
      const suffix = readSuffix(text)
      known.set(text, suffix)
      return suffix
    },
    all: () => known.values(),
  }
}

// Words that only stand before commits say no more than these: `-pkg-0ab4c58f`; but not those that say what is no release.
function commitsIn(suffixes: Iterable<Suffix>): Pick<Grammar, 'commitSlots' | 'decorations'> {
  const commitSlots = new Set<string>()
  const [before, elsewhere] = [new Set<string>(), new Set<string>()]
  for (const { parts } of suffixes)
    for (const [at, part] of parts.entries()) {
      if (part.kind === 'commit') commitSlots.add(part.slot)
      if (part.kind === 'text') (parts[at + 1]?.kind === 'commit' ? before : elsewhere).add(part.word)
    }
  const decorations = [...before].filter(word => word !== '' && !elsewhere.has(word) && !saysUnstable(word))
  return { commitSlots, decorations: new Set(decorations) }
}

// `b` is a beta where a release of the same numbers is listed, or none of its kind has ended yet.
function createLetterLearner(): { add(fields: Fields): void; finish(): boolean } {
  const [withB, released] = [new Set<string>(), new Set<string>()]
  return {
    add({ core, suffix }) {
      const key = core.join('.')
      if (suffix.parts.some(isB)) withB.add(key)
      else if (core.length > 1) released.add(key)
    },
    finish: () => withB.size > 0 && [...withB].every(key => !released.has(key)),
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

function largestOf(counters: readonly number[]): number {
  const sorted = [...new Set(counters)].toSorted((a, b) => a - b)
  let [largest, length] = [0, 0]
  for (const count of sorted) {
    if (length > 0 && count > largest * largestStep) break
    largest = count
    length++
  }
  return length >= fewestCounts ? largest : 0
}

/** Numbers of a core as a key. */
export function coreKey(core: readonly Numeral[]): string {
  return core.join('.')
}
