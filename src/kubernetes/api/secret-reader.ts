import type { KubeConfig } from '@kubernetes/client-node'
import { at, itemsOf, member } from '../../json/index.ts'
import { isDnsLabel, isDnsSubdomain } from '../../text/index.ts'
import { callApi } from './api-request.ts'
import { createApiAgent } from './connection.ts'
import { connectionError, KubernetesError } from './kubernetes-error.ts'
import { withTimeout } from './timing.ts'

/** A secret of the two types that hold credentials for registries; of another type without its data. */
export interface PullSecret {
  readonly kind: 'found'
  readonly type: string
  /** Decoded: `.dockerconfigjson` or `.dockercfg`. */
  readonly data: Readonly<Record<string, string>>
}

/** The pull secrets that a service account names. */
export interface ServiceAccount {
  readonly kind: 'found'
  readonly pullSecrets: readonly string[]
}

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

/** The rights to read with; `answerLimit` in milliseconds for each request. */
export interface SecretReaderOptions {
  readonly kubeConfig: KubeConfig
  readonly answerLimit?: number
}

/** An admission is the longest that a caller can wait, and a healthy API server takes milliseconds. */
const defaultAnswerLimit = 2000

/** An audit of ten thousand service accounts asks for them one after the other, for 64 images at a time. */
const mostConnections = 64

/** Creates a reader with the rights of the kubeconfig's user: `get` on secrets and service accounts is all that it needs. */
export function createSecretReader(options: SecretReaderOptions): SecretReader {
  const { kubeConfig, answerLimit = defaultAnswerLimit } = options
  const closing = new AbortController()
  const agent = createApiAgent(kubeConfig, mostConnections)

  async function read<T>(
    { namespace, plural, name }: ObjectName,
    parse: (object: unknown, what: string) => T,
  ): Promise<T | Unread> {
    if (!isDnsLabel(namespace) || !isDnsSubdomain(name))
      return { kind: 'not-found', why: 'nothing can have this name' }
    const what = `get ${plural} ${namespace}/${name}`
    const path = `/api/v1/namespaces/${namespace}/${plural}/${name}`
    const signal = withTimeout(closing.signal, answerLimit)
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

interface ObjectName {
  readonly namespace: string
  readonly plural: 'secrets' | 'serviceaccounts'
  readonly name: string
}

function unread({ code, why }: KubernetesError): Unread {
  return { kind: code === 'not-found' || code === 'forbidden' ? code : 'unavailable', why }
}

/** The key of the credentials by the type of the secret; no other key of a secret is read. */
const keysByType: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
  ['kubernetes.io/dockercfg', '.dockercfg'],
])

/** Reads a Secret; throws KubernetesError `invalid-answer`. */
function parsePullSecret(object: unknown, what: string): PullSecret {
  const type = member(object, 'type')
  if (member(object, 'kind') !== 'Secret' || typeof type !== 'string')
    throw new KubernetesError('invalid-answer', { what, why: 'the answer is no Secret' })
  const key = keysByType.get(type)
  const value = key === undefined ? undefined : at(object, ['data', key])
  if (key === undefined || typeof value !== 'string') return { kind: 'found', type, data: {} }
  return { kind: 'found', type, data: { [key]: Buffer.from(value, 'base64').toString('utf8') } }
}

/** Reads a ServiceAccount; throws KubernetesError `invalid-answer`. */
function parseServiceAccount(object: unknown, what: string): ServiceAccount {
  if (member(object, 'kind') !== 'ServiceAccount')
    throw new KubernetesError('invalid-answer', { what, why: 'the answer is no ServiceAccount' })
  const names = itemsOf(member(object, 'imagePullSecrets')).map(item => member(item, 'name'))
  return { kind: 'found', pullSecrets: names.filter(name => typeof name === 'string') }
}
