import type { ErrorObject } from 'ajv'
import { itemsOf, textOf } from '../../json/index.ts'
import { isHalfSame, isNear, shorten } from '../../text/index.ts'
import type { ConfigProblem } from '../settings/invalid-config-error.ts'
import { formats } from './formats.ts'
import { keysAt } from './schema.ts'

/** A problem whose line is not known yet. */
export type Problem = Omit<ConfigProblem, 'line'>

type SourceOf = (names: readonly string[]) => string | undefined

/** Translates an error of the schema; `sourceOf` gives the source text of a value. The problem has no secret in it. */
export function problemOf(error: ErrorObject, sourceOf: SourceOf): Problem {
  const names = error.instancePath
    .split('/')
    .slice(1)
    .map(name => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (error.keyword === 'additionalProperties')
    return unknownKey(names, String(error.params['additionalProperty']))
  if (error.keyword === 'required' || error.keyword === 'dependencies')
    return { path: pathOf([...names, String(error.params['missingProperty'])]), message: missing(error) }
  return {
    path: pathOf(names),
    message: specialMessage(error, names, sourceOf) ?? messageOf(withoutSecret(error, names)),
  }
}

// Messages for mistakes whose reason is known.
function specialMessage(
  { keyword, params, data }: ErrorObject,
  names: readonly string[],
  sourceOf: SourceOf,
): string | undefined {
  const isSecret = isSecretPlace(names.at(-1))
  if (isSecret && (keyword === 'type' || keyword === 'minProperties'))
    return 'write { environment: NAME } or { file: PATH }'
  const isPlain = typeof data === 'number' || typeof data === 'boolean'
  if (keyword !== 'type' || params['type'] !== 'string' || !isPlain) return undefined
  // The source text, since 007 and 7 are different texts.
  const source = names.some(isSecretPlace) ? undefined : sourceOf(names)
  return source === undefined ? 'put it in quotes' : `put it in quotes: '${source}'`
}

// In place of the mapping that refers to a secret, the secret itself may have been written; a proxy's address may have one.
const secretPlaces: readonly (string | undefined)[] = ['passwordFrom', 'tokenFrom', 'urlFrom', 'secretFrom']
const secretive = [...secretPlaces, 'proxy']

function isSecretPlace(name: string | undefined): boolean {
  return secretPlaces.includes(name)
}

function isSecretive(names: readonly string[]): boolean {
  return names[1] === 'channels' || names.some(name => secretive.includes(name))
}

// A text in place of a mapping or a list may be anything, a secret too.
function withoutSecret(error: ErrorObject, names: readonly string[]): ErrorObject {
  const { keyword, params, data } = error
  const isMisplaced = keyword === 'type' && ['object', 'array'].includes(String(params['type']))
  // A word is one of the choices that was misspelt; anything else may be a secret.
  const isChoice = keyword === 'enum' && typeof data === 'string' && /^[a-z-]{1,20}$/i.test(data)
  const isHidden = (isSecretive(names) && !isChoice) || isMisplaced
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
      return `must be one of ${listOf(params['allowedValues'])}, not ${shown(data)}${hintOf(params['allowedValues'], data)}`
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

// Short words are near each other by chance (`on`, `no`): at least half of the longer one must be the same.
function hintOf(values: unknown, data: unknown): string {
  if (typeof data !== 'string') return ''
  const text = data.toLowerCase()
  const near = itemsOf(values)
    .map(textOf)
    .find(value => isNear(value, text) && isHalfSame(value, text))
  return near === undefined ? '' : `; did you mean ${near}?`
}

const longestShown = 61

// Lists and mappings are not shown; of an address only its beginning, since the path may be the secret.
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a mapping'
  const text = (JSON.stringify(value) ?? 'nothing')
    .replaceAll(/:\/\/[^/"]*@/g, '://[hidden]@')
    .replaceAll(/(:\/\/[^/"?#]*[/?#])[^"]+/g, '$1[hidden]')
  return shorten(text, longestShown)
}

function unknownKey(names: readonly string[], key: string): Problem {
  const known = keysAt(names)
  const near = known.find(name => isNear(name.toLowerCase(), key.toLowerCase()))
  const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`
  return keyProblem(names, key, `is not a known key; ${hint}`)
}

/** A problem of a key, which is not shown where it may be more than a key. */
export function keyProblem(names: readonly string[], key: string, message: string): Problem {
  const isShown = /^[\w-]{1,40}$/.test(key) && !names.some(name => secretive.includes(name))
  return isShown
    ? { path: pathOf([...names, key]), message }
    : { path: pathOf(names), message: `a key of it (not shown) ${message}` }
}
