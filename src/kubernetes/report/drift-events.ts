import { createBoundedMap, type BoundedMap } from '../../async/index.ts'
import { createHash } from 'node:crypto'
import type { KubeConfig } from '@kubernetes/client-node'
import type { Workload } from '../../inventory/index.ts'
import type { Changes } from '../../notification/index.ts'
import { callApi, type ApiRequest } from '../api/api-request.ts'
import { createApiAgent, type ApiAgent } from '../api/connection.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'
import { microTime } from '../leader/lease.ts'
import { noticeReasons, noticesOf, type DriftNotice } from '../../report/index.ts'

/** The options of Events. */
export interface DriftEventsOptions {
  readonly kubeConfig: KubeConfig
  /** The reporting instance: the pod's name. */
  readonly instance: string
  readonly mayWrite: () => boolean
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** Called for the first failure of each kind, until the queue is empty. */
  readonly onProblem: (problem: Error) => void
  /** How many Events are written in a second at most, default 10. */
  readonly perSecond?: number
}

/** Writes what changed as Events, where `kubectl describe` shows it. */
export interface DriftEvents {
  /**
   * Queues Events of changes and returns at once. They are written one after the other, one for each workload and reason, until the
   * signal aborts or another replica leads; a later Event of the same workload and reason replaces one that waits.
   */
  tell(changes: Changes, signal: AbortSignal): void
  /** How many Events are still to be written. */
  waiting(): number
  /** Whether one about a workload is, or is being written. */
  isWaiting(workload: Workload): boolean
  /** Resolves when nothing is written any more: with the last Event, or soon after the signal aborts. */
  ended(): Promise<void>
}

// Repetitions are counted for an hour of Events at three a second: after that the API server has removed the first of them by
// default (--event-ttl).
const mostRemembered = 10_000
const answerLimit = 10_000
const mostAttempts = 3
/** As soon as it may help, and not so soon that it adds to the trouble. */
const retryAfter = 30_000

/** Creates a writer of Events of events.k8s.io/v1, at a limited rate: a change to three thousand workloads takes five minutes. */
export function createDriftEvents(options: DriftEventsOptions): DriftEvents {
  const queue = new Map<string, Queued>()
  const counts = createBoundedMap<number>(mostRemembered)
  let isWorking = false
  let writing: string | undefined
  let working = Promise.resolve()
  const writeAll = async (signal: AbortSignal): Promise<void> => {
    const agent = createApiAgent(options.kubeConfig, 1)
    const parts = { ...options, agent, queue, counts, told: new Set<string>() }
    isWorking = true
    try {
      for (let next = first(queue); next !== undefined; next = first(queue)) {
        writing = next[0]
        // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other, at a limited rate
        await writeNext(next, parts, signal)
      }
    } finally {
      // Nothing is awaited since the queue was empty: changes that come now start a new run.
      isWorking = false
      writing = undefined
      agent.destroy()
    }
  }
  return {
    tell(changes, signal) {
      for (const notice of noticesOf(changes)) {
        const key = keyOf(notice)
        queue.delete(key)
        queue.set(key, { notice, attempts: 0 })
      }
      if (!isWorking) working = writeAll(signal)
    },
    waiting: () => queue.size,
    isWaiting: workload =>
      noticeReasons.map(reason => keyOf({ reason, workload })).some(key => key === writing || queue.has(key)),
    ended: () => working,
  }
}

interface Queued {
  readonly notice: DriftNotice
  readonly attempts: number
}

function keyOf({
  reason,
  workload: { namespace, kind, name },
}: Pick<DriftNotice, 'reason' | 'workload'>): string {
  return JSON.stringify([namespace, kind, name, reason])
}

type WriteParts = DriftEventsOptions & { readonly agent: ApiAgent; readonly counts: BoundedMap<number> }

type QueueParts = WriteParts & {
  readonly queue: Map<string, Queued>
  /** The kinds of failures that were reported. */
  readonly told: Set<string>
}

async function writeNext(
  [key, queued]: readonly [string, Queued],
  parts: QueueParts,
  signal: AbortSignal,
): Promise<void> {
  const { queue, sleep } = parts
  queue.delete(key)
  const problem = await attempt(queued.notice, parts, signal)
  // Another replica leads, and finds in the shared state what is not written yet.
  if (signal.aborted || isSuperseded(problem)) return queue.clear()
  report(problem, parts)
  if (isPassing(problem)) putBack(queue, key, queued)
  await sleep(waitAfter(problem, parts), signal)
}

function putBack(queue: Map<string, Queued>, key: string, { notice, attempts }: Queued): void {
  if (attempts + 1 < mostAttempts && !queue.has(key)) queue.set(key, { notice, attempts: attempts + 1 })
}

function waitAfter(problem: Error | undefined, { perSecond = 10 }: DriftEventsOptions): number {
  return isPassing(problem) ? (problem.retryAfter ?? retryAfter) : 1000 / perSecond
}

function isSuperseded(problem: Error | undefined): boolean {
  return problem instanceof KubernetesError && problem.code === 'superseded'
}

function isPassing(problem: Error | undefined): problem is KubernetesError {
  return problem instanceof KubernetesError && (problem.code === 'unavailable' || problem.code === 'timeout')
}

function first(queue: ReadonlyMap<string, Queued>): readonly [string, Queued] | undefined {
  const [next] = queue
  return next
}

async function attempt(
  notice: DriftNotice,
  parts: WriteParts,
  signal: AbortSignal,
): Promise<Error | undefined> {
  try {
    await write(notice, parts, signal)
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function report(
  problem: Error | undefined,
  { told, onProblem }: Pick<QueueParts, 'onProblem' | 'told'>,
): void {
  if (problem === undefined) return
  const code = problem instanceof KubernetesError ? problem.code : problem.name
  // A namespace that is being removed, or was since the audit: there is nothing to do.
  if (code !== 'not-found' && !told.has(code)) onProblem(problem)
  told.add(code)
}

async function write(notice: DriftNotice, parts: WriteParts, signal: AbortSignal): Promise<void> {
  const { kubeConfig, agent, mayWrite, counts } = parts
  const name = eventName(notice)
  const send = (request: ApiRequest): Promise<unknown> => {
    const limit = withTimeout(signal, answerLimit)
    return callApi(kubeConfig, { ...request, agent, mayWrite }, limit)
  }
  try {
    await send(createRequest(name, notice, parts))
    counts.set(name, 1)
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.code !== 'conflict') throw error
    // The same Event was written within the hour: how often is not known after a restart.
    const count = (counts.get(name) ?? 1) + 1
    await send(repeatRequest(name, notice, { ...parts, count }))
    counts.set(name, count)
  }
}

// The same note about the same object gives the same name, so that a repetition finds the existing Event.
function eventName({ workload, reason, note }: DriftNotice): string {
  const { apiVersion, kind, name, uid } = workload
  const words = JSON.stringify([apiVersion, kind, name, uid, reason, note])
  // An owner's name is copied from a pod's reference to it: it may be any text.
  const readable = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '-')
    .slice(0, 200)
  return `patchline-${readable}-${createHash('sha256').update(words).digest('hex').slice(0, 16)}`
}

function folderOf({ namespace }: Workload): string {
  return `/apis/events.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/events`
}

function createRequest(name: string, notice: DriftNotice, { instance, now }: WriteParts): ApiRequest {
  const { apiVersion, kind, namespace, uid } = notice.workload
  const body = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/name': 'patchline' } },
    eventTime: microTime(now()),
    reportingController: 'patchline.dev/patchline',
    reportingInstance: instance.slice(0, 128),
    action: 'Audit',
    reason: notice.reason,
    type: notice.type,
    regarding: { apiVersion, kind, namespace, name: notice.workload.name, ...(uid !== '' && { uid }) },
    note: notice.note,
  }
  const what = `create event ${namespace}/${name}`
  return { what, path: folderOf(notice.workload), write: { method: 'POST', body } }
}

function repeatRequest(
  name: string,
  { workload }: DriftNotice,
  { now, count }: WriteParts & { readonly count: number },
): ApiRequest {
  const body = { series: { count, lastObservedTime: microTime(now()) } }
  return {
    what: `patch event ${workload.namespace}/${name}`,
    path: `${folderOf(workload)}/${name}`,
    patch: { contentType: 'application/merge-patch+json', body },
  }
}
