import { Ajv, type ErrorObject } from 'ajv'
import { parseReference } from '../image/index.ts'
import type { Config, ConfigProblem, ConfiguredRegistry } from './config.ts'
import { keysAt, schema } from './schema.ts'

/** A document that the schema allows, with every default filled in: paths and secrets still as they are written. */
export interface RawConfig extends Omit<Config, 'ownNamespace' | 'webhook' | 'registries' | 'kubernetes'> {
  readonly ownNamespace?: string
  readonly webhook: Omit<Config['webhook'], 'certificateFile' | 'keyFile'> & {
    readonly certificateFile?: string
    readonly keyFile?: string
  }
  readonly registries: readonly RawRegistry[]
  readonly kubernetes: Omit<Config['kubernetes'], 'kubeconfig'> & { readonly kubeconfig?: string }
}

export interface RawRegistry extends Pick<
  ConfiguredRegistry,
  'host' | 'endpoint' | 'tokenHost' | 'insecure'
> {
  readonly caFile?: string
  readonly username?: string
  readonly passwordFrom?: { readonly environment?: string; readonly file?: string }
}

/** A problem whose line is not known yet. */
export type Problem = Omit<ConfigProblem, 'line'>

/** The document as a configuration, or what the schema finds wrong. */
export function validate(
  document: unknown,
): { readonly raw: RawConfig } | { readonly problems: readonly Problem[] } {
  const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false, verbose: true })
  ajv.addFormat('registry-host', { type: 'string', validate: isRegistryHost })
  ajv.addFormat('namespace', /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/) // RFC 1123 label
  ajv.addFormat('origin', { type: 'string', validate: isOrigin })
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

// Whoever wrote something else below passwordFrom may have written the password itself.
function withoutSecret(error: ErrorObject, names: readonly string[]): ErrorObject {
  return names.includes('passwordFrom') ? { ...error, data: '[hidden]' } : error
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
      return `must be ${formats[String(params['format'])] ?? 'something else'}, not ${shown(data)}`
    case 'minLength':
      return 'must not be empty'
    case 'minProperties':
    case 'maxProperties':
      return 'must have exactly one of environment and file'
    default:
      return `${message}, not ${shown(data)}`
  }
}

const formats: Readonly<Record<string, string>> = {
  origin: 'an origin like https://registry.example.com:5000',
  'registry-host': 'a host like registry.example.com:5000',
  namespace: 'the name of a namespace',
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

function shown(value: unknown): string {
  const text = (JSON.stringify(value) ?? 'nothing').replaceAll(/:\/\/[^/"]*@/g, '://[hidden]@')
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text
}

function unknownKey(names: readonly string[], key: string): Problem {
  const known = keysAt(names)
  const near = known.find(name => isNear(name.toLowerCase(), key.toLowerCase()))
  const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`
  return { path: pathOf([...names, key]), message: `is not a known key; ${hint}` }
}

// One slip of the hand: a letter or two more, less, or other; or the plural.
function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 3) return false
  if (a.startsWith(b) || b.startsWith(a)) return true
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
  return Math.max(a.length, b.length) - start - end <= (start >= 4 ? 3 : 2)
}

function isRegistryHost(host: string): boolean {
  try {
    return parseReference(`${host}/x`).registry === host.toLowerCase() && !host.includes('/')
  } catch {
    return false
  }
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text.toLowerCase()
}
