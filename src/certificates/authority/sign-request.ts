import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { CertificateError } from '../x509/certificate-error.ts'
import { createSerial } from '../x509/create-certificates.ts'
import { parseHosts } from '../x509/hosts.ts'
import { readCertificateRequest } from '../x509/read-request.ts'
import type { Authority, AuthorityTiming } from './authority.ts'

/** A request for a certificate as a CertificateSigningRequest of Kubernetes says it. */
export interface SigningRequest {
  /** The user whom the API server saw create it. */
  readonly username: string
  readonly usages: readonly string[]
  /** PKCS#10, PEM. */
  readonly request: string
  /** By the clock of the API server, epoch milliseconds. */
  readonly createdAt: number
  /** The longest that the requester wants it to last; milliseconds. */
  readonly lifetime: number | undefined
}

/** Whose requests are signed, and for which names. */
export interface SigningPolicy {
  readonly username: string
  readonly names: readonly string[]
}

/** Why a request is denied, as conditions of Kubernetes name reasons. */
export type DenialReason =
  | 'OtherRequester' // not the service account of the webhook
  | 'OtherUsages' // for something else than serving
  | 'OtherNames' // names that are not those of the webhook's Service
  | 'InvalidRequest' // nothing that can be signed

/** The outcome of the review of a request. */
export type SigningReview =
  | { readonly outcome: 'approved'; readonly publicKey: KeyObject }
  | { readonly outcome: 'denied'; readonly reason: DenialReason; readonly message: string }

/** What a serving certificate is for, in the words of Kubernetes. */
export const servingUsages = ['digital signature', 'server auth'] as const

/** Reviews a request, which any user of the cluster who may create one may have written. The cheap checks come first. */
export function reviewRequest(
  { username, usages, request }: SigningRequest,
  policy: SigningPolicy,
): SigningReview {
  if (username !== policy.username)
    return denied('OtherRequester', `only ${policy.username} gets certificates of this signer`)
  if (!isSame(usages, servingUsages))
    return denied('OtherUsages', `the usages must be ${servingUsages.join(' and ')}, and no others`)
  try {
    const { publicKey, names } = readCertificateRequest(request)
    if (!isSame(names, policy.names))
      return denied('OtherNames', `the names must be ${policy.names.join(' and ')}, and no others`)
    return { outcome: 'approved', publicKey }
  } catch (error) {
    if (error instanceof CertificateError) return denied('InvalidRequest', error.message)
    throw error
  }
}

function denied(reason: DenialReason, message: string): SigningReview {
  return { outcome: 'denied', reason, message }
}

/** Whether two lists have the same items, each once, in any order. */
function isSame(given: readonly string[], wanted: readonly string[]): boolean {
  return given.length === wanted.length && wanted.every(one => given.includes(one))
}

/** What is signed, and how. */
export interface Signature {
  readonly authority: Authority
  readonly publicKey: KeyObject
  readonly names: readonly string[]
  readonly request: Pick<SigningRequest, 'createdAt' | 'lifetime'>
}

/** Issues the serving certificate (PEM) for a request that was approved. `now` in epoch milliseconds. */
export async function signRequest(
  { authority, publicKey, names, request }: Signature,
  now: number,
  { leaf, backdating }: Pick<AuthorityTiming, 'leaf' | 'backdating'>,
): Promise<string> {
  const { issueCertificate } = await import('../x509/issue-certificate.ts')
  const privateKey = createPrivateKey(authority.key)
  const issuer = { name: authority.name, privateKey, publicKey: createPublicKey(privateKey) }
  const lifetime = Math.min(leaf, request.lifetime ?? leaf)
  return issueCertificate(
    {
      subject: 'patchline',
      publicKey,
      serial: createSerial(),
      // The API server has to take it by its own clock, also where that of this machine runs ahead.
      notBefore: Math.min(now, request.createdAt) - backdating,
      // What outlives its authority would fail before the date that it shows.
      notAfter: Math.min(now + lifetime, authority.expiresAt),
      hosts: parseHosts(names),
    },
    issuer,
  )
}
