import type { KubeConfig } from '@kubernetes/client-node'
import { callApi } from './api-request.ts'
import { KubernetesError } from './kubernetes-error.ts'

// A person waits for it.
const answerLimit = 10_000

/** Resolves where there is an API server that takes these credentials; throws KubernetesError that says what is wrong. */
export async function assertAnswers(kubeConfig: KubeConfig): Promise<void> {
  const request = { what: 'ask the API server for its version', path: '/version' }
  try {
    await callApi(kubeConfig, request, AbortSignal.timeout(answerLimit))
  } catch (error) {
    // Somebody may have taken that right away from everybody: it is an API server all the same.
    if (!(error instanceof KubernetesError) || error.code !== 'forbidden') throw error
  }
}
