import type { PullCredentials } from '../../evaluation/index.ts'
import { isJsonObject, jsonIn, type JsonObject } from '../../json/index.ts'
import { shown } from '../response/registry-error.ts'

/** Credentials with the key under which they stand: `ghcr.io`, `https://index.docker.io/v1/`, `*.example.com/team`. */
export interface DockerConfigEntry {
  readonly key: string
  readonly credentials: PullCredentials
}

/** The credentials in a docker configuration. */
export interface DockerConfig {
  readonly entries: readonly DockerConfigEntry[]
  /** The entries that cannot be used: the key and the reason, never the credentials. */
  readonly problems: readonly string[]
  /** The program that keeps the credentials of all registries. */
  readonly credsStore: string | undefined
  /** The programs that keep those of one registry. */
  readonly credHelpers: ReadonlyMap<string, string>
}

/** `auths`: a docker configuration (`.dockerconfigjson`); `plain`: its entries alone, as in the old `.dockercfg`. */
export type DockerConfigFormat = 'auths' | 'plain'

// No secret of Kubernetes can be larger; files of people have a few KB.
const mostCharacters = 1_048_576

/** Reads the text of a docker configuration. Never throws: what cannot be read is a problem. `origin` becomes that of the credentials. */
export function readDockerConfig(
  text: string,
  origin: string,
  format: DockerConfigFormat = 'auths',
): DockerConfig {
  const body = parse(text)
  if (typeof body === 'string') return { ...empty, problems: [body] }
  const auths = format === 'plain' ? body : (body['auths'] ?? {})
  if (!isJsonObject(auths)) return { ...empty, problems: ['auths is not an object'] }
  const settings = format === 'plain' ? {} : body
  const credsStore = settings['credsStore']
  const read = Object.entries(auths).map(([key, value]) => readEntry(key, value, origin))
  return {
    entries: read.flatMap(({ entry }) => (entry === undefined ? [] : [entry])),
    problems: read.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
    credsStore: typeof credsStore === 'string' && credsStore !== '' ? credsStore : undefined,
    credHelpers: readHelpers(settings['credHelpers']),
  }
}

/**
 * The problem of a docker configuration that is used without credential helpers; undefined if there is none. Never quotes the
 * text.
 */
export function dockerConfigProblem(text: string): string | undefined {
  const { problems, entries, credsStore, credHelpers } = readDockerConfig(text, '')
  if (problems.length > 0) return problems.join('; ')
  if (entries.length > 0) return undefined
  return credsStore === undefined && credHelpers.size === 0
    ? 'it holds no credentials'
    : 'a credential helper keeps its credentials, and none is run here: put them under auths'
}

const empty: DockerConfig = { entries: [], problems: [], credsStore: undefined, credHelpers: new Map() }

function parse(text: string): JsonObject | string {
  if (text.length > mostCharacters) return `it is larger than ${mostCharacters} bytes`
  const body = jsonIn(text)
  if (body === undefined) return 'it is not JSON'
  return isJsonObject(body) ? body : 'it is JSON, but not an object'
}

function readHelpers(value: unknown): ReadonlyMap<string, string> {
  const pairs = isJsonObject(value) ? Object.entries(value) : []
  return new Map(pairs.flatMap(([host, name]) => (typeof name === 'string' ? [[host, name]] : [])))
}

interface Read {
  readonly entry?: DockerConfigEntry
  readonly problem?: string
}

function readEntry(key: string, value: unknown, origin: string): Read {
  if (!isJsonObject(value)) return { problem: `the entry ${shownKey(key)} is not an object` }
  // Docker leaves an empty entry where a credential store has the rest.
  if (Object.keys(value).length === 0) return {}
  const credentials = readCredentials(value)
  return typeof credentials === 'string'
    ? { problem: `the entry ${shownKey(key)} ${credentials}` }
    : { entry: { key, credentials: { ...credentials, origin } } }
}

function readCredentials(entry: JsonObject): Omit<PullCredentials, 'origin'> | string {
  const identityToken = textAt(entry, 'identitytoken')
  const registryToken = textAt(entry, 'registrytoken')
  if (/[^\x21-\x7e]/.test(registryToken)) return 'has a registrytoken that no header can carry'
  const tokens = {
    ...(identityToken !== '' && { identityToken }),
    ...(registryToken !== '' && { registryToken }),
  }
  const login = readLogin(entry)
  if (login !== undefined && login.username !== '') return { ...login, ...tokens }
  if (Object.keys(tokens).length > 0) return { username: '', password: '', ...tokens }
  return login === undefined ? 'has an auth that is not the base64 of name:password' : 'has no user name'
}

// As the kubelet and docker do it: `auth` goes before `username` and `password`, and only the first colon separates.
function readLogin(entry: JsonObject): Omit<PullCredentials, 'origin'> | undefined {
  const auth = textAt(entry, 'auth').replaceAll(/\s/g, '')
  if (auth === '') return { username: textAt(entry, 'username'), password: textAt(entry, 'password') }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(auth)) return undefined
  const text = Buffer.from(auth, 'base64').toString()
  const colon = text.indexOf(':')
  if (colon < 0) return undefined
  // Docker once padded passwords with NUL, and takes it off.
  return { username: text.slice(0, colon), password: text.slice(colon + 1).replaceAll(/^\0+|\0+$/g, '') }
}

function textAt(object: JsonObject, name: string): string {
  const value = object[name]
  return typeof value === 'string' ? value : ''
}

// The address may contain a password, and a key that is not a host may itself be a secret.
function shownKey(key: string): string {
  if (!/[.:]|^localhost/.test(key)) return 'whose key is not a host'
  return JSON.stringify(shown(key.replace(/[^/]*@/, '')))
}
