import type { KubeConfig } from '@kubernetes/client-node'
import { at, isJsonObject, textOf } from '../../json/index.ts'
import { callApi } from './api-request.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { withTimeout } from './timing.ts'

/** The content of a Secret, and the version that a change of it has to name. */
export interface HeldSecret {
  /** Decoded. */
  readonly data: Readonly<Record<string, string>>
  readonly resourceVersion: string
}

/** The keys of a Secret that change; undefined: the key goes. */
export type SecretChange = Readonly<Record<string, string | undefined>>

/**
 * One Secret, read and written by its name. All reject with KubernetesError: `conflict` where another process was quicker. No
 * message holds what is in it.
 */
export interface NamedSecret {
  /** Undefined where there is none. */
  read(signal: AbortSignal): Promise<HeldSecret | undefined>
  /** Creates it, or changes it where it is still the version that was read. Other keys and the metadata stay. */
  write(held: HeldSecret | undefined, change: SecretChange, signal: AbortSignal): Promise<void>
}

/** Which Secret. */
export interface NamedSecretOptions {
  readonly kubeConfig: KubeConfig
  readonly namespace: string
  readonly name: string
  /** See `ApiRequest`. */
  readonly mayWrite?: () => boolean
}

/** Milliseconds for one request. */
const answerLimit = 10_000

/** Creates the reader and writer of one Secret. */
export function createNamedSecret({
  kubeConfig,
  namespace,
  name,
  mayWrite,
}: NamedSecretOptions): NamedSecret {
  const all = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`
  const path = `${all}/${encodeURIComponent(name)}`
  const place = `secret ${namespace}/${name}`
  return {
    async read(signal) {
      const what = `get ${place}`
      try {
        return parseSecret(await callApi(kubeConfig, { what, path }, withTimeout(signal, answerLimit)), what)
      } catch (error) {
        if (error instanceof KubernetesError && error.code === 'not-found') return undefined
        throw error
      }
    },
    async write(held, change, signal) {
      const limit = withTimeout(signal, answerLimit)
      const data = encoded(change)
      if (held === undefined) {
        const body = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: metadataOf(name), data }
        const write = { method: 'POST', body } as const
        return created(callApi(kubeConfig, { what: `create ${place}`, path: all, write, mayWrite }, limit))
      }
      // A merge keeps what other clients wrote on the object; the version makes it a compare-and-swap (409).
      const body = { metadata: { resourceVersion: held.resourceVersion }, data }
      const patch = { contentType: 'application/merge-patch+json', body }
      await callApi(kubeConfig, { what: `patch ${place}`, path, patch, mayWrite }, limit)
    },
  }
}

async function created(answer: Promise<unknown>): Promise<void> {
  try {
    await answer
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.code !== 'forbidden') throw error
    // The manifests bring it, so that no right to create Secrets is needed.
    const next = 'apply the manifests again, which bring this Secret without content'
    throw new KubernetesError('forbidden', { what: error.what, why: error.why, next, cause: error })
  }
}

function metadataOf(name: string) {
  return { name, labels: { 'app.kubernetes.io/name': 'patchline' } }
}

/** Null removes a key in a merge, and a Secret that is created has no such key. */
function encoded(change: SecretChange): Readonly<Record<string, string | null>> {
  const entries = Object.entries(change).map(
    ([key, text]) => [key, text === undefined ? null : Buffer.from(text).toString('base64')] as const,
  )
  return Object.fromEntries(entries)
}

function parseSecret(object: unknown, what: string): HeldSecret {
  const resourceVersion = textOf(at(object, ['metadata', 'resourceVersion']))
  if (resourceVersion === '')
    throw new KubernetesError('invalid-answer', { what, why: 'the answer is not an object with a version' })
  const data = at(object, ['data'])
  const entries = isJsonObject(data) ? Object.entries(data) : []
  const texts = entries.map(([key, value]) => [key, Buffer.from(textOf(value), 'base64').toString('utf8')])
  return { data: Object.fromEntries(texts), resourceVersion }
}
