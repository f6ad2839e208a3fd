import { Ajv, type ErrorObject } from 'ajv'
import type { Config, ConfigProblem, ConfiguredRegistry, ProviderKind } from './config.ts'
import { formats } from './formats.ts'
import type { ChannelKind, mailSecurities } from './notifications.ts'
import { keysAt, schema } from './schema.ts'

/** A document that the schema allows, with every default filled in: paths and secrets still as they are written. */
export interface RawConfig extends Omit<
  Config,
  'ownNamespace' | 'webhook' | 'registries' | 'egress' | 'catalog' | 'kubernetes' | 'audit' | 'notifications'
> {
  readonly ownNamespace?: string
  readonly webhook: Omit<Config['webhook'], 'certificateFile' | 'keyFile' | 'clientCaFile' | 'pathFile'> & {
    readonly certificateFile?: string
    readonly keyFile?: string
    readonly clientCaFile?: string
    readonly pathFile?: string
  }
  readonly registries: readonly RawRegistry[]
  readonly egress: { readonly allowedRanges: readonly string[]; readonly proxyFromEnvironment: boolean }
  readonly catalog: Omit<Config['catalog'], 'directory'> & {
    readonly directory?: string
  }
  readonly kubernetes: Omit<Config['kubernetes'], 'kubeconfig' | 'kubeconfigSearchPath'> & {
    readonly kubeconfig?: string
  }
  readonly audit: Omit<Config['audit'], 'cron'> & { readonly cron?: string }
  readonly notifications: Omit<Config['notifications'], 'channels'> & {
    readonly channels: readonly RawChannel[]
  }
}

/** A channel as it is written; which keys belong to its kind is checked later. */
export interface RawChannel {
  readonly name: string
  readonly kind: ChannelKind
  readonly urlFrom?: RawSecret
  readonly secretFrom?: RawSecret
  readonly tokenFrom?: RawSecret
  readonly chat?: string
  readonly apiUrl?: string
  readonly insecure?: boolean
  readonly host?: string
  readonly port?: number
  readonly security?: (typeof mailSecurities)[number]
  readonly username?: string
  readonly passwordFrom?: RawSecret
  readonly caFile?: string
  readonly from?: string
  readonly to?: readonly string[]
}

export interface RawRegistry extends Omit<
  ConfiguredRegistry,
  'apiToken' | 'ca' | 'credentials' | 'dockerConfig' | 'provider' | 'limits'
> {
  readonly tokenFrom?: RawSecret
  readonly caFile?: string
  readonly username?: string
  readonly passwordFrom?: RawSecret
  readonly dockerConfigFile?: string
  readonly provider?: ProviderKind
  readonly limits?: Omit<NonNullable<ConfiguredRegistry['limits']>, 'requestTimeout'> & {
    readonly timeoutSeconds?: number
  }
}

/** Where a secret stands: exactly one of the two. */
export interface RawSecret {
  readonly environment?: string
  readonly file?: string
}

/** A problem whose line is not known yet. */
export type Problem = Omit<ConfigProblem, 'line'>

/** The document as a configuration, or what the schema finds wrong. */
export function validate(
  document: unknown,
): { readonly raw: RawConfig } | { readonly problems: readonly Problem[] } {
  const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false, verbose: true })
  for (const [name, format] of Object.entries(formats))
    ajv.addFormat(name, { type: 'string', validate: format.validate })
  const check = ajv.compile<RawConfig>(schema)
  return check(document) ? { raw: document } : { problems: (check.errors ?? []).map(problemOf) }
}

function problemOf(error: ErrorObject): Problem {
  const names = error.instancePath
    .split('/')
    .slice(1)
    .map(name => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (error.keyword === 'additionalProperties')
    return unknownKey(names, String(error.params['additionalProperty']))
  if (error.keyword === 'required' || error.keyword === 'dependencies')
    return { path: pathOf([...names, String(error.params['missingProperty'])]), message: missing(error) }
  return { path: pathOf(names), message: messageOf(withoutSecret(error, names)) }
}

// Where a mapping stands that says where a secret is, the secret itself may have been written; a proxy's address may hold one.
const secretive = ['passwordFrom', 'tokenFrom', 'urlFrom', 'secretFrom', 'proxy']

function isSecretive(names: readonly string[]): boolean {
  return names[1] === 'channels' || names.some(name => secretive.includes(name))
}

// A text in the place of a mapping or a list may be anything.
function withoutSecret(error: ErrorObject, names: readonly string[]): ErrorObject {
  const { keyword, params, data } = error
  const isMisplaced = keyword === 'type' && ['object', 'array'].includes(String(params['type']))
  const isHidden = isSecretive(names) || isMisplaced
  return isHidden && typeof data === 'string' ? { ...error, data: '[hidden]' } : error
}

/** `registries[2].host` for `['registries', '2', 'host']`. */
export function pathOf(names: readonly string[]): string {
  return names.map((name, at) => (/^\d+$/.test(name) ? `[${name}]` : at === 0 ? name : `.${name}`)).join('')
}

function missing({ keyword, params }: ErrorObject): string {
  return keyword === 'required' ? 'is missing' : `is missing: ${String(params['property'])} needs it`
}

function messageOf({ keyword, params, message = 'is not allowed', data }: ErrorObject): string {
  switch (keyword) {
    case 'enum':
      return `must be one of ${listOf(params['allowedValues'])}, not ${shown(data)}`
    case 'type':
      return `must be ${articles[String(params['type'])] ?? String(params['type'])}, not ${shown(data)}`
    case 'format':
      return `must be ${formats[String(params['format'])]?.says ?? 'something else'}, not ${shown(data)}`
    case 'maxLength':
      return `must have at most ${String(params['limit'])} characters`
    default:
      return plainMessages[keyword] ?? `${message}, not ${shown(data)}`
  }
}

const plainMessages: Readonly<Record<string, string>> = {
  minLength: 'must not be empty',
  minItems: 'must not be empty',
  minProperties: 'must have exactly one of environment and file',
  maxProperties: 'must have exactly one of environment and file',
}

const articles: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
}

function listOf(values: unknown): string {
  return Array.isArray(values) ? values.join(', ') : String(values)
}

const longestShown = 60

// Nothing of what stands in a list or a mapping; of an address its beginning, for a path may be the secret.
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a mapping'
  const text = (JSON.stringify(value) ?? 'nothing')
    .replaceAll(/:\/\/[^/"]*@/g, '://[hidden]@')
    .replaceAll(/(:\/\/[^/"?#]*[/?#])[^"]+/g, '$1[hidden]')
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text
}

function unknownKey(names: readonly string[], key: string): Problem {
  const known = keysAt(names)
  const near = known.find(name => isNear(name.toLowerCase(), key.toLowerCase()))
  const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`
  const message = `is not a known key; ${hint}`
  const isShown = /^[\w-]{1,40}$/.test(key) && !names.some(name => secretive.includes(name))
  return isShown
    ? { path: pathOf([...names, key]), message }
    : { path: pathOf(names), message: `a key of it (not shown) ${message}` }
}

// One slip of the hand: a letter or two more, less, or other; or the plural, or password for passwordFrom.
function isNear(a: string, b: string): boolean {
  const longer = Math.abs(a.length - b.length)
  if (a.startsWith(b) || b.startsWith(a)) return longer <= 4
  if (longer > 3) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
  return Math.max(a.length, b.length) - start - end <= (start >= 4 ? 3 : 2)
}
