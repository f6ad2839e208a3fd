import type { Finding } from './finding.ts'
import type { Memory, Changes, Remembered } from './state.ts'

/** What is kept for one channel of one route. Times in epoch milliseconds. */
export interface Lane {
  /** To be delivered. */
  readonly pending: Changes
  /** Whether the pending message is the first one ever. */
  readonly first: boolean
  /** Failed attempts at the pending message. */
  readonly attempts: number
  /** Not to be tried before. */
  readonly retryAt: number
  /** When something was last delivered; undefined: never. */
  readonly deliveredAt: number | undefined
}

/** All that has to survive a restart. */
export interface NotificationState {
  readonly memory: Memory
  readonly lanes: ReadonlyMap<string, Lane>
}

/** The state of a cluster in which nothing was ever told. */
export const initialState: NotificationState = { memory: new Map(), lanes: new Map() }

/** The text of a state cannot be used. */
export class StateTextError extends Error {
  override readonly name = 'StateTextError'
}

const format = 1

/**
 * The state as one text. Each finding stands in it once, and what speaks of it gives its place: after an outage a finding
 * waits in as many lanes as there are channels, and with 20,000 of them the store would be full.
 */
export function stateText({ memory, lanes }: NotificationState): string {
  const { findings, placeOf } = createTable()
  const placed = {
    memory: [...memory.values()].map(one => ({ ...one, finding: placeOf(one.finding) })),
    lanes: [...lanes].map(([key, lane]) => [key, { ...lane, pending: changesOf(lane.pending, placeOf) }]),
  }
  return JSON.stringify({ format, findings, ...placed })
}

function createTable() {
  const findings: Finding[] = []
  // Mostly it is the very same; what waits since an earlier cycle only says the same.
  const places = new Map<Finding | string, number>()
  const placeOf = (finding: Finding): number => {
    const known = places.get(finding)
    if (known !== undefined) return known
    const text = JSON.stringify(finding)
    const place = places.get(text) ?? findings.push(finding) - 1
    places.set(finding, place).set(text, place)
    return place
  }
  return { findings, placeOf }
}

// A state of a version that knew no removed workloads has no list of them.
type ListsOf<Item> = Readonly<Record<Exclude<keyof Changes, 'removed'>, readonly Item[]>> & {
  readonly removed?: readonly Item[]
}

function changesOf<From, To>(
  changes: ListsOf<From>,
  made: (one: From) => To,
): Record<keyof Changes, readonly To[]> {
  const { appeared, changed, resolved, removed = [], failing } = changes
  return {
    appeared: appeared.map(made),
    changed: changed.map(made),
    resolved: resolved.map(made),
    removed: removed.map(made),
    failing: failing.map(made),
  }
}

/**
 * The state of a text that {@link stateText} gave.
 * @throws StateTextError where it is another text: nothing may be told then, or all would be told again.
 */
export function readState(text: string): NotificationState {
  const value = parsed(text)
  if (field(value, 'format') !== format)
    throw new StateTextError(
      `the state of notifications has format ${JSON.stringify(field(value, 'format'))}, not ${format}`,
    )
  const findings = listOf(value, 'findings').map(entry => {
    if (!isFinding(entry)) throw broken('findings')
    return whole(entry)
  })
  const at = (place: number): Finding => {
    const finding = findings[place]
    if (finding === undefined) throw broken('places')
    return finding
  }
  const memory = listOf(value, 'memory').map((entry): [string, Remembered] => {
    if (!isRemembered(entry)) throw broken('memory')
    const finding = at(entry.finding)
    return [finding.key, { ...entry, finding }]
  })
  const lanes = listOf(value, 'lanes').map((entry): [string, Lane] => {
    if (!isLaneEntry(entry)) throw broken('lanes')
    const [key, lane] = entry
    return [key, { ...lane, pending: changesOf(lane.pending, at) }]
  })
  return { memory: new Map(memory), lanes: new Map(lanes) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new StateTextError('the state of notifications is not JSON', { cause: error })
  }
}

function broken(what: string): StateTextError {
  return new StateTextError(`the state of notifications has something strange in its ${what}`)
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name)
  if (!Array.isArray(list)) throw broken(name)
  return list
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.getOwnPropertyDescriptor(value, name)?.value
}

// As they stand in the text, where a finding is its place among the findings.
type PlacedMemory = Omit<Remembered, 'finding'> & { readonly finding: number }
type PlacedChanges = ListsOf<number>
type PlacedLane = Omit<Lane, 'pending'> & { readonly pending: PlacedChanges }

function isRemembered(value: unknown): value is PlacedMemory {
  const toldAt = field(value, 'toldAt')
  return (
    typeof field(value, 'finding') === 'number' &&
    typeof field(value, 'firstSeen') === 'number' &&
    (toldAt === undefined || typeof toldAt === 'number')
  )
}

function isLaneEntry(value: unknown): value is readonly [string, PlacedLane] {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false
  const lane: unknown = value[1]
  const deliveredAt = field(lane, 'deliveredAt')
  return (
    isChanges(field(lane, 'pending')) &&
    typeof field(lane, 'first') === 'boolean' &&
    typeof field(lane, 'attempts') === 'number' &&
    typeof field(lane, 'retryAt') === 'number' &&
    (deliveredAt === undefined || typeof deliveredAt === 'number')
  )
}

function isChanges(value: unknown): value is PlacedChanges {
  const lists = ['appeared', 'changed', 'resolved', 'failing'].map(kind => field(value, kind))
  return [...lists, field(value, 'removed') ?? []].every(
    list => Array.isArray(list) && list.every(place => typeof place === 'number'),
  )
}

// Earlier states do not say how far in words.
type StoredFinding = Omit<Finding, 'distance'> & Partial<Pick<Finding, 'distance'>>

function whole(finding: StoredFinding): Finding {
  return { distance: `${finding.behind} ${finding.behind === 1 ? 'version' : 'versions'}`, ...finding }
}

// Enough to write a message from: we wrote it ourselves, and a later version writes another format.
function isFinding(value: unknown): value is StoredFinding {
  const workload = field(value, 'workload')
  return (
    ['key', 'kind', 'container', 'field', 'image', 'reason'].every(
      name => typeof field(value, name) === 'string',
    ) &&
    ['kind', 'namespace', 'name'].every(name => typeof field(workload, name) === 'string') &&
    typeof field(value, 'behind') === 'number'
  )
}
