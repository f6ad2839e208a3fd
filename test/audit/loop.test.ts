import t from 'tap'
import { auditLoop, type LoopParts } from '../../src/audit/index.ts'

const minute = 60_000

interface Story {
  /** How each cycle went; after the last one the loop is stopped when the next begins. */
  readonly cycles: readonly ('ok' | 'failed')[]
  readonly intervalMinutes?: number
  /** The channel takes the message at the nth attempt; 0: nothing waits. */
  readonly takenAt?: number
}

/** What the loop did, with the minute at which it did it. */
async function play({ cycles, intervalMinutes = 60, takenAt = 0 }: Story): Promise<readonly string[]> {
  const stopping = new AbortController()
  const log: string[] = []
  let now = 0
  let delivered = 0
  const note = (what: string): number => log.push(`${what} ${now / minute}`)
  const rest = [...cycles]
  const parts: LoopParts = {
    inventory: { start: async () => note('start'), close: async () => note('close') },
    cycle: {
      async run() {
        const outcome = rest.shift()
        if (outcome === undefined) stopping.abort()
        else note(outcome)
        return outcome !== 'failed'
      },
      hasUndelivered: () => delivered < takenAt,
      async deliver() {
        delivered++
        note('deliver')
      },
      ended: async () => void note('ended'),
    },
    schedule: { next: after => after + intervalMinutes * minute },
    now: () => now,
    async pause(milliseconds, signal) {
      if (!signal.aborted) now += milliseconds
    },
  }
  await auditLoop(parts, stopping.signal)
  return log
}

t.test('it looks at once, then by the schedule, and ends what it began', async t => {
  t.strictSame(await play({ cycles: ['ok', 'ok', 'ok'] }), [
    'start 0',
    'ok 0',
    'ok 60',
    'ok 120',
    'close 180',
    'ended 180',
  ])
})

t.test('a cycle that failed is tried again after a minute, or when the next is due', async t => {
  t.strictSame(await play({ cycles: ['failed', 'failed', 'ok'] }), [
    'start 0',
    'failed 0',
    'failed 1',
    'ok 2',
    'close 62',
    'ended 62',
  ])
  t.strictSame(await play({ cycles: ['failed', 'ok'], intervalMinutes: 0.5 }), [
    'start 0',
    'failed 0',
    'ok 0.5',
    'close 1',
    'ended 1',
  ])
})

/** At which minutes messages are tried again between one cycle and the next. */
async function attempts(intervalMinutes: number, takenAt: number): Promise<readonly number[]> {
  const log = await play({ cycles: ['ok'], intervalMinutes, takenAt })
  return log.filter(line => line.startsWith('deliver')).map(line => Number(line.split(' ')[1]))
}

t.test('what waits is tried again, less and less often', async t => {
  t.strictSame(await attempts(60, 0), [], 'nothing waits')
  t.strictSame(await attempts(60, 1), [0.5])
  t.strictSame(await attempts(10, 99), [0.5, 1.5, 3.5, 7.5])
  t.strictSame((await attempts(24 * 60, 99)).slice(-2), [1381.5, 1411.5], 'every half hour at least')
  t.strictSame(await attempts(0.1, 99), [], 'the next cycle comes first')
})

t.test('an abort ends it, and nothing is delivered any more', async t => {
  const stopping = new AbortController()
  const ended: string[] = []
  const parts: LoopParts = {
    inventory: { start: async () => {}, close: async () => ended.push('inventory') },
    cycle: {
      run: async () => true,
      hasUndelivered: () => true,
      deliver: async () => void t.fail('another replica leads'),
      ended: async () => void ended.push('cycle'),
    },
    schedule: { next: after => after + minute },
    now: () => 0,
    pause: async () => stopping.abort(),
  }
  await auditLoop(parts, stopping.signal)
  t.strictSame(ended, ['inventory', 'cycle'])
})

t.test('an inventory that does not start ends what was begun', async t => {
  const ended: string[] = []
  const parts: LoopParts = {
    inventory: {
      start: () => Promise.reject(new Error('no cluster')),
      close: async () => ended.push('inventory'),
    },
    cycle: {
      run: async () => true,
      hasUndelivered: () => false,
      deliver: async () => {},
      ended: async () => void ended.push('cycle'),
    },
    schedule: { next: after => after + minute },
    now: () => 0,
    pause: async () => {},
  }
  await t.rejects(auditLoop(parts, new AbortController().signal), { message: 'no cluster' })
  t.strictSame(ended, ['inventory', 'cycle'])
})
