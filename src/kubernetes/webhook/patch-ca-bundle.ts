import { isAuthority, nextBundle } from './ca-bundle.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { patchWebhooks, type WebhooksOutcome, type WebhooksPatch } from './patch-webhooks.ts'

/** Which authority the API server is to trust when it calls us. */
export interface CaBundlePatch extends WebhooksPatch {
  /** The authority's certificate, PEM. */
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
    // Not every API server looks into a bundle: with junk in it each call would fail, and nobody would see it.
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
