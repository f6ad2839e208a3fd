import type { KubeConfig } from '@kubernetes/client-node'
import type { DriftReport } from '../../audit/index.ts'
import { statusChanges, type ObservedObjects, type StatusChange } from '../../report/index.ts'
import { callApi, type ApiRequest } from '../api/api-request.ts'
import { createApiAgent, type ApiAgent } from '../api/connection.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { createRateLimiter, withTimeout, type RateLimit } from '../api/timing.ts'
import { policyGroup, policyRoot } from './policy-watch.ts'

/** The options of statuses. */
export interface PolicyStatusesOptions extends Omit<RateLimit, 'perSecond'> {
  readonly kubeConfig: KubeConfig
  /** The policies and exceptions as they are now. */
  readonly objects: () => ObservedObjects
  readonly mayWrite: () => boolean
  /** Called for the first failure of each kind in a cycle. */
  readonly onProblem: (problem: KubernetesError) => void
  /** Writes in a second, default 10. */
  readonly perSecond?: number
}

/** How many statuses were written in one cycle, and how many not. */
export interface PolicyStatusOutcome {
  readonly written: number
  /** Refused, or not tried because others of their kind are: the next report tries again. */
  readonly failed: number
  /** Changed by another client meanwhile, or left because a newer report has come or the API server does not answer. */
  readonly pending: number
}

/** Writes the statuses of policies and exceptions. */
export interface PolicyStatuses {
  /**
   * Writes the statuses that a report changes, one after the other.
   * @throws KubernetesError `superseded` or `closed`.
   */
  write(report: DriftReport, signal: AbortSignal, isSuperseded: () => boolean): Promise<PolicyStatusOutcome>
}

const answerLimit = 15_000
/** The API server is gone, not an object. */
const mostInARow = 5

/** Creates a writer that patches the subresource `status` of the version that was seen, and nothing else of an object. */
export function createPolicyStatuses(options: PolicyStatusesOptions): PolicyStatuses {
  return {
    async write(report, signal, isSuperseded) {
      const changes = statusChanges(report, options.objects())
      const agent = createApiAgent(options.kubeConfig, 1)
      const wait = createRateLimiter({ perSecond: 10, ...options }, signal)
      const attempts = createAttempts(options, signal)
      const counts = { written: 0, failed: 0, pending: 0 }
      try {
        for (const change of changes) {
          if (isSuperseded() || attempts.gaveUp()) counts.pending += 1
          else if (attempts.isRefused(change)) counts.failed += 1
          else {
            // oxlint-disable eslint/no-await-in-loop -- one after the other, and not too fast
            await wait()
            counts[await attempts.send(change, agent)] += 1
            // oxlint-enable eslint/no-await-in-loop
          }
        }
      } finally {
        agent.destroy()
      }
      return counts
    },
  }
}

/** Creates the attempts of one cycle, which learn from each other what need not be tried. */
function createAttempts({ kubeConfig, mayWrite, onProblem }: PolicyStatusesOptions, signal: AbortSignal) {
  const told = new Set<string>()
  const withoutRight = new Set<StatusChange['kind']>()
  let inARow = 0
  const learn = ({ kind }: StatusChange, error: KubernetesError): void => {
    const { code } = error
    if (code === 'forbidden') withoutRight.add(kind)
    inARow = isOfServer.has(code) ? inARow + 1 : 0
    if (!passing.has(code) && !told.has(`${kind} ${code}`)) onProblem(error)
    told.add(`${kind} ${code}`)
  }
  return {
    gaveUp: () => inARow >= mostInARow,
    isRefused: ({ kind }: StatusChange): boolean => withoutRight.has(kind),
    async send(change: StatusChange, agent: ApiAgent): Promise<keyof PolicyStatusOutcome> {
      try {
        const request = { ...requestOf(change), agent, mayWrite }
        await callApi(kubeConfig, request, withTimeout(signal, answerLimit))
        inARow = 0
        return 'written'
      } catch (error) {
        if (!(error instanceof KubernetesError) || error.code === 'superseded' || signal.aborted) throw error
        learn(change, error)
        return error.code === 'conflict' || isOfServer.has(error.code) ? 'pending' : 'failed'
      }
    },
  }
}

const isOfServer: ReadonlySet<KubernetesError['code']> = new Set(['unavailable', 'timeout', 'unauthorized'])
/** Deleted, or changed at that moment. */
const passing: ReadonlySet<KubernetesError['code']> = new Set(['not-found', 'conflict'])

const resources = { PatchPolicy: 'patchpolicies', PatchException: 'patchexceptions' } as const

// Not by server-side apply: an older definition lacks fields that a newer one has, and apply refuses what it does not know.
function requestOf({ kind, namespace, name, resourceVersion, status }: StatusChange): ApiRequest {
  const resource = resources[kind]
  const inNamespace = namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  const where = namespace === '' ? name : `${namespace}/${name}`
  return {
    what: `patch the status of ${resource}.${policyGroup} ${where}`,
    path: `${policyRoot}${inNamespace}/${resource}/${encodeURIComponent(name)}/status`,
    patch: { contentType: 'application/merge-patch+json', body: { metadata: { resourceVersion }, status } },
  }
}
