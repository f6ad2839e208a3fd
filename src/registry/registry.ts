import { isIP } from 'node:net'

import { parseReference } from '../image/index.ts'
import { builtInSettings } from './public-registries.ts'
import type { Credentials, RegistrySettings } from './settings.ts'

/** A registry that may be contacted, with what is built in filled in. */
export interface Registry {
  /** As in an image reference, in its one spelling. */
  readonly host: string
  /** Scheme, host and port of its API. */
  readonly origin: string
  readonly insecure: boolean
  /** Host and port to which a challenge may send for a token, beside its own. */
  readonly tokenHost: string | undefined
  readonly redirectSuffix: string | undefined
  readonly ca: string | undefined
  readonly credentials: Credentials | undefined
  readonly publicAddressesOnly: boolean
}

/** A registry's settings contradict themselves; `host` is the one that was given. */
export class RegistrySettingsError extends Error {
  override readonly name = 'RegistrySettingsError'
  readonly code = 'invalid-registry-settings'
  readonly host: string

  constructor(host: string, why: string, cause?: unknown) {
    super(`registries: ${JSON.stringify(host)}: ${why}`, cause === undefined ? {} : { cause })
    this.host = host
  }
}

/**
 * The registries by host; of two with the same host the later holds, so that a configuration goes after the defaults.
 * @throws RegistrySettingsError
 */
export function readRegistries(settings: readonly RegistrySettings[]): ReadonlyMap<string, Registry> {
  return new Map(settings.map(readRegistry).map(registry => [registry.host, registry]))
}

function readRegistry(given: RegistrySettings): Registry {
  const host = referenceHost(given.host)
  const settings = { ...builtIn(host, given), ...given }
  const endpoint = readEndpoint(host, settings)
  if (settings.publicAddressesOnly === true && isIP(endpoint.hostname.replaceAll(/[[\]]/g, '')) !== 0)
    throw new RegistrySettingsError(given.host, 'an address is not a public name')
  return {
    host,
    origin: endpoint.origin,
    insecure: settings.insecure ?? false,
    tokenHost: settings.tokenHost?.toLowerCase(),
    redirectSuffix: settings.redirectSuffix,
    ca: settings.ca,
    credentials: settings.credentials,
    publicAddressesOnly: settings.publicAddressesOnly ?? false,
  }
}

// Whoever names a public registry (to give credentials, say) need not repeat where its API is. With an endpoint of one's
// own nothing is taken over: credentials for a mirror are not for the token server of what it mirrors.
function builtIn(host: string, given: RegistrySettings): Partial<RegistrySettings> {
  return given.endpoint === undefined ? (builtInSettings(host) ?? {}) : {}
}

function referenceHost(host: string): string {
  const why = 'this is no host as an image reference has it'
  try {
    const { registry, repository } = parseReference(`${host}/a/b`)
    if (repository === 'a/b') return registry
  } catch (error) {
    throw new RegistrySettingsError(host, why, error)
  }
  throw new RegistrySettingsError(host, why)
}

function readEndpoint(host: string, settings: RegistrySettings): URL {
  const text = settings.endpoint ?? `${settings.insecure === true ? 'http' : 'https'}://${host}`
  const url = URL.parse(text)
  if (url === null || url.host === '' || `${url.origin}/` !== url.href)
    throw new RegistrySettingsError(settings.host, 'the endpoint must be scheme://host or scheme://host:port')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && settings.insecure === true))
    throw new RegistrySettingsError(settings.host, 'the endpoint must be https, or insecure must be true')
  return url
}
