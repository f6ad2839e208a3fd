import { noChanges, type Changes } from './changes.ts'
import type { Delivery } from './delivery.ts'
import { lookupKeyOf, type Finding } from './findings.ts'
import { member } from '../json/index.ts'
import type { Memory, Remembered } from './memory.ts'

/** All that has to survive a restart. */
export interface NotificationState {
  readonly memory: Memory
  readonly deliveries: ReadonlyMap<string, Delivery>
  /** Of which Events are still to be written: where a leader ends before, the next one does. */
  readonly unwritten: Changes
}

/** The state of a cluster in which nothing was ever told. */
export const initialState: NotificationState = {
  memory: new Map(),
  deliveries: new Map(),
  unwritten: noChanges,
}

/** The text of a state cannot be used. */
export class StateTextError extends Error {
  override readonly name = 'StateTextError'
}

const format = 1

/**
 * The state as one text. Each finding stands in it once, and what speaks of it gives its place: after an outage a finding
 * waits in as many deliveries as there are channels, and with 20,000 of them the store would be full.
 */
export function encodeState({ memory, deliveries, unwritten }: NotificationState): string {
  const { findings, placeOf } = createTable()
  const placed = {
    memory: [...memory.values()].map(one => ({ ...one, finding: placeOf(one.finding) })),
    // Its name in the stored format.
    lanes: [...deliveries].map(([key, delivery]) => [
      key,
      { ...delivery, pending: changesOf(delivery.pending, placeOf) },
    ]),
    events: changesOf(unwritten, placeOf),
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

// A state of a version that knew no removed workloads, or no emergencies, has no list of them.
type Late = 'removed' | 'emergencies'
type ListsOf<Item> = Readonly<Record<Exclude<keyof Changes, Late>, readonly Item[]>> &
  Readonly<Partial<Record<Late, readonly Item[]>>>

function changesOf<From, To>(
  changes: ListsOf<From>,
  made: (one: From) => To,
): Record<keyof Changes, readonly To[]> {
  const { appeared, changed, resolved, removed = [], failing, emergencies = [] } = changes
  return {
    appeared: appeared.map(made),
    changed: changed.map(made),
    resolved: resolved.map(made),
    removed: removed.map(made),
    failing: failing.map(made),
    emergencies: emergencies.map(made),
  }
}

/**
 * The state of a text that {@link encodeState} gave.
 * @throws StateTextError where it is another text: nothing may be told then, or all would be told again.
 */
export function decodeState(text: string): NotificationState {
  const value = parsed(text)
  if (member(value, 'format') !== format)
    throw new StateTextError(
      `the state of notifications has format ${JSON.stringify(member(value, 'format'))}, not ${format}`,
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
  const deliveries = listOf(value, 'lanes').map((entry): [string, Delivery] => {
    if (!isDeliveryEntry(entry)) throw broken('lanes')
    const [key, delivery] = entry
    return [key, { ...delivery, pending: changesOf(delivery.pending, at) }]
  })
  // A state of a version that kept no Events has none.
  const events = member(value, 'events') ?? noChanges
  if (!isChanges(events)) throw broken('events')
  return {
    memory: new Map(memory),
    deliveries: new Map(deliveries),
    unwritten: changesOf(events, at),
  }
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
  const list = member(value, name)
  if (!Array.isArray(list)) throw broken(name)
  return list
}

// As they stand in the text, where a finding is its place among the findings.
type PlacedMemory = Omit<Remembered, 'finding'> & { readonly finding: number }
type PlacedChanges = ListsOf<number>
type PlacedLane = Omit<Delivery, 'pending'> & { readonly pending: PlacedChanges }

function isRemembered(value: unknown): value is PlacedMemory {
  const toldAt = member(value, 'toldAt')
  return (
    typeof member(value, 'finding') === 'number' &&
    typeof member(value, 'firstSeen') === 'number' &&
    (toldAt === undefined || typeof toldAt === 'number')
  )
}

function isDeliveryEntry(value: unknown): value is readonly [string, PlacedLane] {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false
  const delivery: unknown = value[1]
  const deliveredAt = member(delivery, 'deliveredAt')
  return (
    isChanges(member(delivery, 'pending')) &&
    typeof member(delivery, 'first') === 'boolean' &&
    typeof member(delivery, 'attempts') === 'number' &&
    typeof member(delivery, 'retryAt') === 'number' &&
    (deliveredAt === undefined || typeof deliveredAt === 'number')
  )
}

function isChanges(value: unknown): value is PlacedChanges {
  const lists = ['appeared', 'changed', 'resolved', 'failing'].map(kind => member(value, kind))
  const late = ['removed', 'emergencies'].map(kind => member(value, kind) ?? [])
  return [...lists, ...late].every(
    list => Array.isArray(list) && list.every(place => typeof place === 'number'),
  )
}

// Earlier states do not say how far in words, and in them a container had one finding, which the image and its lookups shared.
type StoredFinding = Omit<Finding, 'distance'> & Partial<Pick<Finding, 'distance'>>

function whole(finding: StoredFinding): Finding {
  const distance = `${finding.behind} ${finding.behind === 1 ? 'version' : 'versions'}`
  const key = finding.kind === 'failing' ? lookupKeyOf(finding) : finding.key
  return { distance, ...finding, key }
}

// Enough to write a message from: we wrote it ourselves, and a later version writes another format.
function isFinding(value: unknown): value is StoredFinding {
  const workload = member(value, 'workload')
  return (
    ['key', 'kind', 'container', 'field', 'image', 'reason'].every(
      name => typeof member(value, name) === 'string',
    ) &&
    ['kind', 'namespace', 'name'].every(name => typeof member(workload, name) === 'string') &&
    typeof member(value, 'behind') === 'number' &&
    (member(value, 'kind') !== 'emergency' || isEmergency(member(value, 'emergency')))
  )
}

function isEmergency(value: unknown): boolean {
  const channel = member(value, 'channel')
  return (
    ['policy', 'reason'].every(name => typeof member(value, name) === 'string') &&
    (channel === undefined || typeof channel === 'string')
  )
}
