import type { AdmissionResponse } from '../../api/index.ts'
import { isJsonObject, member, sameJson, textOf } from '../../json/index.ts'
import {
  isProblems,
  orderPolicies,
  readException,
  readPolicy,
  selectsNamespace,
  type ObjectProblem,
  type PatchException,
  type PatchPolicy,
  type PolicyBook,
} from '../../policy/index.ts'
import { printable } from '../../text/index.ts'
import { labelsOf } from '../../workload/index.ts'
import type { AdmissionRequest } from '../review/review.ts'

/** The kinds besides workloads that a review may be about. */
export type ClusterObject = 'namespace' | 'policy' | 'exception'

/** Which of them a request is about; undefined: none, or nothing of it that decides about images changes. */
export function clusterObjectOf(request: AdmissionRequest): ClusterObject | undefined {
  const { operation, resource, object, oldObject } = request
  const about = kinds.get(`${resource.group}/${resource.resource}/${resource.subresource}`)
  if (about === undefined || (operation !== 'CREATE' && operation !== 'UPDATE')) return undefined
  // A new namespace has no workloads.
  const isSame =
    about === 'namespace'
      ? operation === 'CREATE' || sameJson(labelsOf(object), labelsOf(oldObject))
      : sameJson(member(object, 'spec'), member(oldObject, 'spec'))
  return isSame ? undefined : about
}

const kinds: ReadonlyMap<string, ClusterObject> = new Map([
  ['/namespaces/', 'namespace'],
  ['patchline.dev/patchpolicies/', 'policy'],
  ['patchline.dev/patchexceptions/', 'exception'],
])

/** The policies as they would be after a request about one of them; a response where it cannot be one. */
export function policiesAfter(
  request: AdmissionRequest,
  before: readonly PatchPolicy[],
): readonly PatchPolicy[] | AdmissionResponse {
  const read = readPolicy(request.object)
  if (isProblems(read)) return invalid(request, read)
  return orderPolicies([...before.filter(({ name }) => name !== read.name), read])
}

/** Whether an exception can be one: the response to the request about it. */
export function reviewException(
  request: AdmissionRequest,
  book: PolicyBook,
  by: { readonly now: number; readonly namespaceLabels: Readonly<Record<string, string>> | undefined },
): AdmissionResponse {
  const read = readException(request.object, by.now)
  if (isProblems(read)) return invalid(request, read)
  const where = { namespace: request.namespace, namespaceLabels: by.namespaceLabels }
  const allowing = book.policies.flatMap(({ exceptions }) =>
    exceptions !== undefined && selectsNamespace(exceptions.namespaces, where) ? [exceptions] : [],
  )
  const problem = problemOf(read, { now: by.now, longest: allowing.map(({ longest }) => longest) })
  if (problem !== undefined) return invalid(request, [problem])
  // Where the labels cannot be had, the exception is taken, and counts once a policy is known to allow it.
  if (allowing.length > 0 || by.namespaceLabels === undefined) return { uid: request.uid, allowed: true }
  const message = `no policy allows exceptions in namespace ${printable(request.namespace)}: ask those who write the policies for spec.exceptions`
  return refusal(request, { code: 403, reason: 'Forbidden', message })
}

interface Bounds {
  readonly now: number
  /** Of each policy that allows exceptions there. */
  readonly longest: readonly number[]
}

function problemOf(
  { until, createdAt }: PatchException,
  { now, longest }: Bounds,
): ObjectProblem | undefined {
  const path = 'spec.until'
  if (until <= now) return { path, message: 'it is over already' }
  if (longest.length === 0 || until - createdAt <= Math.max(...longest)) return undefined
  const days = Math.floor(Math.max(...longest) / day)
  return { path, message: `it is too far away: the policies allow ${days} days from the creation on` }
}

const day = 86_400_000

function invalid(request: AdmissionRequest, problems: readonly ObjectProblem[]): AdmissionResponse {
  const message = problems.map(({ path, message: why }) => `${path}: ${why}`).join('; ')
  return refusal(request, { code: 422, reason: 'Invalid', message })
}

function refusal(
  { uid, kind, object }: AdmissionRequest,
  status: NonNullable<AdmissionResponse['status']>,
): AdmissionResponse {
  const metadata = isJsonObject(object) ? member(object, 'metadata') : undefined
  const name = textOf(member(metadata, 'name'))
  return {
    uid,
    allowed: false,
    status: { ...status, message: printable(`${kind} ${name}: ${status.message}`) },
  }
}
