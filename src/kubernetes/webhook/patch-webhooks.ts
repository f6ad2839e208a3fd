import type { KubeConfig } from '@kubernetes/client-node'
import { at, isJsonObject, itemsOf, member, textOf } from '../../json/index.ts'
import { callApi } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'

/** The webhook configurations that are changed. */
export interface WebhooksPatch {
  readonly kubeConfig: KubeConfig
  /** Of both webhook configurations; default `patchline`. */
  readonly name?: string
  /** Only these; both if not given. */
  readonly resources?: readonly WebhookResource[]
  /** Ends it early. */
  readonly signal?: AbortSignal
  /** See `ApiRequest`. */
  readonly mayWrite?: () => boolean
}

/** The kinds of webhook configurations. */
export const webhookResources = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'] as const
export type WebhookResource = (typeof webhookResources)[number]

/** The outcome for one webhook configuration; `absent`: there is none of that name. */
export interface WebhooksOutcome {
  readonly resource: WebhookResource
  readonly outcome: 'patched' | 'unchanged' | 'absent'
}

/** The field of each webhook that is changed. */
export interface WebhooksChange {
  /** For messages: `patch the CA bundle`. */
  readonly what: string
  /** The field by its JSON path in the webhook, with its values before and after. */
  readonly fieldOf: (webhook: Webhook, resource: WebhookResource) => Field
}

export interface Field {
  readonly path: string
  readonly before: unknown
  /** The same value as `before` where nothing is to change. */
  readonly value: unknown
  /** The value that the field must still have when it is written; any if not given. */
  readonly still?: unknown
}

/** A person waits for it; a healthy API server takes milliseconds. */
const timeLimit = 15_000
/** The list of webhooks may change between our reading and writing; it does not change more often than this. */
const mostAttempts = 3

/**
 * Changes one field of every webhook of the validating and the mutating configuration, and touches nothing else. Throws
 * KubernetesError, `not-found` where neither configuration exists.
 */
export async function patchWebhooks(
  patch: WebhooksPatch,
  change: WebhooksChange,
): Promise<readonly WebhooksOutcome[]> {
  const { name = 'patchline', resources = webhookResources } = patch
  const signal =
    patch.signal === undefined ? AbortSignal.timeout(timeLimit) : withTimeout(patch.signal, timeLimit)
  const outcomes = await Promise.all(
    resources.map(async resource => ({
      resource,
      outcome: await patchOne({ ...patch, ...change }, { resource, name }, signal),
    })),
  )
  if (outcomes.some(({ outcome }) => outcome !== 'absent')) return outcomes
  const why = `there is no webhook configuration named ${name}`
  throw new KubernetesError('not-found', { what: change.what, why })
}

interface Target {
  readonly resource: WebhookResource
  readonly name: string
}

async function patchOne(
  patch: WebhooksPatch & WebhooksChange,
  target: Target,
  signal: AbortSignal,
): Promise<WebhooksOutcome['outcome']> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // oxlint-disable-next-line eslint/no-await-in-loop -- the next attempt needs the outcome of this one
      return await readAndPatch(patch, target, signal)
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error
      if (error.code === 'not-found') return 'absent'
      // A `test` that does not hold is answered with 422.
      const changedMeanwhile = error.code === 'invalid' || error.code === 'conflict'
      if (!changedMeanwhile || attempt >= mostAttempts) throw error
    }
  }
}

async function readAndPatch(
  { kubeConfig, what: change, fieldOf, mayWrite }: WebhooksPatch & WebhooksChange,
  { resource, name }: Target,
  signal: AbortSignal,
): Promise<WebhooksOutcome['outcome']> {
  const what = `${change} of ${resource}/${name}`
  const path = pathOf(resource, name)
  const webhooks = parseWebhooks(await callApi(kubeConfig, { what, path }, signal), what)
  const body = webhooks.flatMap((webhook, index) =>
    operations(webhook.name, index, fieldOf(webhook, resource)),
  )
  if (body.length === 0) return 'unchanged'
  const contentType = 'application/json-patch+json'
  await callApi(kubeConfig, { what, path, patch: { contentType, body }, mayWrite }, signal)
  return 'patched'
}

/** The list has no stable indices: each change first makes sure that the webhook there is still the one that was read. */
function operations(name: string, index: number, { path, before, value, still }: Field) {
  if (value === before) return []
  return [
    { op: 'test', path: `/webhooks/${index}/name`, value: name },
    ...(still === undefined ? [] : [{ op: 'test', path: `/webhooks/${index}${path}`, value: still }]),
    { op: 'add', path: `/webhooks/${index}${path}`, value },
  ]
}

/** The parts of a webhook that are read; `caBundle` in base64, empty where there is none. */
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

/** The path of a webhook configuration, or of all. */
export function pathOf(resource: WebhookResource, name = ''): string {
  return `/apis/admissionregistration.k8s.io/v1/${resource}${name && `/${encodeURIComponent(name)}`}`
}

/** Reads the webhooks of a webhook configuration; throws KubernetesError `invalid-answer`. */
export function parseWebhooks(configuration: unknown, what: string): readonly Webhook[] {
  const webhooks = isJsonObject(configuration) ? (member(configuration, 'webhooks') ?? []) : undefined
  if (!Array.isArray(webhooks)) {
    throw new KubernetesError('invalid-answer', { what, why: 'the answer is not a webhook configuration' })
  }
  return webhooks.map((webhook: unknown) => parseWebhook(webhook, what))
}

function parseWebhook(webhook: unknown, what: string): Webhook {
  const name = member(webhook, 'name')
  const clientConfig = member(webhook, 'clientConfig')
  if (typeof name !== 'string' || !isJsonObject(clientConfig)) {
    throw new KubernetesError('invalid-answer', { what, why: 'a webhook without name or clientConfig' })
  }
  const url = member(clientConfig, 'url')
  return {
    name,
    caBundle: textOf(member(clientConfig, 'caBundle')),
    url: typeof url === 'string' && URL.canParse(url) ? url : undefined,
    path: textOf(at(clientConfig, ['service', 'path'])),
    rules: itemsOf(member(webhook, 'rules')),
  }
}
