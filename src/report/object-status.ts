import type { ExceptionStatus, PolicyStatus } from '../api/index.ts'
import type { DriftReport } from '../audit/index.ts'
import { at, itemsOf, member, sameJson, textOf } from '../json/index.ts'
import type { ObjectProblem, PatchException, PatchPolicy } from '../policy/index.ts'
import { instant } from './verdict-item.ts'
import { countsOf, noMatches, noWorkloads, type ExceptionCounts, type PolicyCounts } from './object-counts.ts'

/** A policy or an exception as the cluster has it, and what could be read of it. */
export interface ObservedObject<Read> {
  /** '' for a policy. */
  readonly namespace: string
  readonly name: string
  readonly resourceVersion: string
  readonly generation: number
  /** Since when its spec is known, in epoch milliseconds: a report that began before says nothing of it. */
  readonly seenAt: number
  /** What counts: this version, or the last one that could be read; undefined where there was none. */
  readonly good: Read | undefined
  /** What is wrong with this version. */
  readonly problems: readonly ObjectProblem[]
  /** As it stands in the cluster. */
  readonly status: unknown
}

/** The policies and exceptions that are looked at. */
export interface ObservedObjects {
  readonly policies: readonly ObservedObject<PatchPolicy>[]
  readonly exceptions: readonly ObservedObject<PatchException>[]
}

/** A status to be merged into the one of an object. */
export interface StatusChange {
  readonly kind: 'PatchPolicy' | 'PatchException'
  readonly namespace: string
  readonly name: string
  readonly resourceVersion: string
  readonly status: PolicyStatus | ExceptionStatus
}

/** The statuses that a report changes. Pure. */
export function statusChanges(
  report: DriftReport,
  { policies, exceptions }: ObservedObjects,
): readonly StatusChange[] {
  // Most clusters have none, and a report may have a hundred thousand rows.
  if (policies.length + exceptions.length === 0) return []
  const counts = countsOf(report)
  return [
    ...policies.flatMap(object => {
      const counted = counts.policies.get(object.name) ?? noWorkloads
      const evaluated = isEvaluated(object, report) ? policyStatus(object, counted, report) : {}
      return changeOf('PatchPolicy', object, { ...evaluated, conditions: conditionsOf(object, report) })
    }),
    ...exceptions.flatMap(object => {
      const counted = counts.exceptions.get(`${object.namespace}/${object.name}`) ?? noMatches
      const evaluated = isEvaluated(object, report) ? exceptionStatus(object, counted, report) : {}
      return changeOf('PatchException', object, { ...evaluated, conditions: conditionsOf(object, report) })
    }),
  ]
}

type Observed = ObservedObject<PatchPolicy | PatchException>
type Status = StatusChange['status']

function isEvaluated({ seenAt }: Observed, { startedAt }: DriftReport): boolean {
  return seenAt <= startedAt
}

function policyStatus(object: Observed, counted: PolicyCounts, report: DriftReport): PolicyStatus {
  return { observedGeneration: object.generation, ...counted, lastEvaluated: instant(report.finishedAt) }
}

function exceptionStatus(
  object: ObservedObject<PatchException>,
  counted: ExceptionCounts,
  report: DriftReport,
): ExceptionStatus {
  const { workloads, wouldRefuse } = counted
  return {
    observedGeneration: object.generation,
    state: stateOf(object.good, counted, report),
    workloads,
    wouldRefuse,
    lastEvaluated: instant(report.finishedAt),
  }
}

/** The images with something to excuse say it, and the others where there are none. */
function stateOf(
  exception: PatchException | undefined,
  { needed, idle }: ExceptionCounts,
  { finishedAt }: DriftReport,
): NonNullable<ExceptionStatus['state']> {
  if (exception === undefined) return 'Invalid'
  if (finishedAt >= exception.until) return 'Ended'
  if (needed.has('active')) return 'Active'
  const states = needed.size > 0 ? needed : idle
  if (states.size === 0 || states.has('active')) return 'NotNeeded'
  return states.has('not-allowed') ? 'NotAllowed' : 'Ended'
}

function changeOf(kind: StatusChange['kind'], object: Observed, wanted: Status): readonly StatusChange[] {
  const { namespace, name, resourceVersion, status } = object
  const { lastEvaluated, ...others } = wanted
  const isSame = Object.entries(others).every(([key, value]) => sameJson(member(status, key), value))
  if (isSame && !isOld(textOf(member(status, 'lastEvaluated')), lastEvaluated)) return []
  return [{ kind, namespace, name, resourceVersion, status: wanted }]
}

// Every write of every status wakes all that watch: a time that moved is alone no reason for one.
const hour = 3_600_000

function isOld(before: string, now: string | undefined): boolean {
  if (now === undefined) return false
  const passed = Date.parse(now) - Date.parse(before)
  return Number.isNaN(passed) || passed >= hour
}

/** The conditions with ours in its place; those of others stay as they are. */
function conditionsOf(object: Observed, report: DriftReport): NonNullable<Status['conditions']> {
  const before = itemsOf(member(object.status, 'conditions')).flatMap(readCondition)
  const own = before.find(({ type }) => type === 'Ready')
  const ready = readyOf(object)
  const changed = instant(Math.max(report.finishedAt, object.seenAt))
  const lastTransitionTime = own?.status === ready.status ? own.lastTransitionTime : changed
  return [...before.filter(one => one !== own), { ...ready, lastTransitionTime }]
}

type Condition = NonNullable<Status['conditions']>[number]

// What the schema would refuse is not written back with ours.
function readCondition(value: unknown): readonly Condition[] {
  const text = (key: string): string => textOf(member(value, key))
  const status = (['True', 'False', 'Unknown'] as const).find(one => one === member(value, 'status'))
  const generation = at(value, ['observedGeneration'])
  const [type, reason, lastTransitionTime] = [text('type'), text('reason'), text('lastTransitionTime')]
  if (status === undefined || type === '' || reason === '' || lastTransitionTime === '') return []
  const observed = typeof generation === 'number' ? { observedGeneration: generation } : {}
  return [{ type, status, ...observed, lastTransitionTime, reason, message: text('message') }]
}

const mostShown = 10
/** Of one problem, which may quote what its author wrote. */
const longestProblem = 500

function readyOf({ generation, good, problems }: Observed): Omit<Condition, 'lastTransitionTime'> {
  const type = 'Ready'
  const observed = { observedGeneration: generation }
  if (problems.length === 0)
    return { type, status: 'True', ...observed, reason: 'Valid', message: 'it is in force' }
  const shown = problems
    .slice(0, mostShown)
    .map(({ path, message }) => `${path}: ${message}`.slice(0, longestProblem))
  const more = problems.length > mostShown ? [`and ${problems.length - mostShown} more`] : []
  const held = good === undefined ? 'it does not count' : 'the last version without problems is in force'
  const message = `${held}; ${[...shown, ...more].join('; ')}`
  return { type, status: 'False', ...observed, reason: 'Invalid', message }
}
