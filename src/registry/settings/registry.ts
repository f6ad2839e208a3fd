import { isIP } from 'node:net'

import { parseReference } from '../../image/index.ts'
import { dockerConfigProblem } from '../credentials/docker-config.ts'
import { builtInSettings, hostLimits } from './built-in.ts'
import {
  RegistrySettingsError,
  type CredentialProvider,
  type Credentials,
  type HostLimits,
  type ProviderSettings,
  type RegistryKind,
  type RegistrySettings,
} from './settings.ts'

/** A registry that may be contacted: its settings with the built-in defaults. */
export interface Registry {
  /** For messages, logs and metrics: its host and prefix, unless the configuration calls it otherwise. */
  readonly name: string
  /** As in an image reference, in its one spelling. */
  readonly host: string
  /** The prefix of its repositories' paths, up to a `/`; empty for every repository of the host. */
  readonly prefix: string
  readonly kind: RegistryKind
  /** Scheme, host and port of its API. */
  readonly origin: string
  /** The address of its own API (Docker Hub's, GitLab's), without a `/` at the end; requests may go to its origin too. */
  readonly apiUrl: string | undefined
  /** For its own API only. */
  readonly apiToken: string | undefined
  readonly insecure: boolean
  /** Host and port to which a challenge may send for a token, beside its own. */
  readonly tokenHost: string | undefined
  readonly redirectSuffix: string | undefined
  readonly ca: string | undefined
  /** The origin of its proxy; undefined: the proxy for all registries. */
  readonly proxy: string | undefined
  readonly credentials: Credentials | undefined
  /** In place of `credentials`: those of a cloud, which expire. */
  readonly provider: CredentialProvider | undefined
  /** In place of `credentials`: the text of a docker configuration file. */
  readonly dockerConfig: string | undefined
  /** The namespaces that may use these credentials and the token of its own API; undefined: all. */
  readonly namespaces: readonly string[] | undefined
  readonly limits: HostLimits
  /** Normalised: host, or host and the first parts of a path. */
  readonly aliases: readonly string[]
  /** `public`: its name must resolve to public addresses. `named`: the configuration names it, so any address is allowed. */
  readonly addresses: 'public' | 'named'
}

/** Creates the provider that a registry's settings name; the given registry has none yet. */
export type MakeProvider = (settings: ProviderSettings, registry: Registry) => CredentialProvider

/**
 * Completes the settings of a registry with the built-in defaults.
 * @throws RegistrySettingsError
 */
export function readRegistry(given: RegistrySettings, makeProvider: MakeProvider): Registry {
  const host = referenceHost(given.host)
  const settings = { ...builtIn(host, given), ...given }
  const prefix = readPrefix(host, settings)
  const kind = settings.kind ?? 'oci'
  const registry: Registry = {
    ...readAddress(host, settings),
    name: settings.name ?? joined(host, prefix),
    host,
    prefix,
    kind,
    apiUrl: readApiUrl(settings, kind),
    apiToken: settings.apiToken,
    redirectSuffix: settings.redirectSuffix,
    ca: settings.ca,
    proxy: settings.proxy,
    credentials: settings.credentials,
    provider: undefined,
    dockerConfig: checkedDockerConfig(settings),
    namespaces: settings.namespaces,
    limits: hostLimits(kind, settings.limits),
    aliases: allAliases(host, given).map(alias => readAlias(given.host, alias)),
  }
  const { provider } = settings
  return provider === undefined ? registry : { ...registry, provider: makeProvider(provider, registry) }
}

/** A host and the first parts of a path, as one text. */
export function joined(host: string, prefix: string): string {
  return prefix === '' ? host : `${host}/${prefix}`
}

// Settings for a public registry (its credentials, say) need not repeat where its API is. With an endpoint of one's
// own nothing is taken over: credentials for a mirror are not for the token server of what it mirrors.
function builtIn(host: string, given: RegistrySettings): Partial<RegistrySettings> {
  return given.endpoint === undefined ? (builtInSettings(host) ?? {}) : {}
}

// An alias of a whole host is not an alias of a part of it.
function allAliases(host: string, given: RegistrySettings): readonly string[] {
  const own = given.prefix === undefined ? (builtInSettings(host)?.aliases ?? []) : []
  return [...new Set([...own, ...(given.aliases ?? [])])]
}

/**
 * An alias in its one spelling: a host, or a host and the first parts of a path (`mirror.local/docker-hub`).
 * @throws RegistrySettingsError where it is neither.
 */
function readAlias(host: string, alias: string): string {
  const why = `the alias ${JSON.stringify(alias)} is neither a host nor a host with a path, as in image references`
  const [first = '', ...path] = alias.split('/')
  try {
    // With two parts behind it, so that neither library/ is added nor the host taken for a part of the path.
    const { registry, repository } = parseReference([first, ...path, 'a', 'b'].join('/'))
    const rest = [...path, 'a', 'b'].join('/')
    if (repository === rest) return [registry, ...path].join('/')
  } catch (error) {
    throw new RegistrySettingsError(host, why, error)
  }
  throw new RegistrySettingsError(host, why)
}

function referenceHost(host: string): string {
  const why = 'this is not a host as in image references'
  try {
    const { registry, repository } = parseReference(`${host}/a/b`)
    if (repository === 'a/b') return registry
  } catch (error) {
    throw new RegistrySettingsError(host, why, error)
  }
  throw new RegistrySettingsError(host, why)
}

function readPrefix(host: string, settings: RegistrySettings): string {
  const prefix = settings.prefix ?? ''
  if (prefix === '') return prefix
  try {
    // With a part before it, so that nothing of it is read as a host.
    if (parseReference(`${host}/a/${prefix}`).repository === `a/${prefix}`) return prefix
  } catch (error) {
    throw new RegistrySettingsError(settings.host, `the prefix ${shownPrefix(prefix)}`, error)
  }
  throw new RegistrySettingsError(settings.host, `the prefix ${shownPrefix(prefix)}`)
}

function shownPrefix(prefix: string): string {
  return `${JSON.stringify(prefix)} is not the start of a repository path (team, team/project)`
}

// Checked here, because the later error would say that there are no credentials.
function checkedDockerConfig({ host, dockerConfig }: RegistrySettings): string | undefined {
  const problem = dockerConfig === undefined ? undefined : dockerConfigProblem(dockerConfig)
  if (problem === undefined) return dockerConfig
  throw new RegistrySettingsError(host, `its dockerConfigFile cannot be used: ${problem}`)
}

type Address = Pick<Registry, 'origin' | 'insecure' | 'tokenHost' | 'addresses'>

function readAddress(host: string, settings: RegistrySettings): Address {
  const endpoint = readEndpoint(host, settings)
  const addresses = settings.addresses ?? 'named'
  if (addresses === 'public' && isIP(endpoint.hostname.replaceAll(/[[\]]/g, '')) !== 0)
    throw new RegistrySettingsError(settings.host, 'an address is not a public name')
  return {
    origin: endpoint.origin,
    insecure: settings.insecure ?? false,
    tokenHost: settings.tokenHost?.toLowerCase(),
    addresses,
  }
}

function readEndpoint(host: string, settings: RegistrySettings): URL {
  const text = settings.endpoint ?? `${settings.insecure === true ? 'http' : 'https'}://${host}`
  const url = URL.parse(text)
  if (url === null || url.host === '' || `${url.origin}/` !== url.href)
    throw new RegistrySettingsError(settings.host, 'the endpoint must be scheme://host or scheme://host:port')
  checkScheme(url, settings, 'the endpoint')
  return url
}

// A GitLab may lie below a path of its host, so this is no origin.
function readApiUrl(settings: RegistrySettings, kind: RegistryKind): string | undefined {
  if (settings.apiUrl === undefined) {
    if (settings.kind === 'docker-hub' || settings.apiToken !== undefined)
      throw new RegistrySettingsError(settings.host, `kind ${kind} needs apiUrl: where its API is`)
    return undefined
  }
  const url = URL.parse(settings.apiUrl)
  if (url === null || url.host === '' || `${url.origin}${url.pathname}` !== url.href)
    throw new RegistrySettingsError(settings.host, 'apiUrl must be scheme://host, with a path if need be')
  checkScheme(url, settings, 'apiUrl')
  return url.href.replace(/\/+$/, '')
}

function checkScheme({ protocol }: URL, { host, insecure }: RegistrySettings, what: string): void {
  if (protocol === 'https:' || (protocol === 'http:' && insecure === true)) return
  throw new RegistrySettingsError(host, `${what} must be https, or insecure must be true`)
}
