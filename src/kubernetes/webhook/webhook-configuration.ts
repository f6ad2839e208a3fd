import { isJsonObject, itemsOf, member, textOf } from '../../json/index.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'

/** What is read of one webhook of a configuration; `caBundle` in base64, empty where there is none. */
export interface Webhook {
  readonly name: string
  readonly caBundle: string
  /** Where it is called by a URL; undefined: by a Service. */
  readonly url: string | undefined
  /** Of the Service; empty where there is none. */
  readonly path: string
  /** As they are. */
  readonly rules: readonly unknown[]
}

/** Reads the webhooks of a webhook configuration; throws KubernetesError `invalid-answer`. */
export function parseWebhooks(configuration: unknown, what: string): Webhook[] {
  const webhooks = isJsonObject(configuration) ? (configuration['webhooks'] ?? []) : undefined
  if (!Array.isArray(webhooks)) {
    throw new KubernetesError('invalid-answer', { what, why: 'the answer is not a webhook configuration' })
  }
  return webhooks.map((webhook: unknown) => parseWebhook(webhook, what))
}

function parseWebhook(webhook: unknown, what: string): Webhook {
  const name = isJsonObject(webhook) ? webhook['name'] : undefined
  const clientConfig = isJsonObject(webhook) ? webhook['clientConfig'] : undefined
  if (typeof name !== 'string' || !isJsonObject(clientConfig)) {
    throw new KubernetesError('invalid-answer', { what, why: 'a webhook without name or clientConfig' })
  }
  const { caBundle, url, service } = clientConfig
  const path = isJsonObject(service) ? service['path'] : undefined
  return {
    name,
    caBundle: textOf(caBundle),
    url: typeof url === 'string' && URL.canParse(url) ? url : undefined,
    path: textOf(path),
    rules: itemsOf(member(webhook, 'rules')),
  }
}
