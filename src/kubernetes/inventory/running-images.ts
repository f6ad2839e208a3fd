import type { KubeConfig } from '@kubernetes/client-node'
import type { ImageSource, RunningImages } from '../../admission/index.ts'
import { isDnsLabel, isDnsSubdomain } from '../../text/index.ts'
import { itemsOf, member } from '../../json/index.ts'
import { imagesOf, workloadKindNamed } from '../../workload/index.ts'
import { callApi, connectionError } from '../api/api-request.ts'
import type { KubernetesError } from '../api/kubernetes-error.ts'

/** With what to read, and whom to tell; `answerLimit` and `keptFor` in milliseconds. */
export interface RunningImagesOptions {
  readonly kubeConfig: KubeConfig
  /** Each failure. What was asked counts as not to be had. */
  readonly onProblem: (problem: KubernetesError) => void
  readonly answerLimit?: number
  readonly keptFor?: number
}

export interface ClusterRunningImages extends RunningImages {
  /** Ends the requests that are under way. */
  close(): void
}

/** As long as an admission can wait for anything. */
const defaultAnswerLimit = 2000
/** An attempt is repeated within seconds; a pod that is gone since then does no harm. */
const defaultKeptFor = 5000
/** A page of pods is a few megabytes to parse; in a namespace of more, a copy of one that is not on it is refused. */
const mostPods = 250
/** Only what would be refused is asked for, and people who are refused must not keep the API server busy. */
const mostAtOnce = 2

interface Kept {
  readonly until: number
  readonly images: Promise<readonly string[] | undefined>
}

/** What runs, by single requests: `get` on CronJobs and `list` on pods is all that it needs. */
export function createRunningImages(options: RunningImagesOptions): ClusterRunningImages {
  const { kubeConfig, onProblem, answerLimit = defaultAnswerLimit, keptFor = defaultKeptFor } = options
  const closing = new AbortController()
  const kept = new Map<string, Kept>()
  let underWay = 0

  async function read(source: ImageSource): Promise<readonly string[] | undefined> {
    const wanted = wantedFor(source)
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(answerLimit)])
    underWay++
    try {
      return wanted.imagesIn(await callApi(kubeConfig, wanted, signal))
    } catch (error) {
      onProblem(connectionError(wanted.what, error, signal))
      return undefined
    } finally {
      underWay--
    }
  }

  return {
    async imagesIn(source) {
      const key = JSON.stringify(source)
      const now = performance.now()
      for (const [old, { until }] of kept) if (until <= now) kept.delete(old)
      const known = kept.get(key)
      if (known !== undefined) return known.images
      if (underWay >= mostAtOnce || !hasNames(source)) return undefined
      const images = read(source)
      kept.set(key, { until: now + keptFor, images })
      return images
    },
    close: () => closing.abort(),
  }
}

function hasNames(source: ImageSource): boolean {
  return isDnsLabel(source.namespace) && (source.kind === 'pods' || isDnsSubdomain(source.name))
}

interface Wanted {
  readonly what: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly imagesIn: (answer: unknown) => readonly string[]
}

function wantedFor(source: ImageSource): Wanted {
  const { namespace } = source
  switch (source.kind) {
    case 'pods':
      return {
        what: `list pods of ${namespace}`,
        path: `/api/v1/namespaces/${namespace}/pods`,
        query: {
          limit: String(mostPods),
          fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
        },
        imagesIn: answer => itemsOf(member(answer, 'items')).flatMap(pod => imagesIn('v1', 'Pod', pod)),
      }
    case 'cronjob':
      return {
        what: `get cronjobs ${namespace}/${source.name}`,
        path: `/apis/batch/v1/namespaces/${namespace}/cronjobs/${source.name}`,
        imagesIn: answer => imagesIn('batch/v1', 'CronJob', answer),
      }
  }
}

function imagesIn(apiVersion: string, kind: string, object: unknown): readonly string[] {
  const workload = workloadKindNamed(apiVersion, kind)
  return workload === undefined ? [] : imagesOf(workload, object).map(({ image }) => image)
}
