import { neutralPrefix } from '../tag/fields.ts'
import { compareCounts, type Numeral } from '../tag/numeral.ts'
import type { Part } from '../tag/parts.ts'
import { entryOf } from './entry-of.ts'
import { hasTime, settledRole, type Role } from './grammar.ts'
import type { SlotSample } from './samples.ts'

/** What the values of one slot did from version to version, among tags that are alike up to the slot. */
export interface Evidence {
  /** Versions that have several values. */
  readonly together: number
  /** Those of them that begin where a counter begins, at 0 or 1. */
  readonly startLow: number
  /** Those of them whose values are of several lines: `3.4.0`, `3.5.1`, but not `3.4.0`, `3.4.1`. */
  readonly linesTogether: number
  /** Whether all of them have the same values, and there are at least three. */
  readonly isConstant: boolean
  /** Values that stand beside others at two versions or more. */
  readonly recurring: number
  /** Of a version and the next one, one of which has several values, how many they share, 0 to 1. */
  readonly shared: number
  /** From a version to the next: all values are higher; the lowest is the highest of before; they begin anew; none of these. */
  readonly rises: number
  readonly touches: number
  readonly restarts: number
  readonly falls: number
  /** Steps between versions of one line (`x.y`) at which the values differ. */
  readonly changesInLine: number
  readonly smallest: Value
  readonly largest: Value
  /** Whether the time at which something was built stands in a value. */
  readonly hasTime: boolean
  readonly distinct: number
  /** How many of the distinct values have several numbers. */
  readonly dotted: number
  readonly versions: number
  /** The least value at a version that has several. */
  readonly smallestTogether: Value | undefined
}

type Value = readonly Numeral[]

/** The values of a slot at one version, from the lowest on. */
interface Version {
  readonly core: readonly Numeral[]
  readonly values: readonly Value[]
}

/** The evidence for a slot, in slices; `roles`: those of the slots before it. */
export function* evidenceOf(
  samples: readonly SlotSample[],
  roles: ReadonlyMap<string, Role>,
): Generator<undefined, Evidence> {
  const groups = yield* groupsOf(yield* thinned(samples), roles)
  yield
  const all = groups.flat()
  const together = all.filter(({ values }) => values.length > 1)
  const steps = groups.flatMap(stepsOf)
  const count = (kind: Step['kind']): number => steps.filter(step => step.kind === kind).length
  const values = all.flatMap(version => version.values).toSorted(compareCounts)
  yield
  return {
    together: together.length,
    startLow: together.filter(({ values: [lowest] }) => lowest !== undefined && isLow(lowest)).length,
    linesTogether: together.filter(version => new Set(version.values.map(lineOf)).size > 1).length,
    isConstant: together.length > 2 && together.every(version => textOf(version) === textOf(together[0])),
    recurring: groups.reduce((most, group) => Math.max(most, recurringIn(group)), 0),
    shared: meanOf(groups.flatMap(sharesIn)),
    rises: count('rise'),
    touches: count('touch'),
    restarts: count('restart'),
    falls: count('fall'),
    changesInLine: steps.filter(step => step.isInLine && step.kind !== 'same').length,
    smallest: values[0] ?? [],
    largest: values.at(-1) ?? [],
    hasTime: values.some(hasTime),
    dotted: new Set(values.flatMap(value => (value.length > 1 ? [value.join('.')] : []))).size,
    versions: all.length,
    distinct: new Set(values.map(value => value.join('.'))).size,
    smallestTogether: together.map(({ values: [lowest] }) => lowest ?? []).toSorted(compareCounts)[0],
  }
}

// As many tell what a slot is, and are looked at in a few milliseconds.
const mostSamples = 4_000
const sliceSamples = 1_000

// Of more those of some versions, whichever the order of the list; where a version has most of them, some tags.
function* thinned(samples: readonly SlotSample[]): Generator<undefined, readonly SlotSample[]> {
  if (samples.length <= mostSamples) return samples
  const ofVersions = yield* someOf(samples, ({ sample }) => sample.core.join('.'))
  return ofVersions.length > 0 && ofVersions.length <= 2 * mostSamples
    ? ofVersions
    : yield* someOf(samples, ({ sample }) => sample.parts.map(({ text }) => text).join(''))
}

function* someOf(
  samples: readonly SlotSample[],
  keyOf: (one: SlotSample) => string,
): Generator<undefined, readonly SlotSample[]> {
  const share = Math.ceil(samples.length / mostSamples)
  const some: SlotSample[] = []
  for (const [at, one] of samples.entries()) {
    if (at % sliceSamples === sliceSamples - 1) yield
    if (hashOf(keyOf(one)) % share === 0) some.push(one)
  }
  return some
}

function hashOf(text: string): number {
  let hash = 7
  for (let at = 0; at < text.length; at++) hash = (hash * 31 + text.charCodeAt(at)) % 65_521
  return hash
}

/** Whether a counter may begin with the value: 0 or 1, `1.0` where it has several numbers. */
export function isLow(value: Value): boolean {
  return Number(value[0]) <= 1 && Number(value.at(-1)) <= 1
}

// Where there are only two numbers, each may be a line.
function lineOf(value: Value): string {
  return value.slice(0, 2).join('.')
}

// Alike up to the slot; in each group the versions from the oldest on.
function* groupsOf(
  samples: readonly SlotSample[],
  roles: ReadonlyMap<string, Role>,
): Generator<undefined, readonly (readonly Version[])[]> {
  const groups = new Map<string, Map<string, { core: readonly Numeral[]; values: Map<string, Value> }>>()
  for (const [at, one] of samples.entries()) {
    if (at % sliceSamples === sliceSamples - 1) yield
    const versions = entryOf(groups, contextOf(one, roles), () => new Map<string, never>())
    const { core } = one.sample
    const { values } = entryOf(versions, core.join('.'), () => ({ core, values: new Map<string, Value>() }))
    values.set(one.part.values.join('.'), one.part.values)
  }
  return [...groups.values()].map(versions =>
    [...versions.values()]
      .map(({ core, values }) => ({ core, values: [...values.values()].toSorted(compareCounts) }))
      .toSorted((a, b) => compareCounts(a.core, b.core)),
  )
}

// What stands before the slot, with the numbers of revisions and commits left out.
function contextOf({ sample: { prefix, parts }, at }: SlotSample, roles: ReadonlyMap<string, Role>): string {
  let context = `${neutralPrefix(prefix)} `
  for (const part of parts.slice(0, at)) {
    context += part.kind === 'text' || isHeld(part, roles) ? part.text : '#'
  }
  return context
}

function isHeld(part: Part, roles: ReadonlyMap<string, Role>): boolean {
  if (part.kind !== 'number' || settledRole(part) === 'revision') return false
  const role = roles.get(part.slot)
  return role === 'choice' || role === 'undecided'
}

interface Step {
  readonly kind: 'rise' | 'touch' | 'restart' | 'same' | 'fall'
  readonly isInLine: boolean
}

function stepsOf(versions: readonly Version[]): readonly Step[] {
  return versions.slice(1).map((next, at) => {
    const before = versions[at] ?? next
    const isInLine = before.core[0] === next.core[0] && before.core[1] === next.core[1]
    return { kind: stepOf(before, next), isInLine }
  })
}

function stepOf(before: Version, next: Version): Step['kind'] {
  const [lowest = []] = next.values
  const order = compareCounts(lowest, before.values.at(-1) ?? [])
  if (order > 0) return 'rise'
  if (textOf(before) === textOf(next)) return 'same'
  if (order === 0) return 'touch'
  return isLow(lowest) ? 'restart' : 'fall'
}

function recurringIn(versions: readonly Version[]): number {
  const counts = new Map<string, number>()
  for (const { values } of versions)
    if (values.length > 1)
      for (const value of values) counts.set(value.join('.'), (counts.get(value.join('.')) ?? 0) + 1)
  return [...counts.values()].filter(count => count > 1).length
}

// Runtimes come and go one at a time; of a counter's values few are listed again.
function sharesIn(versions: readonly Version[]): readonly number[] {
  const sets = versions.map(({ values }) => new Set(values.map(value => value.join('.'))))
  return sets.slice(1).flatMap((next, at) => {
    const before = sets[at] ?? next
    if (before.size < 2 && next.size < 2) return []
    return [[...next].filter(value => before.has(value)).length / Math.min(before.size, next.size)]
  })
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(numbers.length, 1)
}

function textOf(version: Version | undefined): string {
  return version?.values.map(value => value.join('.')).join(' ') ?? ''
}
