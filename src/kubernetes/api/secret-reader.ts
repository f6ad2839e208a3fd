import type { KubeConfig } from '@kubernetes/client-node'
import { isDnsLabel, isDnsSubdomain } from '../../text/index.ts'
import { createApiAgent } from './api-agent.ts'
import { callApi, connectionError } from './api-request.ts'
import type { KubernetesError } from './kubernetes-error.ts'
import {
  parsePullSecret,
  parseServiceAccount,
  type PullSecret,
  type ServiceAccount,
} from './secret-reader-objects.ts'

/** An object that could not be read, and why: for a person. */
export interface Unread {
  readonly kind: 'not-found' | 'forbidden' | 'unavailable'
  readonly why: string
}

/** Reads single secrets and service accounts by their names. Never lists, never watches, never rejects. */
export interface SecretReader {
  pullSecret(namespace: string, name: string): Promise<PullSecret | Unread>
  serviceAccount(namespace: string, name: string): Promise<ServiceAccount | Unread>
  /** Ends the requests that are under way. */
  close(): void
}

/** With what to read; `answerLimit` in milliseconds for each request. */
export interface SecretReaderOptions {
  readonly kubeConfig: KubeConfig
  readonly answerLimit?: number
}

/** Nobody waits for it longer than for an admission, and a healthy API server takes milliseconds. */
const defaultAnswerLimit = 2000

/** An audit of ten thousand service accounts asks for them one after the other, for 64 images at a time. */
const mostConnections = 64

/** A reader with the rights of the kubeconfig's user: `get` on secrets and service accounts is all that it needs. */
export function createSecretReader(options: SecretReaderOptions): SecretReader {
  const { kubeConfig, answerLimit = defaultAnswerLimit } = options
  const closing = new AbortController()
  const agent = createApiAgent(kubeConfig, mostConnections)

  async function read<T>(wanted: Wanted, parse: (object: unknown, what: string) => T): Promise<T | Unread> {
    const { namespace, plural, name } = wanted
    if (!isDnsLabel(namespace) || !isDnsSubdomain(name))
      return { kind: 'not-found', why: 'nothing can have this name' }
    const what = `get ${plural} ${namespace}/${name}`
    const path = `/api/v1/namespaces/${namespace}/${plural}/${name}`
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(answerLimit)])
    try {
      return parse(await callApi(kubeConfig, { what, path, agent }, signal), what)
    } catch (error) {
      return unread(connectionError(what, error, signal))
    }
  }

  return {
    pullSecret: (namespace, name) => read({ namespace, plural: 'secrets', name }, parsePullSecret),
    serviceAccount: (namespace, name) =>
      read({ namespace, plural: 'serviceaccounts', name }, parseServiceAccount),
    close() {
      closing.abort()
      agent.destroy()
    },
  }
}

interface Wanted {
  readonly namespace: string
  readonly plural: 'secrets' | 'serviceaccounts'
  readonly name: string
}

function unread({ code, why }: KubernetesError): Unread {
  return { kind: code === 'not-found' || code === 'forbidden' ? code : 'unavailable', why }
}
