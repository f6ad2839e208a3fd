import type { KubeConfig } from '@kubernetes/client-node'
import type { ImageSource, RunningImages } from '../../admission/index.ts'
import { createExpiringMap } from '../../async/index.ts'
import { isDnsLabel, isDnsSubdomain } from '../../text/index.ts'
import { itemsOf, member } from '../../json/index.ts'
import { imagesOf, workloadKindNamed } from '../../workload/index.ts'
import { callApi } from '../api/api-request.ts'
import { connectionError, type KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'

/** What to read with, and what to report failures to; `answerLimit` and `keptFor` in milliseconds. */
export interface RunningImagesOptions {
  readonly kubeConfig: KubeConfig
  /** Called for each failure. The images then count as unknown. */
  readonly onProblem: (problem: KubernetesError) => void
  readonly answerLimit?: number
  readonly keptFor?: number
}

export interface ClusterRunningImages extends RunningImages {
  /** Ends the requests that are under way. */
  close(): void
}

/** The longest that an admission waits for any lookup. */
const defaultAnswerLimit = 2000
/** A refused request is repeated within seconds; a pod that is deleted meanwhile does no harm. */
const defaultKeptFor = 5000
/** A page of pods is a few megabytes to parse; in a namespace of more, a copy of one that is not on it is refused. */
const mostPods = 250
/** Only images that would be refused are looked up, and refused requests must not keep the API server busy. */
const mostAtOnce = 2

/** An attempt of a person is one lookup, and a few are kept at a time. */
const mostKept = 250

const monotonic = (): number => performance.now()

/** Creates a reader of running images by single requests: `get` on CronJobs and `list` on pods is all that it needs. */
export function createRunningImages(options: RunningImagesOptions): ClusterRunningImages {
  const { kubeConfig, onProblem, answerLimit = defaultAnswerLimit, keptFor = defaultKeptFor } = options
  const closing = new AbortController()
  const kept = createExpiringMap<Promise<readonly string[] | undefined>>({ max: mostKept, now: monotonic })
  let underWay = 0

  async function read(source: ImageSource): Promise<readonly string[] | undefined> {
    const request = requestFor(source)
    const signal = withTimeout(closing.signal, answerLimit)
    underWay++
    try {
      return request.imagesIn(await callApi(kubeConfig, request, signal))
    } catch (error) {
      onProblem(connectionError(request.what, error, signal))
      return undefined
    } finally {
      underWay--
    }
  }

  return {
    async imagesIn(source) {
      const key = JSON.stringify(source)
      const known = kept.get(key)
      if (known !== undefined) return known
      if (underWay >= mostAtOnce || !hasNames(source)) return undefined
      const images = read(source)
      kept.set(key, images, monotonic() + keptFor)
      return images
    },
    close: () => closing.abort(),
  }
}

function hasNames(source: ImageSource): boolean {
  return isDnsLabel(source.namespace) && (source.kind === 'pods' || isDnsSubdomain(source.name))
}

interface ImagesRequest {
  readonly what: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly imagesIn: (answer: unknown) => readonly string[]
}

function requestFor(source: ImageSource): ImagesRequest {
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
