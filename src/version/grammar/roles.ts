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
    // `1.2.3-4-g4f3a9c1` is four commits after 1.2.3.
    const countsCommits = samples.every(({ sample, at }) => sample.parts[at + 1]?.kind === 'commit')
    const slot: Slot = {
      word: first.part.word,
      lead: first.part.lead,
      isInside: samples.every(standsInside),
      evidence,
    }
    // A few behind a dot beside lone ones are builds of these: `3`, `4`, `4.1`.
    const role = evidence.dotted * 2 >= evidence.distinct ? roleOfVersion(slot) : roleOfCount(slot, versions)
    const isBuilt = role === 'undecided' && slot.word === '' && evidence.hasTime
    roles.set(first.part.slot, countsCommits || isBuilt ? 'revision' : role)
  }
  return roles
}

/** What is known of the numbers of a slot. */
interface Slot {
  readonly word: string
  readonly lead: string
  /** Whether it stands among the numbers of a version that is written with dashes: `28` of `-eks-1-28-6`. */
  readonly isInside: boolean
  readonly evidence: Evidence
}

function standsInside({ sample: { parts }, at, part }: SlotSample): boolean {
  const next = parts[at + 1]
  return part.word === '' && parts[at - 1]?.kind === 'number' && next?.kind === 'number' && next.word === ''
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

function roleOfCount({ word, lead, isInside, evidence }: Slot, versions: number): Role {
  if (!isInside && goesOn(evidence)) return 'revision'
  if (isChosen(evidence)) return 'choice'
  if (countsBuilds(word) || lead === '_' || recursAnew(evidence)) return 'revision'
  const isCounted = word === '' ? isCountedBare(evidence, { versions, isInside }) : isCountedByWord(evidence)
  return isCounted ? 'revision' : 'undecided'
}

// The same values again and again, and no choice: they begin anew like a counter.
function recursAnew({ recurring, startLow, distinct }: Evidence): boolean {
  return recurring > 1 && (startLow > 0 || distinct >= fewestDense)
}

// It goes on through the versions, with several builds of one of them, and leaves nothing out.
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
  // Of runtimes one or the other stays from a version to the next.
  const hasLeft = touches === 0 && distinct >= fewestRising
  return (
    together > 0 &&
    steps > 1 &&
    steps >= (falls + restarts) * 4 &&
    (hasLeft || isDense || distinct >= fewestCounted)
  )
}

const fewestRising = 5 // fewer runtimes than that may have come and gone
const fewestDense = 6

// Where little is known: a counter begins at the bottom, and changes within a line, where a runtime stays.
function isCountedByWord({ together, changesInLine, smallest, smallestTogether = [] }: Evidence): boolean {
  return (changesInLine > 0 && isLow(smallest)) || (together > 0 && isLow(smallestTogether))
}

function isCountedBare(
  evidence: Evidence,
  list: { readonly versions: number; readonly isInside: boolean },
): boolean {
  const { together, versions, smallest, smallestTogether = [] } = evidence
  const lowest = Number((together > 0 ? smallestTogether : smallest)[0])
  if (lowest <= firstCounts) return true
  if (list.isInside) return false
  if (changesOften(evidence)) return true
  if (together > 0) return lowest >= largeCount && !(namesSystem(smallest) && namesSystem(evidence.largest))
  return versions === 1 && list.versions > fewestPlain // one version alone was built again
}

function changesOften({ together, changesInLine, shared, distinct }: Evidence): boolean {
  const isOften = distinct >= (together > 0 ? fewestDense : fewestChanges)
  return changesInLine > 0 && shared <= leastShared && isOften
}

const fewestChanges = 3
const fewestPlain = 5
const largeCount = 100 // no runtime or base has a version like that

// `2019`, `2022` may be Windows Server, `1804`, `2004` Ubuntu or Windows: year and month.
function namesSystem([number]: Evidence['smallest']): boolean {
  const value = Number(number)
  const [year, month] = [Math.floor(value / 100), value % 100]
  return (value >= 2000 && value <= 2099) || (year >= 12 && year < 40 && [3, 4, 9, 10].includes(month))
}

// A version behind the version moves along with it, unless it is chosen or several stand side by side at one version; one
// that a word names has to show that it moves.
function roleOfVersion({ word, evidence }: Slot): Role {
  if (isChosen(evidence)) return 'choice'
  if (countsBuilds(word)) return 'revision'
  const { together, distinct, falls, restarts } = evidence
  if (word === '') return together === 0 || movesAlong(evidence) ? 'revision' : 'undecided'
  return together === 0 && distinct > 2 && falls + restarts === 0 ? 'revision' : 'undecided'
}

// From version to version all values are higher, or several begin where a counter begins. Several lines of it side by side
// (`3.9`, `3.10`) may be chosen: these have to move twice.
function movesAlong({
  startLow,
  rises,
  falls,
  restarts,
  linesTogether,
  smallestTogether,
}: Evidence): boolean {
  const isCount = startLow > 0 || Number(smallestTogether?.[0]) >= largeCount
  return isCount || (rises > (linesTogether > 0 ? 1 : 0) && rises >= (falls + restarts) * 4)
}
