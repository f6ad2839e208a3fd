import type { DriftReport } from '../audit/index.ts'
import { ChannelError, type Channel, type StateStore } from './channel.ts'
import { isEmpty, noChanges } from './changes.ts'
import { findingsOf, isAboutImage, type Findings } from './findings.ts'
import { delivered, occasionOf, postponed, withChanges, type Delivery } from './delivery.ts'
import { totalsOf, type Message } from './message.ts'
import { concerns, type LabelsOf, type Route } from './routes.ts'
import { targetsOf, type Target } from './targets.ts'
import { decodeState, encodeState, initialState, type NotificationState } from './state-codec.ts'
import { advance, type Memory } from './memory.ts'
import { eventChanges, stillWaiting, unwrittenAfter, type EventQueue } from './unwritten-events.ts'

/** What came of one attempt to deliver. */
export interface DeliveryEvent {
  readonly channel: string
  readonly route: string
  readonly outcome: 'delivered' | 'temporary' | 'permanent'
  readonly error: ChannelError | undefined
}

/** What a notifier is made of; times in milliseconds. */
export interface NotifierOptions {
  /** What the cluster is called in messages. */
  readonly cluster: string | undefined
  readonly channels: readonly Channel[]
  readonly routes: readonly Route[]
  readonly store: StateStore
  /** Epoch milliseconds. */
  readonly now: () => number
  /** At least 0 and less than 1. */
  readonly random: () => number
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** How long a lookup may fail for a reason that passes before it is reported. */
  readonly failingAfter: number
  readonly onDelivery: (event: DeliveryEvent) => void
  /** Whether it is still the one who tells, to be asked right before each message; always where it is not given. */
  readonly mayTell?: () => boolean
  /** Where what changed is written as Events too; nowhere where it is not given. */
  readonly events?: EventQueue
}

/** What came of one report. */
export interface Told {
  /** Whether a message waits that may be taken later, or Events do, which are to be struck from the state once they are written. */
  readonly waiting: boolean
}

/** Tells routes what changed. */
export interface Notifier {
  /**
   * Takes in a report and delivers what it changed; what cannot be delivered now is kept, and delivered with a later call.
   * @throws Error where the state can be neither read nor stored: then nothing is told, for it would be told again.
   */
  tell(report: DriftReport, labelsOf: LabelsOf, signal: AbortSignal): Promise<Told>
}

// Slack lets one message a second through for each webhook, with short bursts; the others are no stricter.
const betweenMessages = 1_000

/** Creates a notifier. It holds nothing that the store does not: the process may end at any moment. */
export function createNotifier(options: NotifierOptions): Notifier {
  const targets = targetsOf(options)
  // Until the process is started anew, which is what a changed configuration takes.
  const refused = new Set<string>()
  const lastLabels = createLastLabels()
  // What an earlier leader has not written is in the state, and in no queue of this process.
  let hasTakenOver = false
  return {
    async tell(report, currentLabels, signal) {
      const { store, now, failingAfter, events } = options
      const findings = findingsOf(report, now())
      const text = await store.load(signal)
      const before = text === undefined ? initialState : decodeState(text)
      const { memory, changes } = advance(before.memory, findings, {
        now: now(),
        patience: { failingAfter },
      })
      const labelsOf = lastLabels.after(before.memory, memory, currentLabels)
      const deliveries = targets.map(({ key, unused, select }): [string, Delivery] => {
        const own = select(changes, labelsOf)
        return [key, withChanges(before.deliveries.get(key) ?? unused, own)]
      })
      const left =
        events === undefined || !hasTakenOver ? before.unwritten : stillWaiting(before.unwritten, events)
      const unwritten = events === undefined ? noChanges : unwrittenAfter(left, changes)
      const state = { memory, deliveries: new Map(deliveries), unwritten }
      // What is to be told is stored before it is sent: a crash in between repeats one message, and loses none.
      await store.save(encodeState(state), signal)
      events?.add(hasTakenOver ? eventChanges(changes) : unwritten)
      hasTakenOver = true
      const round = { state, targets, refused, report, findings, labelsOf }
      const isGone = (name: string): boolean => report.complete && currentLabels(name) === undefined
      const after = await deliverAll({ ...round, isGone }, options, signal)
      const waiting = targets.some(({ key, channel }) => {
        const delivery = refused.has(channel.name) ? undefined : after.deliveries.get(key)
        return delivery !== undefined && delivery.attempts > 0
      })
      return { waiting: waiting || !isEmpty(unwritten) }
    },
  }
}

/** The last known labels of namespaces: a route that matched a namespace by its labels also hears that it is gone. */
function createLastLabels() {
  const last = new Map<string, NonNullable<ReturnType<LabelsOf>>>()
  return {
    /** With what is remembered of the namespaces of which something is known, from before a report or since. */
    after(before: Memory, memory: Memory, labelsOf: LabelsOf): LabelsOf {
      const known = [...before.values(), ...memory.values()]
      const namespaces = new Set(known.map(({ finding }) => finding.workload.namespace))
      for (const name of last.keys()) if (!namespaces.has(name)) last.delete(name)
      for (const name of namespaces) {
        const labels = labelsOf(name)
        if (labels !== undefined) last.set(name, labels)
      }
      return name => labelsOf(name) ?? last.get(name)
    },
  }
}

interface Round {
  readonly state: NotificationState
  readonly targets: readonly Target[]
  readonly refused: Set<string>
  readonly report: DriftReport
  readonly findings: Findings
  readonly labelsOf: LabelsOf
  /** Whether a namespace is there no more. */
  readonly isGone: (namespace: string) => boolean
}

async function deliverAll(
  round: Round,
  options: NotifierOptions,
  signal: AbortSignal,
): Promise<NotificationState> {
  let { state } = round
  let sent = false
  for (const target of round.targets) {
    const delivery = state.deliveries.get(target.key) ?? target.unused
    const message = round.refused.has(target.channel.name)
      ? undefined
      : messageFor(target, delivery, { ...round, cluster: options.cluster, now: options.now() })
    if (message === undefined) continue
    // oxlint-disable eslint/no-await-in-loop -- one after the other, and not too fast
    if (sent) await options.sleep(betweenMessages, signal)
    sent = true
    // A process that was stopped goes on here before its signal aborts: its message is another's by now.
    if (options.mayTell?.() === false) return state
    const outcome = await attempt(target, message, signal)
    if (outcome?.code === 'permanent') round.refused.add(target.channel.name)
    recordAttempt(target, outcome, options)
    state = {
      ...state,
      deliveries: new Map([...state.deliveries, [target.key, deliveryAfter(delivery, outcome, options)]]),
    }
    await options.store.save(encodeState(state), signal)
    // oxlint-enable eslint/no-await-in-loop
  }
  return state
}

function deliveryAfter(
  delivery: Delivery,
  outcome: ChannelError | undefined,
  { now, random }: Pick<NotifierOptions, 'now' | 'random'>,
): Delivery {
  return outcome === undefined
    ? delivered(now())
    : postponed(delivery, outcome, { now: now(), random: random() })
}

async function attempt(
  { channel }: Target,
  message: Message,
  signal: AbortSignal,
): Promise<ChannelError | undefined> {
  try {
    await channel.send(message, signal)
    return undefined
  } catch (error) {
    if (error instanceof ChannelError) return error
    throw error
  }
}

function recordAttempt(
  { channel, route }: Target,
  error: ChannelError | undefined,
  options: NotifierOptions,
): void {
  const outcome = error?.code ?? 'delivered'
  options.onDelivery({ channel: channel.name, route: route.name, outcome, error })
}

interface Situation extends Pick<Round, 'report' | 'findings' | 'labelsOf' | 'isGone'> {
  readonly cluster: string | undefined
  readonly now: number
}

function messageFor({ route }: Target, delivery: Delivery, situation: Situation): Message | undefined {
  const { now, labelsOf, cluster } = situation
  const includes = (namespace: string): boolean => concerns(route, namespace, labelsOf)
  const totals = totalsOf(situation.report, situation.findings, { includes, now })
  const occasion = occasionOf(delivery, { route, totals, complete: situation.report.complete, now })
  if (occasion === undefined) return undefined
  const { findings, silenced } = situation.findings
  const told = new Set([...delivery.pending.appeared, ...delivery.pending.changed].map(({ key }) => key))
  const remaining = findings.filter(
    ({ key, kind, workload }) =>
      isAboutImage(kind) && includes(workload.namespace) && !silenced.has(key) && !told.has(key),
  )
  const namespaces = new Set(delivery.pending.removed.map(({ workload }) => workload.namespace))
  const goneNamespaces = [...namespaces].filter(name => situation.isGone(name))
  return { cluster, at: now, occasion, totals, ...delivery.pending, goneNamespaces, remaining }
}
