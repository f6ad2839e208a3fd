import type { KubeConfig } from '@kubernetes/client-node'
import { callApi } from './api-request.ts'
import { isAuthority, nextBundle } from './ca-bundle.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { parseWebhooks, type Webhook } from './webhook-configuration.ts'

/** Which authority the API server is to trust when it calls us. */
export interface CaBundlePatch {
  readonly kubeConfig: KubeConfig
  /** The authority's certificate, PEM. */
  readonly authority: string
  /** Of both webhook configurations; default `patchline`. */
  readonly name?: string
  /** Ends it early. */
  readonly signal?: AbortSignal
}

const resources = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'] as const

/** What came of one webhook configuration; `absent`: there is none of that name. */
export interface CaBundleOutcome {
  readonly resource: (typeof resources)[number]
  readonly outcome: 'patched' | 'unchanged' | 'absent'
}

/** A person waits for it; a healthy API server takes milliseconds. */
const timeLimit = 15_000
/** Somebody may change the list of webhooks between our reading and writing; more often than this nobody does. */
const mostAttempts = 3

/**
 * Puts the authority into `clientConfig.caBundle` of every webhook of the validating and the mutating configuration,
 * and touches nothing else. The authority trusted before stays as the second in the bundle (`nextBundle`). Throws
 * KubernetesError, `not-found` where neither configuration exists, `invalid-input` where the authority is none.
 */
export async function patchCaBundle(patch: CaBundlePatch): Promise<readonly CaBundleOutcome[]> {
  const { name = 'patchline' } = patch
  if (!isAuthority(patch.authority, Date.now())) {
    // Not every API server looks into a bundle: with junk in it each call would fail, and nobody would see it.
    const why = 'not a valid certificate of an authority'
    throw new KubernetesError('invalid-input', { what: 'patch the CA bundle', why })
  }
  const limit = AbortSignal.timeout(timeLimit)
  const signal = patch.signal === undefined ? limit : AbortSignal.any([patch.signal, limit])
  const outcomes = await Promise.all(
    resources.map(async resource => ({
      resource,
      outcome: await patchOne(patch, { resource, name }, signal),
    })),
  )
  if (outcomes.some(({ outcome }) => outcome !== 'absent')) return outcomes
  const why = `there is no webhook configuration named ${name}`
  throw new KubernetesError('not-found', { what: 'patch the CA bundle', why })
}

interface Target {
  readonly resource: (typeof resources)[number]
  readonly name: string
}

async function patchOne(
  patch: CaBundlePatch,
  target: Target,
  signal: AbortSignal,
): Promise<CaBundleOutcome['outcome']> {
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
  { kubeConfig, authority }: CaBundlePatch,
  { resource, name }: Target,
  signal: AbortSignal,
): Promise<CaBundleOutcome['outcome']> {
  const path = `/apis/admissionregistration.k8s.io/v1/${resource}/${encodeURIComponent(name)}`
  const what = `patch the CA bundle of ${resource}/${name}`
  const webhooks = parseWebhooks(await callApi(kubeConfig, { what, path }, signal), what)
  const body = webhooks.flatMap((webhook, index) => operations(webhook, index, authority))
  if (body.length === 0) return 'unchanged'
  const contentType = 'application/json-patch+json'
  await callApi(kubeConfig, { what, path, patch: { contentType, body } }, signal)
  return 'patched'
}

/** The list has no stable indices: each change first makes sure that the webhook there is still the one that was read. */
function operations({ name, caBundle }: Webhook, index: number, authority: string) {
  const value = Buffer.from(
    nextBundle(Buffer.from(caBundle, 'base64').toString('latin1'), authority, Date.now()),
  ).toString('base64')
  if (value === caBundle) return []
  return [
    { op: 'test', path: `/webhooks/${index}/name`, value: name },
    { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value },
  ]
}
