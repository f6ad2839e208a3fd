import { X509Certificate } from 'node:crypto'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { patchWebhooks, type WebhooksOutcome, type WebhooksPatch } from './patch-webhooks.ts'

/** The CA that the API server is to trust when it calls the webhook. */
export interface CaBundlePatch extends WebhooksPatch {
  /** The CA's certificate, PEM. */
  readonly authority: string
}

/**
 * Puts the authority into `clientConfig.caBundle` of every webhook of the validating and the mutating configuration,
 * and touches nothing else. The authority trusted before stays as the second in the bundle (`nextBundle`). Throws
 * KubernetesError, `not-found` where neither configuration exists, `invalid-input` where the authority is none.
 */
export async function patchCaBundle(patch: CaBundlePatch): Promise<readonly WebhooksOutcome[]> {
  const { authority } = patch
  const what = 'patch the CA bundle'
  if (!isAuthority(authority, Date.now())) {
    // Not every API server looks into a bundle: with junk in it each call would fail, unseen.
    throw new KubernetesError('invalid-input', { what, why: 'not a valid certificate of an authority' })
  }
  return patchWebhooks(patch, {
    what,
    fieldOf({ caBundle }) {
      const current = Buffer.from(caBundle, 'base64').toString('latin1')
      const value = Buffer.from(nextBundle(current, authority, Date.now())).toString('base64')
      return { path: '/clientConfig/caBundle', before: caBundle, value }
    },
  })
}

/** The whole bundle of every webhook. */
export interface CaBundle extends WebhooksPatch {
  /** PEM. */
  readonly bundle: string
}

/**
 * Puts exactly this bundle into `clientConfig.caBundle` of every webhook, where it is still the one that was read, and touches
 * nothing else. Throws KubernetesError, `not-found` where there is no configuration.
 */
export function setCaBundle({ bundle, ...patch }: CaBundle): Promise<readonly WebhooksOutcome[]> {
  const value = Buffer.from(bundle).toString('base64')
  return patchWebhooks(patch, {
    what: 'write the CA bundle',
    fieldOf: ({ caBundle }) => ({
      path: '/clientConfig/caBundle',
      before: caBundle,
      value,
      ...(caBundle !== '' && { still: caBundle }),
    }),
  })
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g

// A person who is not sure that it worked runs it again, while replicas still serve the pair of two rotations ago: they
// read a new one up to two minutes after it is written.
const mostAuthorities = 5

/**
 * The bundle (PEM) that trusts `authority` first, and after it those that `current` trusts and that are valid at `now`
 * (epoch milliseconds), the newest first and at most five in all: connections survive several rotations in a row.
 */
export function nextBundle(current: string, authority: string, now: number): string {
  const own = withNewline(authority)
  const earlier = (current.match(pemCertificate) ?? []).map(withNewline)
  const kept = earlier.filter(pem => pem !== own && isValid(pem, now))
  return [own, ...new Set(kept)].slice(0, mostAuthorities).join('')
}

/** Whether the API server would take it as an authority now (`now` in epoch milliseconds). */
function isAuthority(pem: string, now: number): boolean {
  return isValid(pem, now) && new X509Certificate(pem).ca
}

const withNewline = (pem: string): string => `${pem.trim()}\n`

function isValid(pem: string, now: number): boolean {
  try {
    return now < Date.parse(new X509Certificate(pem).validTo)
  } catch {
    // What cannot be read as a certificate is not trusted; the API server would refuse the bundle with it.
    return false
  }
}
