import type { KubeConfig } from '@kubernetes/client-node'
import { at, itemsOf, member, textOf } from '../../json/index.ts'
import { callApi } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'
import { requestsPath } from './signing-requests.ts'

/** A request that this process made. */
export interface MadeRequest {
  readonly name: string
  /** This process, as the API server names its user. */
  readonly username: string
}

/** What became of a request. */
export type RequestOutcome =
  | { readonly outcome: 'pending' | 'gone' }
  | { readonly outcome: 'issued'; readonly certificate: string }
  | { readonly outcome: 'denied'; readonly why: string }

/** The request of a replica for a certificate, and how to ask for it. */
export interface CertificateAsked {
  readonly signerName: string
  readonly usages: readonly string[]
  /** PKCS#10, PEM. */
  readonly request: string
  /** Milliseconds. */
  readonly lifetime: number
}

/** Requests certificates. All reject with KubernetesError. */
export interface CertificateRequester {
  create(asked: CertificateAsked, signal: AbortSignal): Promise<MadeRequest>
  outcome(name: string, signal: AbortSignal): Promise<RequestOutcome>
}

/** Milliseconds for one request. */
const answerLimit = 10_000
/** The API server takes no shorter one. */
const shortestSeconds = 600

/** Creates the requester of certificates for this process. */
export function createCertificateRequester(kubeConfig: KubeConfig): CertificateRequester {
  return {
    async create({ signerName, usages, request, lifetime }, signal) {
      const what = 'create a certificatesigningrequest'
      const body = {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { generateName: 'patchline-webhook-', labels: { 'app.kubernetes.io/name': 'patchline' } },
        spec: {
          signerName,
          usages,
          request: Buffer.from(request).toString('base64'),
          expirationSeconds: Math.max(shortestSeconds, Math.ceil(lifetime / 1000)),
        },
      }
      const write = { method: 'POST', body } as const
      const made = await callApi(
        kubeConfig,
        { what, path: requestsPath, write },
        withTimeout(signal, answerLimit),
      )
      const name = textOf(at(made, ['metadata', 'name']))
      const username = textOf(at(made, ['spec', 'username']))
      if (name !== '' && username !== '') return { name, username }
      throw new KubernetesError('invalid-answer', { what, why: 'the answer has no name or user' })
    },
    async outcome(name, signal) {
      const what = `get certificatesigningrequest ${name}`
      const object = `${requestsPath}/${encodeURIComponent(name)}`
      try {
        return outcomeOf(await callApi(kubeConfig, { what, path: object }, withTimeout(signal, answerLimit)))
      } catch (error) {
        if (error instanceof KubernetesError && error.code === 'not-found') return { outcome: 'gone' }
        throw error
      }
    },
  }
}

function outcomeOf(object: unknown): RequestOutcome {
  const certificate = textOf(at(object, ['status', 'certificate']))
  if (certificate !== '')
    return { outcome: 'issued', certificate: Buffer.from(certificate, 'base64').toString('latin1') }
  const refusal = itemsOf(at(object, ['status', 'conditions'])).find(condition =>
    ['Denied', 'Failed'].includes(textOf(member(condition, 'type'))),
  )
  if (refusal === undefined) return { outcome: 'pending' }
  return {
    outcome: 'denied',
    why: `${textOf(member(refusal, 'reason'))}: ${textOf(member(refusal, 'message'))}`,
  }
}
