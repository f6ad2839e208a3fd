import { readFile } from 'node:fs/promises'
import type { OutgoingHttpHeaders } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'

/**
 * The TLS options and headers with which the configured user talks to the configured cluster, made anew for each
 * request: certificates and tokens in files are replaced while the process runs. Rejects when `signal` aborts.
 */
export async function credentialsFor(kubeConfig: KubeConfig, signal: AbortSignal): Promise<RequestOptions> {
  const headers: OutgoingHttpHeaders = { accept: 'application/json', 'user-agent': 'patchline' }
  const options: RequestOptions = { headers }
  // May run a credential plug-in (kubectl's `exec`), which has no time limit of its own.
  await orAborted(kubeConfig.applyToHTTPSOptions(options), signal)
  const token = await readToken(kubeConfig, signal)
  if (token !== undefined) headers['Authorization'] = `Bearer ${token}`
  // The library caches its agent with the certificates of the first request; only a proxy needs it.
  const proxied = kubeConfig.getCurrentCluster()?.proxyUrl !== undefined
  return proxied ? options : { ...options, agent: false }
}

/** A service account's token is replaced about hourly; the library re-reads it only after a minute. */
async function readToken(kubeConfig: KubeConfig, signal: AbortSignal): Promise<string | undefined> {
  const file = tokenFileOf(kubeConfig.getCurrentUser()?.authProvider)
  if (file === undefined) return undefined
  return (await readFile(file, { encoding: 'utf8', signal })).trim()
}

function tokenFileOf(authProvider: unknown): string | undefined {
  const config = property(authProvider, 'config')
  const file = property(config, 'tokenFile')
  return typeof file === 'string' ? file : undefined
}

function property(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([name]) => name === key)?.[1]
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(new Error('given up', { cause: signal.reason }))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
