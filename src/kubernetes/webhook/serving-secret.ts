import type { KubeConfig } from '@kubernetes/client-node'
import { at, textOf } from '../../json/index.ts'
import { callApi } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'

/** The serving pair, PEM, and the secret paths, with the Secret that is to hold them. */
export interface ServingSecret {
  readonly kubeConfig: KubeConfig
  readonly namespace: string
  readonly name: string
  readonly certificate: string
  readonly key: string
  /** The CA's certificate: for clients that call the webhook. Its key has no place in a cluster. */
  readonly authority: string
  /** The secret paths of the webhook, one a line. */
  readonly paths: string
  /** Of the Secret that the paths were read from: what was changed meanwhile is not overwritten. */
  readonly resourceVersion?: string
  /** Ends it early. */
  readonly signal?: AbortSignal
}

/** A person waits for it; a healthy API server takes milliseconds. */
const timeLimit = 15_000

/**
 * Creates or updates the `kubernetes.io/tls` Secret that the deployment mounts. Throws KubernetesError: `not-found`
 * where there is no such namespace, `invalid` where a Secret of another type has the name.
 */
export async function applyServingSecret(secret: ServingSecret): Promise<void> {
  const { kubeConfig, namespace, name } = secret
  const path = pathOf(secret)
  // Server-side apply creates and updates by one request. `force`: a pair put there by other means (kubectl create
  // secret) is what this replaces.
  const query = { fieldManager: 'patchline', force: 'true' }
  const patch = { contentType: 'application/apply-patch+yaml', body: objectOf(secret) }
  await callApi(
    kubeConfig,
    { what: `apply secret ${namespace}/${name}`, path, query, patch },
    limited(secret.signal),
  )
}

/** The content of a Secret that is kept when the pair is replaced. */
export interface HeldPaths {
  readonly paths: string
  readonly resourceVersion: string
}

/** The secret paths that the Secret holds; undefined where there is no such Secret. Throws KubernetesError. */
export async function readHeldPaths(
  secret: Pick<ServingSecret, 'kubeConfig' | 'namespace' | 'name' | 'signal'>,
): Promise<HeldPaths | undefined> {
  const { kubeConfig, namespace, name } = secret
  const what = `get secret ${namespace}/${name}`
  const path = pathOf(secret)
  try {
    const found = await callApi(kubeConfig, { what, path }, limited(secret.signal))
    const data = textOf(at(found, ['data', 'path']))
    return {
      paths: Buffer.from(data, 'base64').toString('utf8'),
      resourceVersion: textOf(at(found, ['metadata', 'resourceVersion'])),
    }
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 'not-found') return undefined
    throw error
  }
}

function pathOf({ namespace, name }: Pick<ServingSecret, 'namespace' | 'name'>): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`
}

function limited(signal: AbortSignal | undefined): AbortSignal {
  return signal === undefined ? AbortSignal.timeout(timeLimit) : withTimeout(signal, timeLimit)
}

function objectOf(secret: ServingSecret) {
  const { namespace, name, certificate, key, authority, paths, resourceVersion } = secret
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: { 'app.kubernetes.io/name': 'patchline' },
      ...(resourceVersion !== undefined && resourceVersion !== '' && { resourceVersion }),
    },
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': base64(certificate),
      'tls.key': base64(key),
      'ca.crt': base64(authority),
      path: base64(paths),
    },
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
