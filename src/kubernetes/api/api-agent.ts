import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'

export type ApiAgent = HttpAgent | HttpsAgent

/**
 * Keeps up to `most` connections to the API server for requests that follow one another: a handshake costs both ends more than what is
 * asked. `destroy` closes them.
 */
export function createApiAgent(kubeConfig: KubeConfig, most: number): ApiAgent {
  const isPlain = kubeConfig.getCurrentCluster()?.server.startsWith('http:') === true
  return new (isPlain ? HttpAgent : HttpsAgent)({ keepAlive: true, maxSockets: most, timeout: idleLimit })
}

// Go's servers close an idle connection after a minute and more, balancers before them sooner: none is taken up that may be closed just then.
const idleLimit = 5_000
