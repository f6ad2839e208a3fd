import { KubernetesError } from '../api/kubernetes-error.ts'
import {
  patchWebhooks,
  type WebhookResource,
  type WebhooksOutcome,
  type WebhooksPatch,
} from './patch-webhooks.ts'

/** The secret path under which the API server is to call the webhook. */
export interface WebhookPathPatch extends WebhooksPatch {
  /** Without `/`. */
  readonly path: string
}

/** The path of each kind of webhook, before the secret one. */
export const endpoints: Readonly<Record<WebhookResource, string>> = {
  validatingwebhookconfigurations: 'validate',
  mutatingwebhookconfigurations: 'mutate',
}

/**
 * Puts `/validate/PATH` and `/mutate/PATH` into the service's path, or else the URL, of every webhook of the validating and the
 * mutating configuration. The manifests have no path, so applying them again leaves it as it is. Throws KubernetesError,
 * `not-found` where neither configuration exists. No message holds the path.
 */
export async function patchWebhookPath(patch: WebhookPathPatch): Promise<readonly WebhooksOutcome[]> {
  try {
    return await patchPaths(patch)
  } catch (error) {
    if (!(error instanceof KubernetesError) || !error.why.includes(patch.path)) throw error
    // The API server quotes what it refuses.
    const { code, what, why, next, retryAfter } = error
    throw new KubernetesError(code, { what, why: why.replaceAll(patch.path, '[hidden]'), next, retryAfter })
  }
}

function patchPaths(patch: WebhookPathPatch): Promise<readonly WebhooksOutcome[]> {
  return patchWebhooks(patch, {
    what: 'patch the path',
    fieldOf({ url, path }, resource) {
      const endpoint = `/${endpoints[resource]}`
      if (url === undefined)
        return { path: '/clientConfig/service/path', before: path, value: below(path, endpoint, patch.path) }
      const changed = new URL(url)
      changed.pathname = below(changed.pathname, endpoint, patch.path)
      return { path: '/clientConfig/url', before: url, value: changed.href }
    },
  })
}

// What stands before the endpoint, a proxy's prefix, is kept.
function below(current: string, endpoint: string, path: string): string {
  const at = `${current}/`.indexOf(`${endpoint}/`)
  const prefix = (at < 0 ? current : current.slice(0, at)).replace(/\/$/, '')
  return `${prefix}${endpoint}/${path}`
}
