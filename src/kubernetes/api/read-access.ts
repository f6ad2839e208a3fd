import { createHash } from 'node:crypto'
import type { KubeConfig } from '@kubernetes/client-node'
import { createExpiringMap, createTokenBucket } from '../../async/index.ts'
import { isJsonObject, member } from '../../json/index.ts'
import { callApi } from './api-request.ts'
import { KubernetesError } from './kubernetes-error.ts'

/** Whether the bearer of a token may read a path. `unavailable`: that cannot be found out now. */
export type ReadDecision = 'allowed' | 'unauthenticated' | 'forbidden' | 'unavailable'

/** What is done with a path: a method of HTTP in lower case, as RBAC has it. */
export type Verb = 'get' | 'post' | 'put' | 'delete'

/** Authorizes readers by the API server, as its RBAC says. */
export interface ReadAccess {
  /** Never rejects. Remembers decisions for a short time. */
  mayRead(token: string | undefined, path: string, verb?: Verb): Promise<ReadDecision>
}

/** The API server that decides; `now` in milliseconds. */
export interface ReadAccessOptions {
  readonly kubeConfig: KubeConfig
  readonly now: () => number
  /** Why the API server could not be asked; called once until it can. */
  readonly onProblem: (problem: KubernetesError) => void
}

// A scrape each minute costs one review of each kind; a reader whose right was taken away reads on for as long.
const allowedFor = 60_000
// A reader who has just been given the right wants to see it.
const deniedFor = 10_000
// While the API server cannot be asked, a reader who was allowed a moment ago still is: monitoring is wanted most just then.
const allowedStale = 5 * 60_000
// A handful of Prometheus servers and people; apart, so that made-up tokens push out none that is good.
const mostRemembered = 1_000
// Any client that reaches the port can make up tokens, and each costs the API server a review.
const reviews = { requestsPerSecond: 10, burst: 20 } as const

/** Creates a read access that has no decisions in memory. */
export function createReadAccess(options: ReadAccessOptions): ReadAccess {
  const { now, onProblem } = options
  const decisions = createDecisions(now)
  const underWay = new Map<string, Promise<ReadDecision>>()
  const budget = createTokenBucket(reviews, now)
  let isTold = false

  async function review(key: string, reading: Reading): Promise<ReadDecision> {
    const fallback = decisions.wasAllowed(key) ? 'allowed' : 'unavailable'
    if (budget.wait() > 0) return fallback
    budget.take()
    try {
      const decision = await reviewRead(options.kubeConfig, reading)
      isTold = false
      decisions.set(key, decision)
      return decision
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error
      if (!isTold) onProblem(error)
      isTold = true
      return fallback
    }
  }

  return {
    async mayRead(token, path, verb = 'get') {
      if (token === undefined || token === '') return 'unauthenticated'
      // No token is kept, not even in memory.
      const key = createHash('sha256')
        .update(JSON.stringify([token, path, verb]))
        .digest('base64')
      const known = decisions.get(key)
      if (known !== undefined) return known
      const reviewing =
        underWay.get(key) ?? review(key, { token, path, verb }).finally(() => underWay.delete(key))
      underWay.set(key, reviewing)
      return reviewing
    },
  }
}

/** Creates the memory of decisions by the hash of token and path. */
function createDecisions(now: () => number) {
  const allowedAt = createExpiringMap<number>({ max: mostRemembered, now })
  const denied = createExpiringMap<ReadDecision>({ max: mostRemembered, now })
  return {
    get(key: string): ReadDecision | undefined {
      const at = allowedAt.get(key)
      return at !== undefined && now() - at < allowedFor ? 'allowed' : denied.get(key)
    },
    /** Whether the last review allowed it, some minutes ago at most. */
    wasAllowed: (key: string): boolean => allowedAt.get(key) !== undefined,
    set(key: string, decision: ReadDecision): void {
      if (decision === 'allowed') return allowedAt.set(key, now(), now() + allowedStale)
      allowedAt.delete(key)
      denied.set(key, decision, now() + deniedFor)
    },
  }
}

/** A path that is to be used, and the token of the client. */
interface Reading {
  readonly token: string
  /** As in `nonResourceURLs` of a ClusterRole. */
  readonly path: string
  readonly verb: Verb
}

/** A scrape gives up after ten seconds, and both reviews have to fit in. */
const timeLimit = 4_000

/**
 * Whether the bearer of the token may use the path with the verb: by a TokenReview and a SubjectAccessReview, as kube-rbac-proxy asks.
 * Throws KubernetesError where the API server cannot be asked; no message holds the token.
 */
async function reviewRead(
  kubeConfig: KubeConfig,
  { token, path, verb }: Reading,
): Promise<'allowed' | 'unauthenticated' | 'forbidden'> {
  const tokenReview = await statusOf(kubeConfig, {
    group: 'authentication.k8s.io',
    kind: 'TokenReview',
    spec: { token },
  })
  if (member(tokenReview, 'authenticated') !== true) return 'unauthenticated'
  const user = member(tokenReview, 'user')
  const accessReview = await statusOf(kubeConfig, {
    group: 'authorization.k8s.io',
    kind: 'SubjectAccessReview',
    spec: {
      user: member(user, 'username'),
      uid: member(user, 'uid'),
      groups: member(user, 'groups'),
      extra: member(user, 'extra'),
      nonResourceAttributes: { path, verb },
    },
  })
  return member(accessReview, 'allowed') === true ? 'allowed' : 'forbidden'
}

interface Review {
  readonly group: string
  readonly kind: 'TokenReview' | 'SubjectAccessReview'
  readonly spec: object
}

/** Creates a review; the `status` that the API server gives it. */
async function statusOf(kubeConfig: KubeConfig, { group, kind, spec }: Review): Promise<unknown> {
  const plural = `${kind.toLowerCase()}s`
  const what = `create ${plural}.${group}`
  const body = { apiVersion: `${group}/v1`, kind, spec }
  const path = `/apis/${group}/v1/${plural}`
  const request = { what, path, write: { method: 'POST', body } } as const
  const status = member(await callApi(kubeConfig, request, AbortSignal.timeout(timeLimit)), 'status')
  if (isJsonObject(status)) return status
  throw new KubernetesError('invalid-answer', { what, why: 'the answer has no status' })
}
