import type { KubeConfig } from '@kubernetes/client-node'
import { callApi } from './api-request.ts'
import { KubernetesError } from './kubernetes-error.ts'

/** What is to be read, and with which token. */
export interface Reading {
  readonly token: string
  /** As in `nonResourceURLs` of a ClusterRole. */
  readonly path: string
}

/** A scrape gives up after ten seconds, and both reviews have to fit in. */
const timeLimit = 4_000

/**
 * Whether the bearer of the token may `get` the path: by a TokenReview and a SubjectAccessReview, as kube-rbac-proxy asks.
 * Throws KubernetesError where the API server cannot be asked; no message holds the token.
 */
export async function reviewRead(
  kubeConfig: KubeConfig,
  { token, path }: Reading,
): Promise<'allowed' | 'unauthenticated' | 'forbidden'> {
  const tokenReview = await review(kubeConfig, {
    group: 'authentication.k8s.io',
    kind: 'TokenReview',
    spec: { token },
  })
  if (field(tokenReview, 'authenticated') !== true) return 'unauthenticated'
  const user = field(tokenReview, 'user')
  const accessReview = await review(kubeConfig, {
    group: 'authorization.k8s.io',
    kind: 'SubjectAccessReview',
    spec: {
      user: field(user, 'username'),
      uid: field(user, 'uid'),
      groups: field(user, 'groups'),
      extra: field(user, 'extra'),
      nonResourceAttributes: { path, verb: 'get' },
    },
  })
  return field(accessReview, 'allowed') === true ? 'allowed' : 'forbidden'
}

interface Review {
  readonly group: string
  readonly kind: 'TokenReview' | 'SubjectAccessReview'
  readonly spec: object
}

// The status of the answer.
async function review(kubeConfig: KubeConfig, { group, kind, spec }: Review): Promise<unknown> {
  const plural = `${kind.toLowerCase()}s`
  const what = `create ${plural}.${group}`
  const body = { apiVersion: `${group}/v1`, kind, spec }
  const path = `/apis/${group}/v1/${plural}`
  const request = { what, path, write: { method: 'POST', body } } as const
  const status = field(await callApi(kubeConfig, request, AbortSignal.timeout(timeLimit)), 'status')
  if (typeof status === 'object' && status !== null) return status
  throw new KubernetesError('invalid-answer', { what, why: 'the answer has no status' })
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined
}
