import type { KubeConfig } from '@kubernetes/client-node'
import { callApi } from './api-request.ts'
import { KubernetesError } from './kubernetes-error.ts'

// A person waits for it.
const answerLimit = 10_000

const what = 'ask the API server for its version'

/** Resolves where there is an API server that takes these credentials; throws KubernetesError that says what is wrong. */
export async function assertAnswers(kubeConfig: KubeConfig): Promise<void> {
  try {
    const answer = await callApi(kubeConfig, { what, path: '/version' }, AbortSignal.timeout(answerLimit))
    if (typeof answer !== 'object' || answer === null || !('gitVersion' in answer)) throw noServer(kubeConfig)
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error
    if (error.code === 'not-found' || error.code === 'invalid-answer') throw noServer(kubeConfig)
    // An administrator may have taken that right away from everybody: it is an API server all the same.
    if (error.code !== 'forbidden') throw error
  }
}

function noServer(kubeConfig: KubeConfig): KubernetesError {
  const { origin } = new URL(kubeConfig.getCurrentCluster()?.server ?? '')
  const why = `${origin} is not a Kubernetes API server`
  return new KubernetesError('invalid-answer', { what, why, next: 'check the server of the kubeconfig' })
}
