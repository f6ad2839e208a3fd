import { KubernetesError } from '../api/kubernetes-error.ts'
import { microTime, type HeldLease, type LeaseRecord } from './lease.ts'
import type { LeaseStore } from './lease-store.ts'
import type { LeaderClock, Moment } from './leader-term.ts'

/** Every time that an election keeps, in milliseconds. */
export interface LeaderTiming {
  /** After so long without a renewal the lease is anybody's. */
  readonly leaseDuration: number
  /** After so long without a renewal the leader stops; what is between the two is for requests under way. */
  readonly renewDeadline: number
  /** Between two renewals, and after a failure. */
  readonly retryPeriod: number
  /** Between two looks of one who waits. */
  readonly lookPeriod: number
  /** For one request: within the renew deadline there is time for a second one. */
  readonly answerLimit: number
  /** How long the end waits for the work. */
  readonly workEndLimit: number
  /** How long the end waits for giving the lease back. */
  readonly releaseLimit: number
}

/** What an election is made of. */
export interface Campaign {
  readonly store: LeaseStore
  readonly identity: string
  readonly clock: LeaderClock
  readonly random: () => number
  readonly timing: LeaderTiming
  /** A failure, once until it is another or has passed. */
  readonly onProblem: (problem: unknown) => void
}

/** A lease that is ours, by a write begun at that moment. */
export interface Won {
  readonly lease: HeldLease
  readonly begun: Moment
}

/** The moment now. */
export function momentOf({ wall, monotonic }: LeaderClock): Moment {
  return { wall: wall(), monotonic: monotonic() }
}

/** Looks at the lease until it can be had, and takes it. Undefined where the signal ended it. */
export async function campaign(options: Campaign, signal: AbortSignal): Promise<Won | undefined> {
  let seen: Seen | undefined
  const problems = repeatless(options.onProblem)
  while (!signal.aborted) {
    let wait = jittered(options.timing.lookPeriod, options.random)
    // oxlint-disable eslint/no-await-in-loop -- one look after the other
    try {
      const lease = await options.store.read(limited(signal, options.timing))
      seen = observed(seen, lease, options)
      const left = seen === undefined ? 0 : remainingOf(seen, options)
      if (left <= 0) return await take(lease, options, signal)
      // Not a look later than it is free: a leader that was killed is to be replaced soon.
      wait = Math.min(wait, left)
      problems.passed()
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error
      if (signal.aborted) return undefined
      // In a conflict another one was quicker, which is no problem.
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

/** A lease as last seen, and since when it has looked so by our own monotonic clock: clocks of others are not compared with. */
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
  const limit = limited(signal, timing)
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

/** Tells of a failure that repeats once, until it passes or is another. */
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

/** The signal, with the time limit of one request. */
export function limited(signal: AbortSignal, { answerLimit }: LeaderTiming): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(answerLimit)])
}

/** Up to a quarter shorter, so that replicas which started together do not ask together. Never longer: deadlines count on it. */
export function jittered(milliseconds: number, random: () => number): number {
  return milliseconds * (1 - random() / 4)
}

/** Resolves after so long, or when the signal aborts. */
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
