import { KubernetesError } from './kubernetes-error.ts'

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

/** What else stands in a secret is none of our business. */
const keysByType: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
  ['kubernetes.io/dockercfg', '.dockercfg'],
])

/** Reads a Secret; throws KubernetesError `invalid-answer`. */
export function parsePullSecret(object: unknown, what: string): PullSecret {
  const type = property(object, 'type')
  if (property(object, 'kind') !== 'Secret' || typeof type !== 'string')
    throw new KubernetesError('invalid-answer', { what, why: 'the answer is no Secret' })
  const key = keysByType.get(type)
  const value = key === undefined ? undefined : property(property(object, 'data'), key)
  if (key === undefined || typeof value !== 'string') return { kind: 'found', type, data: {} }
  return { kind: 'found', type, data: { [key]: Buffer.from(value, 'base64').toString('utf8') } }
}

/** Reads a ServiceAccount; throws KubernetesError `invalid-answer`. */
export function parseServiceAccount(object: unknown, what: string): ServiceAccount {
  if (property(object, 'kind') !== 'ServiceAccount')
    throw new KubernetesError('invalid-answer', { what, why: 'the answer is no ServiceAccount' })
  const listed = property(object, 'imagePullSecrets')
  const items: readonly unknown[] = Array.isArray(listed) ? listed : []
  const names = items.map(item => property(item, 'name'))
  return { kind: 'found', pullSecrets: names.filter(name => typeof name === 'string') }
}

function property(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.entries(value).find(([name]) => name === key)?.[1]
}
