import t from 'tap'
import {
  ChannelError,
  createNotifier,
  type Changes,
  type Channel,
  type DeliveryEvent,
  type Message,
  type NotifierOptions,
  type Route,
} from '../../src/notification/index.ts'
import { decodeState } from '../../src/notification/state-codec.ts'
import { report, type Row } from './reports.ts'

const hour = 3_600_000
const day = 24 * hour
const never = new AbortController().signal

const everything: Route = {
  name: 'all',
  channels: ['slack'],
  namespaces: [],
  matchLabels: {},
  remindAfter: undefined,
  heartbeatEvery: undefined,
}

function setUp(options: Partial<NotifierOptions> = {}) {
  const clock = { now: day }
  const sent: { readonly channel: string; readonly message: Message }[] = []
  const failures = new Map<string, Error>()
  const stored: { text: string | undefined; saves: number; failing: boolean } = {
    text: undefined,
    saves: 0,
    failing: false,
  }
  const events: DeliveryEvent[] = []
  const slept: number[] = []
  const channel = (name: string): Channel => ({
    name,
    async send(message) {
      const failure = failures.get(name)
      if (failure !== undefined) throw failure
      sent.push({ channel: name, message })
    },
  })
  const make = () =>
    createNotifier({
      cluster: 'hub',
      channels: [channel('slack'), channel('mail')],
      routes: [everything],
      store: {
        load: async () => stored.text,
        async save(text) {
          if (stored.failing) throw new Error('conflict')
          stored.saves++
          stored.text = text
        },
      },
      now: () => clock.now,
      random: () => 0.5,
      sleep: async milliseconds => void slept.push(milliseconds),
      failingAfter: 6 * hour,
      onDelivery: event => events.push(event),
      ...options,
    })
  let notifier = make()
  return {
    clock,
    sent,
    failures,
    stored,
    events,
    slept,
    restart: (): void => {
      notifier = make()
    },
    isWaiting: async (rows: readonly Row[]): Promise<boolean> =>
      (await notifier.tell(report(rows), () => ({}), never)).waiting,
    tell: async (rows: readonly Row[], complete = true, gone = ''): Promise<string> => {
      const before = sent.length
      await notifier.tell(
        report(rows, complete),
        namespace => (namespace === gone ? undefined : { team: namespace }),
        never,
      )
      return sent
        .slice(before)
        .map(({ channel: name, message }) => `${name} ${message.occasion} ${text(message)}`)
        .join('\n')
    },
  }
}

const of = (list: Message['appeared']): string => list.map(({ workload }) => workload.name).join(',')

function text({ totals, appeared, changed, resolved, remaining, failing, ...gone }: Message): string {
  const { removed, goneNamespaces } = gone
  const removals = removed.length === 0 ? '' : ` removed[${of(removed)}] gone[${goneNamespaces.join(',')}]`
  const { emergencies } = gone
  const urgent = emergencies.length === 0 ? '' : ` emergencies[${of(emergencies)}]`
  return `${totals.outdated}/${totals.containers} new[${of(appeared)}] changed[${of(changed)}] resolved[${of(resolved)}] remaining[${of(remaining)}] failing[${of(failing)}]${urgent}${removals}`
}

t.test('the first start says how things are, in one message', async t => {
  const { tell, restart } = setUp()
  const rows = [{ newest: '1.25.5' }, { name: 'db' }]
  t.equal(await tell(rows), 'slack first 1/2 new[web] changed[] resolved[] remaining[] failing[]')
  t.equal(await tell(rows), '', 'nothing changed')
  restart()
  t.equal(await tell(rows), '', 'nor does a restart change anything')
  t.equal(
    await tell([{ newest: '1.25.6' }]),
    'slack change 1/1 new[] changed[web] resolved[] remaining[] failing[]',
  )
  t.equal(
    await tell([{ image: 'nginx:1.25.6' }]),
    'slack change 0/1 new[] changed[] resolved[web] remaining[] failing[]',
  )
  t.equal(await tell([{ image: 'nginx:1.25.6' }]), '', 'nothing outdated, nothing to say')
})

t.test('a first start with nothing to say says so once', async t => {
  const { tell } = setUp()
  t.equal(await tell([{}]), 'slack first 0/1 new[] changed[] resolved[] remaining[] failing[]')
  t.equal(await tell([{}]), '')
})

t.test('what was not looked at yet is no finding of the first message, and only counted', async t => {
  const { tell, sent } = setUp()
  const waiting = { name: 'late', verdict: 'unknown', reason: 'not-checked-yet' } as const
  t.equal(
    await tell([{ newest: '1.25.5' }, waiting]),
    'slack first 1/2 new[web] changed[] resolved[] remaining[] failing[]',
  )
  t.match(sent[0]?.message.totals, { outdated: 1, failing: 0, unchecked: 1 })
})

t.test('what is snoozed and what is skipped are counted apart, and neither is told', async t => {
  const { tell, sent } = setUp()
  await tell([
    { newest: '1.25.5', annotations: { 'patchline.dev/snooze-until': '2026-12-24T00:00:00Z' } },
    { name: 'db', newest: '9', annotations: { 'patchline.dev/skip': '9' } },
  ])
  t.match(sent[0]?.message, { appeared: [], remaining: [], totals: { outdated: 2, snoozed: 1, skipped: 1 } })
})

t.test('a cluster that has not answered yet is not told to be empty', async t => {
  const { tell } = setUp({ routes: [{ ...everything, heartbeatEvery: 1 }] })
  t.equal(await tell([], false), '')
  t.equal(
    await tell([{ newest: '1.25.5' }], false),
    'slack first 1/1 new[web] changed[] resolved[] remaining[] failing[]',
    'though some kinds may be forbidden for ever',
  )
  t.equal(await tell([], false), '')
})

t.test('after an outage of the channel one message says how things are now', async t => {
  const { tell, failures, clock, events } = setUp()
  await tell([{ newest: '1.25.5' }])
  failures.set('slack', new ChannelError('temporary', 'slack answered 503'))
  for (let cycle = 0; cycle < 12; cycle++) {
    clock.now += 5 * 60_000
    t.equal(
      await tell([
        { newest: `1.25.${6 + cycle}` },
        { name: 'db', newest: '9' },
        { name: 'brief', ...(cycle < 3 && { newest: '2' }) },
      ]),
      '',
    )
  }
  failures.clear()
  clock.now += hour
  t.equal(
    await tell([{ newest: '1.25.17' }, { name: 'db', newest: '9' }, { name: 'brief' }]),
    'slack change 2/3 new[db] changed[web] resolved[] remaining[] failing[]',
  )
  const attempts = events.filter(({ outcome }) => outcome === 'temporary').length
  t.ok(attempts >= 3 && attempts < 12, `it backs off: ${attempts} attempts in 12 cycles`)
})

t.test('the time that a channel names is kept', async t => {
  const { tell, failures, clock, events } = setUp()
  failures.set('slack', new ChannelError('temporary', 'slack asked to wait', { retryAt: day + 2 * hour }))
  await tell([{ newest: '1.25.5' }])
  failures.clear()
  clock.now = day + 2 * hour - 1
  t.equal(await tell([{ newest: '1.25.5' }]), '')
  clock.now++
  t.equal(
    await tell([{ newest: '1.25.5' }]),
    'slack first 1/1 new[web] changed[] resolved[] remaining[] failing[]',
  )
  t.match(events, [{ outcome: 'temporary' }, { outcome: 'delivered' }])
})

t.test('a channel that is gone for good is not asked again before a restart', async t => {
  const { tell, failures, clock, events, restart } = setUp()
  failures.set('slack', new ChannelError('permanent', 'slack: no_service'))
  for (let cycle = 0; cycle < 5; cycle++) {
    clock.now += day
    await tell([{ newest: `1.25.${cycle + 5}` }])
  }
  t.match(events, [{ outcome: 'permanent', channel: 'slack', route: 'all' }])
  t.equal(events.length, 1)
  failures.clear()
  clock.now += day
  restart()
  t.equal(
    await tell([{ newest: '1.25.9' }]),
    'slack first 1/1 new[web] changed[] resolved[] remaining[] failing[]',
  )
})

t.test('nothing is told that could not be stored', async t => {
  const { tell, stored, sent } = setUp()
  stored.failing = true
  await t.rejects(tell([{ newest: '1.25.5' }]), { message: 'conflict' })
  t.equal(sent.length, 0)
  stored.failing = false
  stored.text = '{"format":99}'
  await t.rejects(tell([{ newest: '1.25.5' }]), /format 99/)
  t.equal(sent.length, 0)
})

t.test('a leader that was stopped after it stored what to tell leaves it to the next one', async t => {
  let leads = false
  const { tell, restart, events } = setUp({ mayTell: () => leads })
  t.equal(await tell([{ newest: '1.25.5' }]), '')
  t.same(events, [])
  leads = true
  restart()
  t.equal(
    await tell([{ newest: '1.25.5' }]),
    'slack first 1/1 new[web] changed[] resolved[] remaining[] failing[]',
  )
})

t.test('a restart knows that a message waits', async t => {
  const { isWaiting, failures, clock, restart } = setUp()
  const rows = [{ newest: '1.25.5' }]
  failures.set('slack', new ChannelError('temporary', 'slack asked to wait', { retryAt: day + hour }))
  t.ok(await isWaiting(rows))
  failures.clear()
  restart()
  t.ok(await isWaiting(rows), 'too early to try again, and not forgotten')
  clock.now += hour
  t.notOk(await isWaiting(rows), 'delivered')
  failures.set('slack', new ChannelError('permanent', 'slack: no_service'))
  t.notOk(await isWaiting([{ newest: '1.25.6' }]), 'nor is refused what will be tried again')
})

t.test('a channel that comes later hears of everything once, and the others hear nothing again', async t => {
  const routes = [everything]
  const { tell, restart } = setUp({ routes })
  await tell([{ newest: '1.25.5' }])
  routes.push({ ...everything, name: 'later', channels: ['mail'] })
  restart()
  t.equal(
    await tell([{ newest: '1.25.5' }]),
    'mail first 1/1 new[] changed[] resolved[] remaining[web] failing[]',
  )
  t.equal(await tell([{ newest: '1.25.5' }]), '')
})

t.test('what waits in many channels is stored once', async t => {
  const rows = Array.from({ length: 200 }, (_, at) => ({ name: `web-${at}`, newest: '1.25.5' }))
  const sizeWith = async (deliveries: number): Promise<number> => {
    const routes = Array.from({ length: deliveries }, (_, at) => ({ ...everything, name: `route-${at}` }))
    const { tell, failures, stored } = setUp({ routes })
    failures.set('slack', new ChannelError('temporary', 'slack answered 503'))
    await tell(rows)
    return stored.text?.length ?? 0
  }
  t.ok((await sizeWith(8)) < 1.3 * (await sizeWith(1)))
})

t.test('what has not been looked at yet is counted', async t => {
  const { tell, sent } = setUp()
  await tell([{}, { name: 'db', verdict: 'unknown', reason: 'not-checked-yet' }])
  t.match(sent, [{ message: { totals: { containers: 2, outdated: 0, failing: 0, unchecked: 1 } } }])
})

t.test('what was judged by old lists is counted as what it was judged to be, and as old', async t => {
  const { tell, sent } = setUp()
  const old = { overdue: true, age: 5 * hour } as const
  await tell([
    { ...old, newest: '1.25.5' },
    { ...old, name: 'db', age: 26 * hour },
    { ...old, name: 'off', age: 99 * hour, exempt: true },
    { ...old, name: 'db', image: 'redis:7.2.5' },
    { name: 'late', annotations: { 'patchline.dev/snooze-until': '2026-12-24T00:00:00Z' }, ...old },
  ])
  t.match(sent[0]?.message.totals, {
    containers: 4,
    outdated: 1,
    failing: 0,
    snoozed: 0,
    overdue: 3,
    oldestCheckedAt: -26 * hour,
  })
})

t.test('a tag that does not exist is counted', async t => {
  const { tell, sent } = setUp()
  const missing = { reason: 'not-listed', image: 'nginx:1.25.1111' } as const
  await tell([missing, missing, { ...missing, name: 'off', exempt: true }, { name: 'db' }])
  t.match(sent[0]?.message.totals, { containers: 3, outdated: 0, missing: 1 })
})

t.test('routes', async t => {
  const routes: readonly Route[] = [
    { ...everything, name: 'platform', channels: ['mail'] },
    { ...everything, name: 'payments', matchLabels: { team: 'payments' } },
    { ...everything, name: 'two', namespaces: ['a', 'b'] },
  ]
  const { tell, slept } = setUp({ routes })
  t.equal(
    await tell([
      { namespace: 'payments', name: 'p', newest: '1.25.5' },
      { namespace: 'a', name: 'a', newest: '1.25.5' },
    ]),
    [
      'mail first 2/2 new[p,a] changed[] resolved[] remaining[] failing[]',
      'slack first 1/1 new[p] changed[] resolved[] remaining[] failing[]',
      'slack first 1/1 new[a] changed[] resolved[] remaining[] failing[]',
    ].join('\n'),
  )
  t.same(slept, [1000, 1000], 'a second between messages')
  t.equal(
    await tell([{ namespace: 'a', name: 'a', newest: '1.25.5' }]),
    [
      'mail change 1/1 new[] changed[] resolved[] remaining[a] failing[] removed[p] gone[]',
      'slack change 0/0 new[] changed[] resolved[] remaining[] failing[] removed[p] gone[]',
    ].join('\n'),
  )
})

t.test('who was told by the labels of a namespace hears of its end', async t => {
  const routes = [{ ...everything, matchLabels: { team: 'payments' } }]
  const { tell } = setUp({ routes })
  const rows = ['p', 'q'].map(name => ({ namespace: 'payments', name, newest: '1.25.5' }))
  await tell(rows)
  t.equal(
    await tell([], true, 'payments'),
    'slack change 0/0 new[] changed[] resolved[] remaining[] failing[] removed[p,q] gone[payments]',
  )
})

/** A queue of Events that writes what the test says. */
function createQueue() {
  const given: string[] = []
  const waiting = new Set<string>()
  return {
    given,
    waiting,
    add(changes: Changes): void {
      const { appeared, changed, resolved, failing } = changes
      for (const [sign, list] of [
        ['+', appeared],
        ['~', changed],
        ['-', resolved],
        ['!', failing],
      ] as const)
        for (const { workload } of list) {
          given.push(`${sign}${workload.name}`)
          waiting.add(workload.name)
        }
    },
    isWaiting: ({ name }: { readonly name: string }) => waiting.has(name),
    /** What was given since the last call. */
    taken: (): string => given.splice(0).join(' '),
  }
}

t.test('Events that a leader has not written are written by the next one, once', async t => {
  const events = createQueue()
  const { tell, isWaiting, restart } = setUp({ events })
  const rows = ['a', 'b', 'c', 'd'].map(name => ({ name, newest: '1.25.5' }))
  await tell(rows)
  t.equal(events.taken(), '+a +b +c +d')
  for (const name of ['a', 'b']) events.waiting.delete(name)
  t.equal(await isWaiting(rows), true, 'some are still to be written')
  t.equal(events.taken(), '')
  events.waiting.clear()
  restart()
  const now = [
    { name: 'a', newest: '1.25.6' },
    { name: 'c', image: 'nginx:1.25.5' },
    { name: 'd', newest: '1.25.5' },
  ]
  await tell(now)
  t.equal(events.taken(), '+d ~a', 'b is gone, and of c nothing was told')
  events.waiting.clear()
  t.equal(await isWaiting(now), false, 'all are written')
  restart()
  await tell(now)
  t.equal(events.taken(), '')
})

t.test('Events do not wait for a channel, nor for one that could not be stored', async t => {
  const events = createQueue()
  const { tell, stored, failures } = setUp({ events })
  stored.failing = true
  await t.rejects(tell([{ newest: '1.25.5' }]), { message: 'conflict' })
  t.equal(events.taken(), '')
  stored.failing = false
  failures.set('slack', new Error('a defect'))
  await t.rejects(tell([{ newest: '1.25.5' }]), { message: 'a defect' })
  t.equal(events.taken(), '+web')
})

t.test('so many Events are kept as are written in a quarter of an hour', async t => {
  const events = createQueue()
  const { tell, restart } = setUp({ events })
  const rows = Array.from({ length: 10_001 }, (_, at) => ({ name: `web-${at}`, newest: '1.25.5' }))
  await tell(rows)
  events.taken()
  restart()
  await tell(rows)
  t.equal(events.taken().split(' ').length, 10_000)
})

t.test('a state of a version that knew nothing of removals is read', t => {
  const change = { appeared: [], changed: [], resolved: [], failing: [] }
  const pending = JSON.stringify(change)
  const lane = `["x",{"pending":${pending},"first":false,"attempts":0,"retryAt":0}]`
  const { deliveries, unwritten } = decodeState(`{"format":1,"findings":[],"memory":[],"lanes":[${lane}]}`)
  t.strictSame(deliveries.get('x')?.pending, { ...change, removed: [], emergencies: [] })
  t.strictSame(unwritten, { ...change, removed: [], emergencies: [] }, 'nor of Events')
  t.end()
})

const strict = { policy: 'strict', reason: 'INC-7' }
const urgent = (channel?: string, row: Row = {}): Row => ({
  newest: '1.25.5',
  annotations: { 'patchline.dev/break-glass': 'INC-7' },
  because: 'break-glass',
  emergency: { ...strict, channel },
  ...row,
})
// Without empty lists, and without what only reminders and first messages show.
const brief = (text: string): string => text.replaceAll(/ \w+\[\]| remaining\[[^\]]*\]/g, '')
const calm = { newest: '1.25.5' }
const unknown = { verdict: 'unknown', because: undefined, emergency: undefined } as const

t.test('an emergency is told once, to the channel of its policy alone', async t => {
  const { tell, restart } = setUp()
  await tell([calm, { name: 'db', newest: '1.25.5' }])
  t.equal(
    brief(await tell([urgent('mail'), urgent('mail', { name: 'db' })])),
    'mail change 2/2 emergencies[web,db]',
  )
  t.equal(brief(await tell([urgent('mail'), urgent('mail', { name: 'db' })])), '', 'once')
  restart()
  t.equal(brief(await tell([urgent('mail'), urgent('mail', { name: 'db' })])), '', 'nor after a restart')
  const later = { ...strict, reason: 'INC-8', channel: 'slack' }
  t.equal(
    brief(await tell([urgent('mail', { emergency: later }), urgent('mail', { name: 'db' })])),
    '',
    'nor by other words',
  )
  t.equal(
    brief(await tell([calm, urgent('mail', { name: 'db' })])),
    'mail change 2/2 resolved[web]',
    'the annotation is gone, and where it was told its end is',
  )
  t.equal(
    brief(await tell([calm], true)),
    'mail change 1/1 removed[db]\nslack change 1/1 removed[db]',
    'with its workload both end',
  )
})

t.test('an emergency without a channel of its own goes to the routes', async t => {
  const message = 'slack change 1/1 emergencies[web]'
  for (const channel of [undefined, 'gone']) {
    const { tell, clock, sent } = setUp({ routes: [{ ...everything, remindAfter: day }] })
    await tell([calm])
    t.equal(brief(await tell([urgent(channel)])), message, channel ?? 'none')
    clock.now += day
    t.equal(brief(await tell([urgent(channel)])), 'slack reminder 1/1', 'a reminder')
    t.equal(sent.at(-1)?.message.remaining.length, 1, 'of the outdated image alone')
  }
})

t.test('the first message has emergencies, and counts them as no finding of an image', async t => {
  const { tell, sent } = setUp()
  t.equal(brief(await tell([urgent()])), 'slack first 1/1 new[web] emergencies[web]')
  t.match(sent[0]?.message.totals, { outdated: 1, failing: 0, snoozed: 0 })
})

t.test('what holds messages back does not hold an emergency back', async t => {
  const { tell } = setUp()
  await tell([{}])
  const annotations = { 'patchline.dev/break-glass': 'INC-7', 'patchline.dev/skip': '1.25.5' }
  t.equal(brief(await tell([urgent('mail', { annotations })])), 'mail change 1/1 emergencies[web]')
})

t.test('what ends an emergency, and what does not', async t => {
  const over = 'mail change 1/1 resolved[web]'
  const annotations = { 'patchline.dev/break-glass': 'INC-7' }
  const stays: [string, Row, boolean, string][] = [
    ['the registry is down', urgent('mail', unknown), true, ''],
    ['the list is stale', urgent('mail', { emergency: undefined, because: 'stale' }), true, ''],
    [
      'it is not known whether the newest runs',
      urgent('mail', { emergency: undefined, because: 'unproven' }),
      true,
      '',
    ],
    ['an exception', urgent('mail', { emergency: undefined, because: 'exception' }), true, over],
    ['the mode', urgent('mail', { emergency: undefined, because: undefined }), true, over],
    ['the annotation is gone', calm, true, over],
    ['not all was looked at', calm, false, over],
    ['not all was looked at, and the registry is down', { ...unknown, annotations }, false, ''],
  ]
  for (const [name, row, complete, expected] of stays) {
    const { tell } = setUp()
    await tell([urgent('mail')])
    t.equal(brief(await tell([row], complete)), expected, name)
  }
})

t.test('a workload has one emergency, however many containers need it', async t => {
  const { tell, sent } = setUp()
  await tell([{}])
  const second = urgent('mail', { container: 'side', image: 'redis:7.2.0', newest: '7.2.5' })
  await tell([urgent('mail'), second])
  const mail = sent.find(({ channel }) => channel === 'mail')
  t.match(mail?.message.emergencies, [{ container: 'web', emergency: { ...strict, channel: 'mail' } }])
  await tell([{}, second])
  t.equal(brief(await tell([{}, second])), '', 'and one that is left is enough')
})

t.test('what a channel did not take is told later, unless it is over', async t => {
  const { tell, failures, clock } = setUp()
  await tell([calm])
  failures.set('mail', new ChannelError('temporary', 'busy'))
  t.equal(brief(await tell([urgent('mail')])), '')
  clock.now += hour
  failures.clear()
  t.equal(brief(await tell([urgent('mail')])), 'mail change 1/1 emergencies[web]')
  await tell([calm])
  failures.set('mail', new ChannelError('temporary', 'busy'))
  await tell([urgent('mail')])
  clock.now += hour
  failures.clear()
  t.equal(brief(await tell([calm])), '')
})

t.test('an emergency is no Event', async t => {
  const events = createQueue()
  const { tell } = setUp({ events })
  await tell([calm])
  events.taken()
  await tell([urgent('mail')])
  t.equal(events.taken(), '')
  await tell([calm])
  t.equal(events.taken(), '')
})

t.test('a stored emergency says of what it is one', t => {
  const { key, ...workload } = { key: 'k', kind: 'Deployment', namespace: 'shop', name: 'web' }
  const finding = {
    key,
    kind: 'emergency',
    workload,
    container: 'c',
    field: 'container',
    image: 'nginx:1',
    reason: 'newer',
    behind: 1,
  }
  const state = (emergency: unknown): string =>
    JSON.stringify({
      format: 1,
      findings: [{ ...finding, emergency }],
      memory: [{ finding: 0, firstSeen: 0, toldAt: 0 }],
      lanes: [],
    })
  for (const emergency of [strict, { ...strict, channel: 'mail' }])
    t.strictSame(decodeState(state(emergency)).memory.get(key)?.finding.emergency, emergency)
  for (const emergency of [undefined, null, 'x', { policy: 'p' }, { ...strict, channel: 1 }])
    t.throws(() => decodeState(state(emergency)), { message: /something strange in its findings/ })
  t.end()
})

t.test('reminders and heartbeats', async t => {
  const routes = [{ ...everything, remindAfter: 7 * day, heartbeatEvery: 30 * day }]
  const { tell, clock } = setUp({ routes })
  await tell([{ newest: '1.25.5' }])
  clock.now += 7 * day - 1
  t.equal(await tell([{ newest: '1.25.5' }]), '')
  clock.now++
  t.equal(
    await tell([{ newest: '1.25.5' }]),
    'slack reminder 1/1 new[] changed[] resolved[] remaining[web] failing[]',
  )
  await tell([{}])
  clock.now += 29 * day
  t.equal(await tell([{}]), '')
  clock.now += day
  t.equal(await tell([{}]), 'slack heartbeat 0/1 new[] changed[] resolved[] remaining[] failing[]')
})
