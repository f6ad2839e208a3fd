import { countsBuilds } from '../tag/words.ts'
import { evidenceOf, isLow, type Evidence } from './evidence.ts'
import { firstCounts, type Role } from './grammar.ts'
import type { SlotSample } from './samples.ts'

/** The roles of the open slots, a slot at a time; `versions`: how many whole versions the list has. */
export function* learnRoles(
  slots: readonly (readonly SlotSample[])[],
  versions: number,
): Generator<undefined, ReadonlyMap<string, Role>> {
  const roles = new Map<string, Role>()
  for (const samples of slots) {
    const [first] = samples
    if (first === undefined) continue
    yield
    const evidence = yield* evidenceOf(samples, roles)
    const isDotted = samples.some(({ part }) => part.values.length > 1)
    // `1.2.3-4-g4f3a9c1` is four commits after 1.2.3.
    const countsCommits = samples.every(({ sample, at }) => sample.parts[at + 1]?.kind === 'commit')
    const role = isDotted
      ? roleOfVersion(first.part.word, evidence)
      : roleOfCount(first.part, evidence, versions)
    roles.set(first.part.slot, countsCommits ? 'revision' : role)
  }
  return roles
}

// The same values side by side at version after version are a choice, unless they begin anew like a counter at each.
function isChosen(evidence: Evidence): boolean {
  const { recurring, shared, distinct, together, versions, startLow, isConstant } = evidence
  const isSoOften = recurring > 1 && together * leastShare >= versions && distinct < fewestCounted
  return isSoOften && shared >= leastShared && (startLow * 2 < together || isConstant)
}

const leastShare = 4 // a fourth of the versions
const leastShared = 0.5
const fewestCounted = 15 // there were never as many runtimes to choose from

function roleOfCount({ word, lead }: SlotSample['part'], evidence: Evidence, versions: number): Role {
  if (goesOn(evidence)) return 'revision'
  if (isChosen(evidence)) return 'choice'
  if (evidence.recurring > 1 || countsBuilds(word) || lead === '_') return 'revision'
  return isCounted(evidence, word === '', versions) ? 'revision' : 'undecided'
}

// It goes on through the versions, with several builds of one of them. Runtimes come and go (11; 11, 17; 17), a counter
// leaves nothing out.
function goesOn({
  together,
  rises,
  touches,
  falls,
  restarts,
  smallest,
  largest,
  distinct,
}: Evidence): boolean {
  const steps = rises + touches
  const isDense = distinct >= fewestDense && Number(largest[0]) - Number(smallest[0]) < distinct * 2
  return (
    together > 0 &&
    steps > 1 &&
    steps >= (falls + restarts) * 4 &&
    (touches === 0 || isDense || distinct >= fewestCounted)
  )
}

const fewestDense = 6

// Where little is known: a counter begins at the bottom, and changes within a line, where a runtime stays.
function isCounted(evidence: Evidence, isBare: boolean, versions: number): boolean {
  const { together, smallest, smallestTogether = [], changesInLine } = evidence
  if (changesInLine > 0 && Number(smallest[0]) <= firstCounts) return true
  return isBare ? isCountedBare(evidence, versions) : together > 0 && isLow(smallestTogether)
}

function isCountedBare(evidence: Evidence, versions: number): boolean {
  const { together, smallest, smallestTogether = [], changesInLine, shared, distinct } = evidence
  if (changesInLine > 0 && shared <= leastShared && distinct >= fewestChanges) return true
  if (together > 0) return isBareCount(Number(smallestTogether[0]))
  // One version alone was built again.
  const isRare = evidence.versions === 1 && versions > fewestPlain
  return isRare || Number(smallest[0]) <= firstCounts
}

const fewestChanges = 3

function isBareCount(lowest: number): boolean {
  return lowest <= firstCounts || lowest >= largeCount
}

const fewestPlain = 5
const largeCount = 100 // no runtime or base has a version like that

// A version behind the version moves along with it, unless it is chosen; one that a word names has to show that it moves.
function roleOfVersion(word: string, evidence: Evidence): Role {
  if (isChosen(evidence)) return 'choice'
  if (word === '' || countsBuilds(word)) return 'revision'
  const { together, distinct, falls, restarts } = evidence
  return together === 0 && distinct > 2 && falls + restarts === 0 ? 'revision' : 'undecided'
}
