import type { AdmissionResponse } from '../../api/index.ts'
import type { AccessSource, EvaluationPorts } from '../../evaluation/index.ts'
import { modeLabel, type PolicyBook, type PolicySource } from '../../policy/index.ts'
import { labelsOf } from '../../workload/index.ts'
import { warningsOf } from '../messages/fit-message.ts'
import { clusterObjectOf, policiesAfter, reviewException } from './policy-review.ts'
import type { Labels, NamespaceLabels, WorkloadLister } from '../review/ports.ts'
import { forecast, forecastTexts, type Change } from './preview.ts'
import type { AdmissionRequest } from '../review/review.ts'
import { answered, type Reviewed } from '../decision/reviewed.ts'

/** What reviews of policies, exceptions and namespaces are answered with. */
export interface ClusterReviewPorts extends EvaluationPorts {
  readonly namespaces: NamespaceLabels
  readonly policies: PolicySource
  readonly book: () => PolicyBook
  readonly access?: AccessSource
  /** Without it, nothing is previewed. */
  readonly workloads?: WorkloadLister
}

/** As many objects as pod-security-admission looks at, in as much time. */
const mostWorkloads = 3000
const longestLook = 1000

/**
 * The answer to a request about a policy, an exception or the labels of a namespace; undefined where it is about none. What they
 * would refuse now is counted in warnings. Without a budget (0: the webhook is busy) nothing is counted.
 */
export function reviewCluster(
  request: AdmissionRequest,
  budget: number,
  ports: ClusterReviewPorts,
): Promise<Reviewed> | undefined {
  const about = clusterObjectOf(request)
  switch (about) {
    case undefined:
      return undefined
    case 'exception':
      return exceptionReviewed(request, ports)
    case 'policy':
      return policyReviewed(request, budget, ports)
    case 'namespace':
      return namespaceReviewed(request, budget, ports)
  }
}

async function exceptionReviewed(request: AdmissionRequest, ports: ClusterReviewPorts): Promise<Reviewed> {
  const asked = Promise.resolve(ports.namespaces.labelsOf(request.namespace)).catch(() => undefined)
  const namespaceLabels = await ports.timeLimit.wait(asked, longestLook)
  const by = { now: ports.policies.now(), namespaceLabels }
  return answered(request, reviewException(request, ports.book(), by))
}

async function policyReviewed(
  request: AdmissionRequest,
  budget: number,
  ports: ClusterReviewPorts,
): Promise<Reviewed> {
  const book = ports.book()
  const policies = policiesAfter(request, book.policies)
  if ('allowed' in policies) return answered(request, policies)
  const { namespaces } = ports
  const change = {
    namespace: undefined,
    labelsOf: knownLabels(namespaces),
    book: { ...book, policies },
    policy: request.name,
  }
  return answered(request, await previewed(request, { change, budget, isNoneTold: false }, ports))
}

async function namespaceReviewed(
  request: AdmissionRequest,
  budget: number,
  ports: ClusterReviewPorts,
): Promise<Reviewed> {
  const { name, object, oldObject } = request
  const [labels, before] = [labelsOf(object), labelsOf(oldObject)]
  const book = ports.book()
  // Without policies no other label decides about images.
  if (book.policies.length === 0 && labels[modeLabel] === before[modeLabel])
    return answered(request, { uid: request.uid, allowed: true })
  const isNoneTold = labels[modeLabel] === 'enforce' && before[modeLabel] !== 'enforce'
  const change = { namespace: name, labelsOf: () => labels, book }
  return answered(request, await previewed(request, { change, budget, isNoneTold }, ports))
}

interface Asked {
  readonly change: Change
  readonly budget: number
  /** Whether it is told as well that nothing would be refused. */
  readonly isNoneTold: boolean
}

async function previewed(
  { uid }: AdmissionRequest,
  { change, budget, isNoneTold }: Asked,
  ports: ClusterReviewPorts,
): Promise<AdmissionResponse> {
  if (budget === 0 || ports.workloads === undefined) return { uid, allowed: true }
  const listing = ports.workloads.list(change.namespace, mostWorkloads)
  const listed = await ports.timeLimit.wait(listing, longestLook)
  if (listed === undefined) return { uid, allowed: true }
  const result = forecast(listed, change, { ...ports, wallClock: () => ports.policies.now() })
  if (result.refused.size === 0 && !isNoneTold) return { uid, allowed: true }
  const where = change.policy === undefined ? `namespace ${change.namespace}` : `policy ${change.policy}`
  return { uid, allowed: true, warnings: warningsOf(forecastTexts(where, result), []) }
}

// A namespace that is not known at once has no labels here: the preview does not wait for each.
function knownLabels(namespaces: NamespaceLabels): (namespace: string) => Labels | undefined {
  return namespace => {
    const labels = namespaces.labelsOf(namespace)
    return labels instanceof Promise ? undefined : labels
  }
}
