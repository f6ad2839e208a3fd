import { neutralPrefix, type Fields } from '../tag/fields.ts'
import { isOtherKind } from '../tag/dates.ts'
import { compareNumbers, compareNumerals, type Numeral } from '../tag/numeral.ts'
import { entryOf } from './entry-of.ts'
import type { Grammar } from './grammar.ts'

/** Learns which prefixes say the same: where a `v` was dropped, the line goes on without it, unless both are written. */
export interface SpellingLearner {
  /** Takes the fields of the tag at a place of the list. */
  add(fields: Fields, at: number): void
  finish(tagAt: (at: number) => string): Generator<undefined, Pick<Grammar, 'spellings' | 'inParallel'>>
}

/** One way to write what stands before a version. */
interface Spelling {
  readonly prefix: string
  readonly base: string
  /** The newest version of each major. */
  readonly newest: Map<Numeral, readonly Numeral[]>
  /** Where the whole releases are that are written so. */
  readonly places: number[]
}

/** A learner that knows nothing. */
export function createSpellingLearner(): SpellingLearner {
  const all = new Map<string, Spelling>()
  return {
    add({ kind, prefix, core, suffix }, at) {
      if (kind !== 'version') return
      const spelling = entryOf(all, prefix, () => spellingOf(prefix))
      const major = core[0] ?? 0
      if (isNewer(core, spelling.newest.get(major) ?? [])) spelling.newest.set(major, core)
      if (core.length > 2 && !suffix.saysStage) spelling.places.push(at)
    },
    *finish(tagAt) {
      yield
      const bases = Map.groupBy(all.values(), ({ base }) => base)
      yield
      const spellings = new Map<string, readonly (readonly Numeral[])[]>()
      const inParallel = new Set<string>()
      for (const [base, ways] of bases) {
        // Of words before versions that are written in one way nothing is asked, and a list may have one for each tag.
        if (base === '' || ways.length > 1)
          for (const { prefix, newest } of ways) spellings.set(prefix, newestOfEachKind(newest))
        if (ways.length > 1 && (yield* areInParallel(ways, tagAt))) inParallel.add(base)
      }
      return { spellings, inParallel }
    },
  }
}

function spellingOf(prefix: string): Spelling {
  return { prefix, base: neutralPrefix(prefix), newest: new Map(), places: [] }
}

// A jump to years or to a hundred times as much begins another kind of numbers.
function newestOfEachKind(
  byMajor: ReadonlyMap<Numeral, readonly Numeral[]>,
): readonly (readonly Numeral[])[] {
  const majors = [...byMajor.keys()].toSorted(compareNumerals)
  return majors.flatMap((major, at) => {
    const next = majors[at + 1]
    return next === undefined || isOtherKind(major, next, 0) ? [byMajor.get(major) ?? []] : []
  })
}

// Of one version the longer way to write it.
function isNewer(core: readonly Numeral[], newest: readonly Numeral[]): boolean {
  return (compareNumbers(core, newest) || core.length - newest.length) > 0
}

const sliceTags = 2_000

// Whether some version is written in several ways. What is written most often is looked up, and not remembered.
function* areInParallel(
  ways: readonly Spelling[],
  tagAt: (at: number) => string,
): Generator<undefined, boolean> {
  const known = new Map<string, Spelling>()
  const rarest = ways.toSorted((a, b) => a.places.length - b.places.length)
  for (const [rank, way] of rarest.entries())
    for (const [count, at] of way.places.entries()) {
      if (count % sliceTags === sliceTags - 1) yield
      const version = tagAt(at).slice(way.prefix.length)
      if ((known.get(version) ?? way) !== way) return true
      if (rank < ways.length - 1) known.set(version, way)
    }
  return false
}
