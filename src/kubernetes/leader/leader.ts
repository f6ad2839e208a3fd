import { KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'
import {
  campaign,
  createTerm,
  jittered,
  momentOf,
  pause,
  repeatless,
  type Campaign,
  type LeaderClock,
  type LeaderTiming,
  type Term,
} from './election.ts'
import { createLeaseStore, microTime, type HeldLease, type LeasePlace } from './lease.ts'

/** The work of a leader, and what is called as it goes. */
export interface LeaderWork {
  /** Different for each process and each of its starts: the pod's name alone is not. */
  readonly identity: string
  /**
   * Does what only a leader may do, until the signal aborts; that happens before the lease can be another's. If it ends
   * before, or rejects, the lease is given back and campaigned for again.
   */
  readonly onElected: (signal: AbortSignal) => Promise<void>
  /** The term is over and its work has ended. */
  readonly onLost: () => void
  /** Called where the API server cannot be asked, or the work rejected: once until it is something else. */
  readonly onProblem: (problem: unknown) => void
}

/** Which Lease to campaign for, and what to do with it. */
export interface LeaderOptions extends LeasePlace, LeaderWork {
  readonly timing?: Partial<LeaderTiming>
}

/** A member of an election among several processes, of which one at a time leads. */
export interface Leader {
  /** Campaigns from now on. */
  start(): void
  /** Whether this process leads, by the clock: to be called before each write, with the connection made. */
  mayWrite(): boolean
  /** Ends the work and gives the lease back, within three seconds. */
  close(): Promise<void>
}

/** Creates a leader election by a Lease of coordination.k8s.io, as client-go does: clocks of other machines are never compared with ours. */
export function createLeader(options: LeaderOptions): Leader {
  return createElection({
    ...options,
    store: createLeaseStore(options),
    clock: systemClock,
    random: Math.random,
    timing: { ...defaultTiming, ...options.timing },
  })
}

const systemClock: LeaderClock = { wall: () => Date.now(), monotonic: () => performance.now() }

const defaultTiming: LeaderTiming = {
  // client-go's defaults.
  leaseDuration: 15_000,
  renewDeadline: 10_000,
  retryPeriod: 2_000,
  // One GET a second. With it a leader that was killed is replaced in 16 seconds: a look after its last renewal, and
  // the lease.
  lookPeriod: 1_000,
  answerLimit: 4_000,
  workEndLimit: 1_500,
  releaseLimit: 1_000,
}

/** Creates a leader election with the lease and the clock as arguments. */
export function createElection(options: Campaign & LeaderWork): Leader {
  const closing = new AbortController()
  let term: Term | undefined
  let running: Promise<void> | undefined
  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      // oxlint-disable eslint/no-await-in-loop -- one term after the other
      const won = await campaign(options, closing.signal)
      if (won === undefined) return
      const { clock, timing } = options
      term = createTerm(won, { clock, renewDeadline: timing.renewDeadline })
      await serve(term, options, closing.signal)
      options.onLost()
      // Work that ends at once must not make the lease change as fast as the API server answers.
      await pause(timing.retryPeriod, closing.signal)
      // oxlint-enable eslint/no-await-in-loop
    }
  }
  return {
    start: () => void (running ??= run()),
    mayWrite: () => term?.mayWrite() ?? false,
    async close() {
      closing.abort()
      term?.end()
      await running
    },
  }
}

async function serve(term: Term, options: Campaign & LeaderWork, closing: AbortSignal): Promise<void> {
  const end = (): void => term.end()
  // Closed while the lease was being taken.
  if (closing.aborted) end()
  closing.addEventListener('abort', end, { once: true })
  const work = workOf(term, options)
  const isOurs = await renewUntilOver(term, options)
  term.end()
  closing.removeEventListener('abort', end)
  if (isOurs) {
    await endOf(work, options.timing.workEndLimit)
    // Also where the work goes on: nothing is written any more.
    await release(term.lease, options)
  }
  // But no new term begins beside old work.
  await endOf(work, longestTimer, closing)
}

async function workOf(term: Term, { onElected, onProblem }: LeaderWork): Promise<void> {
  try {
    if (!term.signal.aborted) await onElected(term.signal)
  } catch (error) {
    // What an abort makes of the work is no problem.
    if (!term.signal.aborted) onProblem(error)
  } finally {
    term.end()
  }
}

/** True where the lease was still ours at the end. */
async function renewUntilOver(term: Term, options: Campaign): Promise<boolean> {
  const { timing, random, clock } = options
  const problems = repeatless(options.onProblem)
  for (;;) {
    // oxlint-disable eslint/no-await-in-loop -- one renewal after the other
    await pause(jittered(timing.retryPeriod, random), term.signal)
    if (!term.mayWrite()) return true
    const begun = momentOf(clock)
    try {
      const lease = await renew(term.lease, options, withTimeout(term.signal, timing.answerLimit))
      if (lease === undefined) return false
      term.renewed(lease, begun)
      problems.passed()
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error
      if (!term.signal.aborted) problems.happened(error)
    }
    // oxlint-enable eslint/no-await-in-loop
  }
}

/** The renewed lease; undefined where another process holds it. */
async function renew(
  lease: HeldLease,
  options: Campaign,
  signal: AbortSignal,
): Promise<HeldLease | undefined> {
  const renewTime = microTime(options.clock.wall())
  return write({ ...lease, record: { ...lease.record, renewTime } }, options, signal)
}

async function write(
  lease: HeldLease,
  { store, identity }: Campaign,
  signal: AbortSignal,
): Promise<HeldLease | undefined> {
  try {
    return await store.update(lease, signal)
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error
    if (error.code === 'not-found') return store.create(lease.record, signal)
    if (error.code !== 'conflict') throw error
    // Our own earlier write, whose response was lost, or a label that was added; or else another leader.
    const now = await store.read(signal)
    if (now?.record.holder !== identity) return undefined
    return store.update({ record: lease.record, resourceVersion: now.resourceVersion }, signal)
  }
}

async function release({ record, resourceVersion }: HeldLease, options: Campaign): Promise<void> {
  const now = microTime(options.clock.wall())
  // As client-go writes it: without a holder, and for a second.
  const given = { ...record, holder: '', durationSeconds: 1, acquireTime: now, renewTime: now }
  try {
    const signal = AbortSignal.timeout(options.timing.releaseLimit)
    await write({ record: given, resourceVersion }, options, signal)
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error
    // Then it runs out by itself.
    if (error.code !== 'conflict') options.onProblem(error)
  }
}

/** The longest delay of setTimeout; milliseconds. */
const longestTimer = 2_147_483_647

/** Resolves when the work has ended, or it has been waited for long enough. */
async function endOf(work: Promise<void>, limit: number, signal?: AbortSignal): Promise<void> {
  const enough = new AbortController()
  const either = signal === undefined ? enough.signal : AbortSignal.any([enough.signal, signal])
  await Promise.race([work, pause(limit, either)])
  enough.abort()
}
