import { itemsOf, member, textOf } from '../workload/index.ts'
import { KubernetesError } from './kubernetes-error.ts'

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
  const webhooks = isRecord(configuration) ? (configuration['webhooks'] ?? []) : undefined
  if (!Array.isArray(webhooks)) {
    throw new KubernetesError('invalid-answer', { what, why: 'the answer is not a webhook configuration' })
  }
  return webhooks.map((webhook: unknown) => parseWebhook(webhook, what))
}

function parseWebhook(webhook: unknown, what: string): Webhook {
  const name = isRecord(webhook) ? webhook['name'] : undefined
  const clientConfig = isRecord(webhook) ? webhook['clientConfig'] : undefined
  if (typeof name !== 'string' || !isRecord(clientConfig)) {
    throw new KubernetesError('invalid-answer', { what, why: 'a webhook without name or clientConfig' })
  }
  const { caBundle, url, service } = clientConfig
  const path = isRecord(service) ? service['path'] : undefined
  return {
    name,
    caBundle: textOf(caBundle),
    url: typeof url === 'string' && URL.canParse(url) ? url : undefined,
    path: textOf(path),
    rules: itemsOf(member(webhook, 'rules')),
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
