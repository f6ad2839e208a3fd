import t from 'tap'
import type { Test } from 'tap'
import { KubernetesError } from '../../../src/kubernetes/index.ts'
import type { LeaderTiming } from '../../../src/kubernetes/leader/election.ts'
import { createElection, type Leader, type LeaderWork } from '../../../src/kubernetes/leader/leader.ts'
import type { HeldLease, LeaseStore } from '../../../src/kubernetes/leader/lease.ts'
import { virtualTime } from '../../support/virtual-time.ts'

const timing: LeaderTiming = {
  leaseDuration: 15_000,
  renewDeadline: 10_000,
  retryPeriod: 2_000,
  lookPeriod: 1_000,
  answerLimit: 4_000,
  workEndLimit: 1_500,
  releaseLimit: 1_000,
}
const start = Date.UTC(2026, 0, 1)

/** A Lease in memory with the API server's rules; `broken` stands for a way that is cut. */
function memoryLease() {
  let lease: HeldLease | undefined
  let version = 0
  const writes: { readonly holder: string; readonly at: number }[] = []
  const put = (next: HeldLease['record']): HeldLease => {
    lease = { record: next, resourceVersion: String(++version) }
    writes.push({ holder: next.holder, at: Date.now() - start })
    return lease
  }
  const storeOf = (): LeaseStore & { broken: boolean } => {
    const store = {
      broken: false,
      async read() {
        check(store)
        return lease
      },
      async create(record: HeldLease['record']) {
        check(store)
        if (lease !== undefined) throw failure('conflict')
        return put(record)
      },
      async update({ record, resourceVersion }: HeldLease) {
        check(store)
        if (lease === undefined) throw failure('not-found')
        if (lease.resourceVersion !== resourceVersion) throw failure('conflict')
        return put(record)
      },
    }
    return store
  }
  return {
    storeOf,
    writes,
    get record() {
      return lease?.record
    },
    put,
    remove: () => void (lease = undefined),
  }
}

const failure = (code: KubernetesError['code']) => new KubernetesError(code, { what: 'the lease', why: code })
const check = ({ broken }: { readonly broken: boolean }): void => {
  if (broken) throw failure('unavailable')
}

interface Candidate extends Leader {
  readonly store: LeaseStore & { broken: boolean }
  readonly log: string[]
  /** Added to both clocks of this process alone: it slept for so long. */
  slept: number
}

function candidate(
  t: Test,
  lease: ReturnType<typeof memoryLease>,
  { identity, ...work }: Partial<LeaderWork>,
): Candidate {
  const store = lease.storeOf()
  const log: string[] = []
  const note = (what: string) => log.push(`${Date.now() - start} ${what}`)
  const own = { slept: 0 }
  const clock = { wall: () => Date.now() + own.slept, monotonic: () => Date.now() - start + own.slept }
  const leader = createElection({
    store,
    identity: identity ?? 'a',
    clock,
    random: () => 0,
    timing,
    onProblem: problem => void note(problem instanceof KubernetesError ? problem.code : String(problem)),
    onLost: () => void note('lost'),
    onElected: async signal => {
      note('elected')
      await new Promise(resolve => signal.addEventListener('abort', resolve))
      note('aborted')
    },
    ...work,
  })
  t.teardown(() => leader.close())
  return Object.assign(own, leader, { store, log })
}

t.test('one is elected, and renews each retry period', async t => {
  const time = virtualTime(t, start)
  const lease = memoryLease()
  const one = candidate(t, lease, { identity: 'a' })
  const other = candidate(t, lease, { identity: 'b' })
  t.notOk(one.mayWrite(), 'not before it is elected')
  one.start()
  await time.advance(10)
  other.start()
  await time.advance(60_000)
  t.strictSame([one.log, other.log], [['0 elected'], []])
  t.strictSame([one.mayWrite(), other.mayWrite()], [true, false])
  t.equal(lease.writes.length, 31)
  t.match(lease.record, { holder: 'a', durationSeconds: 15, transitions: 0 })
  t.equal(lease.record?.acquireTime, '2026-01-01T00:00:00.000000Z')
  t.match(lease.record?.renewTime, /^2026-01-01T00:0[01]:\d\d\.\d{3}000Z$/)
  const closing = one.close()
  await time.advance(5)
  await closing
  await other.close()
})

t.test('one that is killed is replaced within 17 seconds', async t => {
  const time = virtualTime(t, start)
  const lease = memoryLease()
  // As one leaves it that renewed just now and was killed.
  lease.put({ holder: 'dead', durationSeconds: 15, acquireTime: 'x', renewTime: 'y', transitions: 4 })
  const one = candidate(t, lease, {})
  one.start()
  await time.advance(14_900)
  t.strictSame(one.log, [])
  await time.advance(200)
  t.strictSame(one.log, ['15000 elected'])
  t.match(lease.record, { holder: 'a', transitions: 5 })
  await one.close()
})

t.test('a lease counts from when it was seen to change, whatever its times say', async t => {
  const time = virtualTime(t, start)
  const lease = memoryLease()
  const other = { holder: 'b', durationSeconds: 15, acquireTime: 'x', transitions: 0 }
  lease.put({ ...other, renewTime: '1999-01-01T00:00:00.000000Z' })
  const one = candidate(t, lease, {})
  one.start()
  await time.advance(10_000)
  lease.put({ ...other, renewTime: '1999-01-01T00:00:02.000000Z' })
  await time.advance(15_000)
  t.strictSame(one.log, [])
  await time.advance(1_100)
  t.equal(one.log.length, 1)
  await one.close()
})

t.test('work ends 10 seconds after the last renewal, before the lease is free', async t => {
  const time = virtualTime(t, start)
  const lease = memoryLease()
  const one = candidate(t, lease, { identity: 'a' })
  const other = candidate(t, lease, { identity: 'b' })
  one.start()
  await time.advance(5)
  other.start()
  await time.advance(3_000)
  const last = lease.writes.at(-1)?.at ?? 0
  one.store.broken = true
  await time.advance(30_000)
  const [, problem, aborted] = one.log
  t.match(problem, /unavailable$/, 'said once')
  t.equal(aborted, `${last + 10_000} aborted`)
  t.match(other.log, [/^1[78]\d{3} elected$/])
  t.notOk(one.mayWrite())
  one.store.broken = false
  await time.advance(5_000)
  t.equal(lease.record?.holder, 'b')
  const closing = [one.close(), other.close()]
  await time.advance(3_000)
  await Promise.all(closing)
})

t.test('one that slept through its deadline may not write, before any timer says so', async t => {
  const time = virtualTime(t, start)
  const lease = memoryLease()
  const one = candidate(t, lease, {})
  one.start()
  await time.advance(100)
  t.ok(one.mayWrite())
  one.slept = 9_500
  t.ok(one.mayWrite())
  one.slept = 10_000
  t.notOk(one.mayWrite())
  one.slept = 0
  t.notOk(one.mayWrite(), 'once over, a term stays over')
  await time.advance(5)
  t.match(one.log, ['0 elected', '100 aborted', /lost/])
  await one.close()
})

t.test('a lease that another took is lost at once', async t => {
  const time = virtualTime(t, start)
  const lease = memoryLease()
  const one = candidate(t, lease, {})
  one.start()
  await time.advance(100)
  lease.put({ holder: 'b', durationSeconds: 15, acquireTime: 'x', renewTime: 'y', transitions: 1 })
  await time.advance(2_000)
  t.strictSame(one.log, ['0 elected', '2000 aborted', '2000 lost'])
  t.equal(lease.record?.holder, 'b')
  await one.close()
})

t.test('a change of the object by another writer, or its removal, does not end a term', async t => {
  const time = virtualTime(t, start)
  const lease = memoryLease()
  const one = candidate(t, lease, {})
  one.start()
  await time.advance(100)
  if (lease.record !== undefined) lease.put(lease.record)
  await time.advance(5_000)
  lease.remove()
  await time.advance(5_000)
  t.strictSame(one.log, ['0 elected'])
  t.ok(one.mayWrite())
  t.equal(lease.record?.holder, 'a')
  const closing = one.close()
  await time.advance(5)
  await closing
  t.match(lease.record, { holder: '', durationSeconds: 1 }, 'given back')
})

t.test('the end waits for work a moment, and not for ever', async t => {
  const time = virtualTime(t, start)
  const lease = memoryLease()
  const one = candidate(t, lease, { onElected: () => new Promise(() => {}) })
  one.start()
  await time.advance(100)
  let closed = false
  const closing = one.close().then(() => (closed = true))
  await time.advance(1_400)
  t.strictSame([lease.record?.holder, one.mayWrite()], ['a', false])
  await time.advance(200)
  t.equal(lease.record?.holder, '')
  t.ok(closed)
  await closing
})

t.test('work that rejects or ends gives the lease back, and is begun again later', async t => {
  const time = virtualTime(t, start)
  const lease = memoryLease()
  const one = candidate(t, lease, { onElected: () => Promise.reject(new Error('broken')) })
  one.start()
  await time.advance(1_000)
  t.match(one.log, ['0 Error: broken', /lost/])
  t.equal(lease.record?.holder, '')
  await time.advance(2_000)
  t.equal(one.log.length, 4)
  await one.close()
})

t.test('no new term begins beside old work', async t => {
  const time = virtualTime(t, start)
  const lease = memoryLease()
  const ends: (() => void)[] = []
  const terms: AbortSignal[] = []
  const one = candidate(t, lease, {
    onElected: signal => {
      terms.push(signal)
      return new Promise(resolve => void ends.push(resolve))
    },
  })
  one.start()
  await time.advance(100)
  one.slept = 20_000
  await time.advance(30_000)
  t.strictSame([terms.length, lease.record?.holder], [1, ''])
  for (const end of ends) end()
  await time.advance(3_000)
  t.equal(terms.length, 2)
  const closing = one.close()
  for (const end of ends) end()
  await time.advance(5)
  await closing
})
