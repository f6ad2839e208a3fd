import type { KubeConfig } from '@kubernetes/client-node'
import { correctedAnnotations } from '../../admission/index.ts'
import type { Drift, DriftReport } from '../../audit/index.ts'
import { at, itemsOf, member, textOf } from '../../json/index.ts'
import {
  annotatedOf,
  claimsMirrorPod,
  hasWorkloadOwner,
  imagesOf,
  reviewAnnotations,
  workloadKindNamed,
  type WorkloadKind,
} from '../../workload/index.ts'
import { callApi } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { createRateLimiter, withTimeout } from '../api/timing.ts'
import { rowsByWorkload } from '../../report/index.ts'

/** The options of the correction of annotations. */
export interface AnnotationCorrectionOptions {
  readonly kubeConfig: KubeConfig
  readonly mayWrite: () => boolean
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** Called for the first failure of each kind in a cycle. */
  readonly onProblem: (problem: KubernetesError) => void
}

/** Corrects annotations of reviews on workloads that have become wrong. */
export interface AnnotationCorrection {
  /**
   * Resolves to how many workloads were corrected: those that are exempt now, and those whose images changed without a review.
   * Annotations that the last review got right stay, and workloads without annotations get none. Ends early for a newer report.
   * @throws KubernetesError `superseded` or `closed`.
   */
  correct(report: DriftReport, signal: AbortSignal, isSuperseded: () => boolean): Promise<number>
}

const answerLimit = 15_000
// Each correction is a new generation of its object, which its controller processes.
const perSecond = 5

/** Creates the correction: it patches two keys of the version that was read, so that no other change is lost. */
export function createAnnotationCorrection(options: AnnotationCorrectionOptions): AnnotationCorrection {
  return {
    async correct(report, signal, isSuperseded) {
      const told = new Set<KubernetesError['code']>()
      const wait = createRateLimiter({ ...options, perSecond }, signal)
      let corrected = 0
      for (const rows of rowsByWorkload(report)) {
        const suspect = suspectOf(rows)
        if (suspect === undefined) continue
        // Without the right to patch one there is no use in trying the others.
        if (isSuperseded() || told.has('forbidden')) break
        // oxlint-disable eslint/no-await-in-loop -- one after the other, and not too fast
        await wait()
        corrected += await attempt(() => correctOne(suspect, options, signal), { options, told, signal })
        // oxlint-enable eslint/no-await-in-loop
      }
      return corrected
    },
  }
}

interface Attempting {
  readonly options: AnnotationCorrectionOptions
  readonly told: Set<KubernetesError['code']>
  readonly signal: AbortSignal
}

/** How many workloads the work corrected: 1 or 0. */
async function attempt(work: () => Promise<boolean>, { options, told, signal }: Attempting): Promise<number> {
  try {
    return Number(await work())
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.code === 'superseded' || signal.aborted) throw error
    // Deleted, or changed at that moment: the next cycle looks again.
    const passes = error.code === 'not-found' || error.code === 'conflict'
    if (!passes && !told.has(error.code)) options.onProblem(error)
    told.add(error.code)
    return 0
  }
}

/** A workload whose annotations were wrong when it was listed. */
interface Suspect {
  readonly kind: WorkloadKind
  readonly first: Drift
  readonly rows: readonly Drift[]
}

function suspectOf(rows: readonly Drift[]): Suspect | undefined {
  const [first] = rows
  if (first === undefined || first.image.annotated === 'none') return undefined
  if (first.image.annotated === 'matching' && !first.exempt) return undefined
  const { apiVersion, kind: name } = first.image.workload
  const kind = workloadKindNamed(apiVersion, name)
  return kind && { kind, first, rows }
}

/** False where the annotations are right meanwhile, or where the right ones are not known yet. */
async function correctOne(
  suspect: Suspect,
  { kubeConfig, mayWrite }: AnnotationCorrectionOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { apiVersion, namespace, name } = suspect.first.image.workload
  const { resource } = suspect.kind
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const path = `${root}/namespaces/${encodeURIComponent(namespace)}/${resource}`
  const what = `${resource} ${namespace}/${name}`
  const limited = (): AbortSignal => withTimeout(signal, answerLimit)
  // A list of one object, for which the right to list is enough.
  const query = { fieldSelector: `metadata.name=${name}` }
  const answer = await callApi(kubeConfig, { what: `look at ${what}`, path, query }, limited())
  const [object] = itemsOf(member(answer, 'items'))
  const annotations = wantedOf(object, suspect)
  if (annotations === undefined) return false
  const resourceVersion = textOf(at(object, ['metadata', 'resourceVersion']))
  const body = { metadata: { resourceVersion, annotations } }
  const patch = { contentType: 'application/merge-patch+json', body }
  const request = { what: `patch ${what}`, path: `${path}/${encodeURIComponent(name)}`, patch, mayWrite }
  await callApi(kubeConfig, request, limited())
  return true
}

/** The annotations to be merged, null for one to be removed; undefined where nothing is wrong, or not all is known. */
function wantedOf(
  object: unknown,
  { kind, first, rows }: Suspect,
): Readonly<Record<string, string | null>> | undefined {
  // As in reviews: objects that a controller owns change with their owners, and a kubelet writes its mirror pods.
  if (hasWorkloadOwner(object) || claimsMirrorPod(kind, object)) return undefined
  const images = imagesOf(kind, object)
  const annotated = annotatedOf(object, images)
  if (annotated === 'none') return undefined
  if (first.exempt) return Object.fromEntries(reviewAnnotations.map(key => [key, null]))
  if (annotated === 'matching') return undefined
  const judged = images.flatMap(image => {
    const row = rows.find(
      one =>
        one.image.image === image.image &&
        one.image.container === image.container &&
        one.image.field === image.field,
    )
    return row === undefined ? [] : [{ ...image, evaluation: row.evaluation }]
  })
  // The workload was changed after the report: the next report knows its images.
  return judged.length === images.length ? correctedAnnotations(object, judged) : undefined
}
