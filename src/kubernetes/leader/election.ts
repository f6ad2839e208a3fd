import { KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'
import { microTime, type HeldLease, type LeaseRecord, type LeaseStore } from './lease.ts'

/** The time limits of an election, in milliseconds. */
export interface LeaderTiming {
  /** After so long without a renewal another process may take the lease. */
  readonly leaseDuration: number
  /** After so long without a renewal the leader stops; what is between the two is for requests under way. */
  readonly renewDeadline: number
  /** Between two renewals, and after a failure. */
  readonly retryPeriod: number
  /** Between two looks of a process that waits. */
  readonly lookPeriod: number
  /** For one request: within the renew deadline there is time for a second one. */
  readonly answerLimit: number
  /** How long the end waits for the work. */
  readonly workEndLimit: number
  /** How long the end waits for giving the lease back. */
  readonly releaseLimit: number
}

/** What a process needs to campaign for a lease. */
export interface Campaign {
  readonly store: LeaseStore
  readonly identity: string
  readonly clock: LeaderClock
  readonly random: () => number
  readonly timing: LeaderTiming
  /** Called for a failure, once until it is another or has passed. */
  readonly onProblem: (problem: unknown) => void
}

/** A lease that this process holds, by a write begun at that moment. */
export interface Won {
  readonly lease: HeldLease
  readonly begun: Moment
}

/** The moment now. */
export function momentOf({ wall, monotonic }: LeaderClock): Moment {
  return { wall: wall(), monotonic: monotonic() }
}

/** Polls the lease until it can be taken, and takes it. Undefined where the signal aborted. */
export async function campaign(options: Campaign, signal: AbortSignal): Promise<Won | undefined> {
  let seen: Seen | undefined
  const problems = repeatless(options.onProblem)
  while (!signal.aborted) {
    let wait = jittered(options.timing.lookPeriod, options.random)
    // oxlint-disable eslint/no-await-in-loop -- one look after the other
    try {
      const lease = await options.store.read(withTimeout(signal, options.timing.answerLimit))
      seen = observed(seen, lease, options)
      const left = seen === undefined ? 0 : remainingOf(seen, options)
      if (left <= 0) return await take(lease, options, signal)
      // Not a look later than it is free: a leader that was killed is to be replaced soon.
      wait = Math.min(wait, left)
      problems.passed()
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error
      if (signal.aborted) return undefined
      // In a conflict another process was quicker, which is no problem.
      if (error.code !== 'conflict') {
        problems.happened(error)
        wait = jittered(options.timing.retryPeriod, options.random)
      }
    }
    await pause(wait, signal)
    // oxlint-enable eslint/no-await-in-loop
  }
  return undefined
}

/** A lease as last seen, and since when it has looked so by our own monotonic clock: the clocks of other machines are not used. */
interface Seen {
  readonly record: LeaseRecord
  readonly since: number
}

function observed(
  seen: Seen | undefined,
  lease: HeldLease | undefined,
  { clock }: Campaign,
): Seen | undefined {
  if (lease === undefined) return undefined
  const isSame = seen !== undefined && JSON.stringify(seen.record) === JSON.stringify(lease.record)
  return isSame ? seen : { record: lease.record, since: clock.monotonic() }
}

function remainingOf({ record, since }: Seen, { identity, clock, timing }: Campaign): number {
  if (record.holder === '' || record.holder === identity) return 0
  const duration = record.durationSeconds > 0 ? record.durationSeconds * 1000 : timing.leaseDuration
  return since + duration - clock.monotonic()
}

async function take(
  lease: HeldLease | undefined,
  { store, identity, clock, timing }: Campaign,
  signal: AbortSignal,
): Promise<Won> {
  const begun = momentOf(clock)
  const renewTime = microTime(begun.wall)
  const ours = { holder: identity, durationSeconds: timing.leaseDuration / 1000, renewTime }
  const limit = withTimeout(signal, timing.answerLimit)
  if (lease === undefined) {
    const record = { ...ours, acquireTime: renewTime, transitions: 0 }
    return { lease: await store.create(record, limit), begun }
  }
  const { record: before, resourceVersion } = lease
  const isOurs = before.holder === identity
  const record = {
    ...ours,
    acquireTime: isOurs && before.acquireTime !== '' ? before.acquireTime : renewTime,
    transitions: before.transitions + (isOurs ? 0 : 1),
  }
  return { lease: await store.update({ record, resourceVersion }, limit), begun }
}

/** Creates a reporter that reports a failure that repeats once, until it passes or is another. */
export function repeatless(onProblem: Campaign['onProblem']) {
  let last = ''
  return {
    happened(problem: Error): void {
      if (problem.message !== last) onProblem(problem)
      last = problem.message
    },
    passed: (): void => void (last = ''),
  }
}

/** Up to a quarter shorter, so that replicas which started together do not ask together. Never longer: deadlines count on it. */
export function jittered(milliseconds: number, random: () => number): number {
  return milliseconds * (1 - random() / 4)
}

/** Resolves after so many milliseconds, or when the signal aborts. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) return Promise.resolve()
  const done = (): void => {
    clearTimeout(timer)
    signal.removeEventListener('abort', done)
    resolve()
  }
  const timer = setTimeout(done, milliseconds)
  signal.addEventListener('abort', done, { once: true })
  return promise
}

/** The two clocks of a machine, in milliseconds. */
export interface LeaderClock {
  /** Of the epoch. */
  readonly wall: () => number
  /** Never set back. */
  readonly monotonic: () => number
}

/** One moment by both clocks. */
export interface Moment {
  readonly wall: number
  readonly monotonic: number
}

/** The time between the election of a leader and the loss of its lease. */
export interface Term {
  /** Aborted when it is over. */
  readonly signal: AbortSignal
  readonly lease: HeldLease
  /** Whether the term lasts still. Reads the clock, not a timer: a process that was stopped learns of it here first. */
  mayWrite(): boolean
  /** Records a renewal that was begun at that moment and succeeded. */
  renewed(lease: HeldLease, begun: Moment): void
  end(): void
}

/** Creates a term that ends by itself `renewDeadline` milliseconds after the beginning of its last renewal. */
export function createTerm(
  first: { readonly lease: HeldLease; readonly begun: Moment },
  { clock, renewDeadline }: { readonly clock: LeaderClock; readonly renewDeadline: number },
): Term {
  const ending = new AbortController()
  let { lease, begun } = first
  const end = (): void => {
    clearTimeout(timer)
    ending.abort()
  }
  // The monotonic clock stands still while a machine is suspended, the other one may be set: what says more counts.
  const elapsed = (): number => Math.max(clock.monotonic() - begun.monotonic, clock.wall() - begun.wall)
  const arm = (): NodeJS.Timeout => setTimeout(end, Math.max(0, renewDeadline - elapsed()))
  let timer = arm()
  return {
    signal: ending.signal,
    get lease() {
      return lease
    },
    mayWrite() {
      if (!ending.signal.aborted && elapsed() >= renewDeadline) end()
      return !ending.signal.aborted
    },
    renewed(next, at) {
      if (ending.signal.aborted) return
      lease = next
      begun = at
      clearTimeout(timer)
      timer = arm()
    },
    end,
  }
}
