import { createHash } from 'node:crypto'
import type { KubeConfig } from '@kubernetes/client-node'
import type { Workload } from '../audit/index.ts'
import type { Changes } from '../notification/index.ts'
import { callApi, type ApiRequest } from './api-request.ts'
import { noticesOf, type DriftNotice } from './drift-event.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { microTime } from './lease.ts'

/** What Events are written with. */
export interface DriftEventsOptions {
  readonly kubeConfig: KubeConfig
  /** Who writes them: the pod's name. */
  readonly instance: string
  /** What the summary is about where there are too many: our own Deployment. */
  readonly self: Omit<Workload, 'uid'>
  readonly mayWrite: () => boolean
  /** Epoch milliseconds. */
  readonly now: () => number
  /** The first failure of each kind in a cycle. */
  readonly onProblem: (problem: KubernetesError) => void
  /** Workloads with an Event of their own in one cycle, default 50; the rest is one Event. */
  readonly most?: number
}

/** What came of one cycle. */
export interface DriftEventOutcome {
  readonly written: number
  /** Told of in the summary only. */
  readonly summarized: number
  readonly failed: number
}

/** Tells the cluster what changed, where `kubectl describe` shows it. */
export interface DriftEvents {
  /** A failure of one ends nothing. @throws KubernetesError `superseded` or `closed`. */
  tell(changes: Changes, signal: AbortSignal): Promise<DriftEventOutcome>
}

/** An hour of Events, after which the API server has forgotten the first of them by default. */
const mostRemembered = 1_000
const answerLimit = 10_000

/** Writes Events of events.k8s.io/v1. */
export function createDriftEvents(options: DriftEventsOptions): DriftEvents {
  const counts = new Map<string, number>()
  return {
    async tell(changes, signal) {
      const notices = noticesOf(changes)
      const own = notices.slice(0, options.most ?? 50)
      const rest = notices.slice(own.length)
      const all = rest.length === 0 ? own : [...own, summaryOf(notices, own.length, options)]
      const told = new Set<string>()
      let failed = 0
      for (const notice of all) {
        try {
          // oxlint-disable-next-line eslint/no-await-in-loop -- not fifty connections at a time
          await write(notice, { ...options, counts }, signal)
        } catch (error) {
          if (!(error instanceof KubernetesError) || error.code === 'superseded' || signal.aborted)
            throw error
          failed += 1
          // A namespace that is being removed, or was since the audit: nobody needs to do anything.
          if (error.code !== 'not-found' && !told.has(error.code)) options.onProblem(error)
          told.add(error.code)
        }
      }
      return { written: all.length - failed, summarized: rest.length, failed }
    },
  }
}

/** A notice, or the summary of many. */
interface Notice extends Omit<DriftNotice, 'reason'> {
  readonly reason: DriftNotice['reason'] | 'DriftChanged'
}

function summaryOf(notices: readonly DriftNotice[], own: number, { self }: DriftEventsOptions): Notice {
  const reasons = [...Map.groupBy(notices, ({ reason }) => reason)]
  const counted = reasons.map(([reason, of]) => `${reason} ${of.length}`).join(', ')
  const note = `${notices.length} changes, of which ${own} have an Event of their own: ${counted}`
  return { reason: 'DriftChanged', type: 'Normal', workload: { ...self, uid: '' }, note }
}

type WriteParts = DriftEventsOptions & { readonly counts: Map<string, number> }

async function write(notice: Notice, parts: WriteParts, signal: AbortSignal): Promise<void> {
  const { kubeConfig, mayWrite, counts } = parts
  const name = eventName(notice)
  const send = (request: ApiRequest): Promise<unknown> => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(answerLimit)])
    return callApi(kubeConfig, { ...request, mayWrite }, limit)
  }
  try {
    await send(createRequest(name, notice, parts))
    remember(counts, name, 1)
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.code !== 'conflict') throw error
    // The same was said within the hour: how often is not known after a restart.
    const count = (counts.get(name) ?? 1) + 1
    await send(repeatRequest(name, notice, { ...parts, count }))
    remember(counts, name, count)
  }
}

function remember(counts: Map<string, number>, name: string, count: number): void {
  counts.delete(name)
  const oldest = counts.size >= mostRemembered ? counts.keys().next().value : undefined
  if (oldest !== undefined) counts.delete(oldest)
  counts.set(name, count)
}

// The same for the same words about the same object, so that a repetition meets the Event that there is.
function eventName({ workload, reason, note }: Notice): string {
  const { apiVersion, kind, name, uid } = workload
  const words = JSON.stringify([apiVersion, kind, name, uid, reason, note])
  // An owner's name is what somebody wrote into a pod: it may be any text.
  const readable = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '-')
    .slice(0, 200)
  return `patchline-${readable}-${createHash('sha256').update(words).digest('hex').slice(0, 16)}`
}

function folderOf({ namespace }: Workload): string {
  return `/apis/events.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/events`
}

function createRequest(name: string, notice: Notice, { instance, now }: WriteParts): ApiRequest {
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
  { workload }: Notice,
  { now, count }: WriteParts & { readonly count: number },
): ApiRequest {
  const body = { series: { count, lastObservedTime: microTime(now()) } }
  return {
    what: `patch event ${workload.namespace}/${name}`,
    path: `${folderOf(workload)}/${name}`,
    patch: { contentType: 'application/merge-patch+json', body },
  }
}
