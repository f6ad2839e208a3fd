import { readFile } from 'node:fs/promises'
import {
  Agent as HttpAgent,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestOptions,
} from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { orAborted } from '../../async/index.ts'
import { at } from '../../json/index.ts'

/**
 * The TLS options and headers with which the configured user talks to the configured cluster, made anew for each
 * request: certificates and tokens in files are replaced while the process runs. Rejects when `signal` aborts.
 */
export async function credentialsFor(kubeConfig: KubeConfig, signal: AbortSignal): Promise<RequestOptions> {
  const headers: OutgoingHttpHeaders = { accept: 'application/json', 'user-agent': 'patchline' }
  const options: RequestOptions = { headers }
  signal.throwIfAborted()
  // May run a credential plug-in (kubectl's `exec`), which has no time limit.
  await orAborted(kubeConfig.applyToHTTPSOptions(options), signal)
  const token = await readToken(kubeConfig, signal)
  if (token !== undefined) headers['Authorization'] = `Bearer ${token}`
  // The library caches its agent with the certificates of the first request; only a proxy needs it.
  const proxied = kubeConfig.getCurrentCluster()?.proxyUrl !== undefined
  return proxied ? options : { ...options, agent: false }
}

/** A service account's token is replaced about hourly; the library re-reads it only after a minute. */
async function readToken(kubeConfig: KubeConfig, signal: AbortSignal): Promise<string | undefined> {
  const file = at(kubeConfig.getCurrentUser()?.authProvider, ['config', 'tokenFile'])
  if (typeof file !== 'string') return undefined
  return (await readFile(file, { encoding: 'utf8', signal })).trim()
}

export type ApiAgent = HttpAgent | HttpsAgent

/**
 * Creates an agent that keeps up to `most` connections to the API server for requests that follow one another: a handshake
 * costs both ends more than the request. `destroy` closes them.
 */
export function createApiAgent(kubeConfig: KubeConfig, most: number): ApiAgent {
  const isPlain = kubeConfig.getCurrentCluster()?.server.startsWith('http:') === true
  return new (isPlain ? HttpAgent : HttpsAgent)({ keepAlive: true, maxSockets: most, timeout: idleLimit })
}

// Go's servers close an idle connection after a minute and more, load balancers before them sooner: none is reused that may be
// closed just then.
const idleLimit = 5_000

/**
 * A buffer that is reused for the bodies of responses that follow one another. A list of 100,000 pods is a gigabyte in pages:
 * buffers that the garbage collector has to free would make it run without end, and leave holes that never go back to the system.
 */
export interface ResponseBuffer {
  /** The response's bytes, which stand until the next one is read. @throws RangeError where there are more than `limit`. */
  read(response: IncomingMessage, limit: number): Promise<Buffer>
  /** Gives all of it back at once; nothing that was read may be used any more. */
  free(): void
}

/** Creates a buffer that grows to the largest response that it has read. */
export function createResponseBuffer(): ResponseBuffer {
  let memory = new ArrayBuffer(0)
  return {
    async read(response, limit) {
      let length = 0
      for await (const chunk of response) {
        if (!Buffer.isBuffer(chunk)) continue
        const end = length + chunk.length
        if (end > limit) throw new RangeError(`the answer is larger than ${limit} bytes`)
        if (end > memory.byteLength) memory = memory.transfer(Math.ceil((end * growth) / step) * step)
        chunk.copy(Buffer.from(memory), length)
        length = end
      }
      return Buffer.from(memory, 0, length)
    },
    free: () => void (memory = memory.transfer(0)),
  }
}

const step = 256 * 1024
// A page is seldom much larger than the one before.
const growth = 1.25
