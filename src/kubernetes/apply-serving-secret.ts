import type { KubeConfig } from '@kubernetes/client-node'
import { callApi } from './api-request.ts'

/** The serving pair, PEM, and the Secret that is to hold it. */
export interface ServingSecret {
  readonly kubeConfig: KubeConfig
  readonly namespace: string
  readonly name: string
  readonly certificate: string
  readonly key: string
  /** The authority's certificate: for whoever wants to call the webhook. Its key has no place in a cluster. */
  readonly authority: string
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
  const limit = AbortSignal.timeout(timeLimit)
  const signal = secret.signal === undefined ? limit : AbortSignal.any([secret.signal, limit])
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`
  // Server-side apply creates and updates by one request. `force`: a pair put there by other means (kubectl create
  // secret) is what this replaces.
  const query = { fieldManager: 'patchline', force: 'true' }
  const patch = { contentType: 'application/apply-patch+yaml', body: objectOf(secret) }
  await callApi(kubeConfig, { what: `apply secret ${namespace}/${name}`, path, query, patch }, signal)
}

function objectOf({ namespace, name, certificate, key, authority }: ServingSecret) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/name': 'patchline' } },
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': base64(certificate),
      'tls.key': base64(key),
      'ca.crt': base64(authority),
    },
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
