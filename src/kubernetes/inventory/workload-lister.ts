import type { KubeConfig } from '@kubernetes/client-node'
import type { ListedWorkload, WorkloadLister } from '../../admission/index.ts'
import { recordOf } from '../../inventory/index.ts'
import { at, itemsOf, member, textOf } from '../../json/index.ts'
import { isDnsLabel } from '../../text/index.ts'
import { workloadKindNamed, type WorkloadKind } from '../../workload/index.ts'
import { callApi } from '../api/api-request.ts'
import { connectionError, type KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'

/** What to list with, and what to report failures to. */
export interface WorkloadListerOptions {
  readonly kubeConfig: KubeConfig
  /** Called for each failure. What was listed until then counts. */
  readonly onProblem: (problem: KubernetesError) => void
  /** Milliseconds. */
  readonly answerLimit?: number
}

export interface ClusterWorkloadLister extends WorkloadLister {
  /** Ends the requests that are under way. */
  close(): void
}

// What people apply; pods last, for most of them have an owner among the others.
const listed = [
  ['apps/v1', 'Deployment', 'deployments'],
  ['apps/v1', 'StatefulSet', 'statefulsets'],
  ['apps/v1', 'DaemonSet', 'daemonsets'],
  ['batch/v1', 'CronJob', 'cronjobs'],
  ['v1', 'Pod', 'pods'],
] as const

const pageSize = 250
const defaultAnswerLimit = 1000
/** A person changes a label or a policy now and then; more at once would keep the API server busy. */
const mostAtOnce = 2

/** Creates a lister of workloads by single `list` requests, page by page. */
export function createWorkloadLister(options: WorkloadListerOptions): ClusterWorkloadLister {
  const { kubeConfig, onProblem, answerLimit = defaultAnswerLimit } = options
  const closing = new AbortController()
  let underWay = 0
  return {
    async list(namespace, most) {
      if (underWay >= mostAtOnce || (namespace !== undefined && !isDnsLabel(namespace))) return undefined
      const signal = withTimeout(closing.signal, answerLimit)
      const found: ListedWorkload[] = []
      underWay++
      try {
        const isCut = await listAll(kubeConfig, { namespace, most, found }, signal)
        return { workloads: found, isCut }
      } catch (error) {
        onProblem(connectionError('list workloads', error, signal))
        return found.length === 0 ? undefined : { workloads: found, isCut: true }
      } finally {
        underWay--
      }
    },
    close: () => closing.abort(),
  }
}

interface Listing {
  readonly namespace: string | undefined
  readonly most: number
  readonly found: ListedWorkload[]
}

/** Whether there were more than may be looked at. */
async function listAll(kubeConfig: KubeConfig, listing: Listing, signal: AbortSignal): Promise<boolean> {
  let looked = 0
  for (const [apiVersion, kindName, plural] of listed) {
    const kind = workloadKindNamed(apiVersion, kindName)
    let position = ''
    do {
      if (kind === undefined || looked >= listing.most) return true
      const page = requestFor({ apiVersion, plural, position, namespace: listing.namespace })
      // oxlint-disable-next-line eslint/no-await-in-loop -- each page says where the next one begins
      const answer = await callApi(kubeConfig, page, signal)
      const items = itemsOf(member(answer, 'items'))
      looked += items.length
      listing.found.push(...items.flatMap(item => workloadOf(kind, item, apiVersion) ?? []))
      position = textOf(at(answer, ['metadata', 'continue']))
    } while (position !== '')
  }
  return false
}

interface Page {
  readonly apiVersion: string
  readonly plural: string
  readonly namespace: string | undefined
  readonly position: string
}

function requestFor({ apiVersion, plural, namespace, position }: Page) {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`
  return {
    what: `list ${plural}`,
    path: `${group}${scope}/${plural}`,
    query: { limit: String(pageSize), ...(position !== '' && { continue: position }) },
  }
}

/** A workload without an owner; undefined for what a controller made, or what is over. */
function workloadOf(kind: WorkloadKind, object: unknown, apiVersion: string): ListedWorkload | undefined {
  const record = recordOf(kind, object, { version: apiVersion.slice(apiVersion.indexOf('/') + 1) })
  const { controller, contents } = record ?? {}
  if (record === undefined || controller !== undefined || contents === undefined) return undefined
  const { namespace, name } = record
  const { images, access, labels, annotations } = contents
  return { namespace, name, group: kind.group, kind: kind.kind, images, access, labels, annotations }
}
