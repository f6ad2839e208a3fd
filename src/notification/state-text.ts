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

/** The state as one text. */
export function stateText({ memory, lanes }: NotificationState): string {
  return JSON.stringify({ format, memory: [...memory.values()], lanes: [...lanes] })
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
  const memory = listOf(value, 'memory').map(entry => {
    if (!isRemembered(entry)) throw broken('memory')
    return [entry.finding.key, entry] as const
  })
  const lanes = listOf(value, 'lanes').map(entry => {
    if (!isLaneEntry(entry)) throw broken('lanes')
    return entry
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

function isRemembered(value: unknown): value is Remembered {
  const toldAt = field(value, 'toldAt')
  return (
    isFinding(field(value, 'finding')) &&
    typeof field(value, 'firstSeen') === 'number' &&
    (toldAt === undefined || typeof toldAt === 'number')
  )
}

function isLaneEntry(value: unknown): value is readonly [string, Lane] {
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

function isChanges(value: unknown): value is Changes {
  return ['appeared', 'changed', 'resolved', 'failing'].every(kind => {
    const list = field(value, kind)
    return Array.isArray(list) && list.every(isFinding)
  })
}

// Enough to write a message from: we wrote it ourselves, and a later version writes another format.
function isFinding(value: unknown): value is Finding {
  const workload = field(value, 'workload')
  return (
    ['key', 'kind', 'container', 'field', 'image', 'reason'].every(
      name => typeof field(value, name) === 'string',
    ) &&
    ['kind', 'namespace', 'name'].every(name => typeof field(workload, name) === 'string') &&
    typeof field(value, 'behind') === 'number'
  )
}
