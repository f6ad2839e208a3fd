import { isIP } from 'node:net'
import {
  addressKind,
  createAddressRule,
  parseProxy,
  proxyChoice,
  proxyForm,
  unbracketed,
  type Proxy,
  type ProxySettings,
} from '../../egress/index.ts'
import { advice } from '../response/advice.ts'
import { RegistryError } from '../response/registry-error.ts'
import type { Registry } from '../settings/registry.ts'

/** The egress settings for all registries: additional address ranges, and proxies. */
export interface EgressSettings {
  /**
   * Address ranges (`10.20.0.0/16`, `fd12::/16`, a single address) to which any allowed host may lead: a public registry that
   * the cluster's DNS sends to a private endpoint, NAT64 (`64:ff9b::/96`), a metadata address.
   */
  readonly allowedRanges?: readonly string[]
  readonly proxy?: ProxySettings
}

/** The settings of the egress contradict themselves or cannot be read; it says which one. */
export class EgressSettingsError extends Error {
  override readonly name = 'EgressSettingsError'
  readonly code = 'invalid-egress-settings'
}

/** Decides for every connection whether it may be made, and through which proxy. */
export interface Egress {
  /**
   * Lets a URL pass to which a request of this registry may go: https (http where it is `insecure`), nothing beside scheme, host, path
   * and query, and where the host is an address an allowed one.
   * @throws RegistryError
   */
  checkUrl(registry: Registry, url: URL): void
  /**
   * Lets the addresses of a name pass to which a connection for this registry may be made.
   * @throws RegistryError where even one of them is not allowed: a name that leads to both is not to be believed.
   */
  checkAddresses(registry: Registry, hostname: string, addresses: readonly string[]): void
  /** The registry's own, else what all use, else undefined. @throws RegistryError where its own cannot be read. */
  proxyOf(registry: Registry, url: URL): Proxy | undefined
}

/**
 * The rules of the egress.
 * @throws EgressSettingsError
 */
export function createEgress(settings: EgressSettings = {}): Egress {
  const rule = createAddressRule(settings.allowedRanges ?? [], message => {
    throw new EgressSettingsError(message)
  })
  const choose = proxyChoice(settings.proxy ?? {}, message => {
    throw new EgressSettingsError(`egress: ${message}`)
  })

  function isAllowed(registry: Registry, address: string): boolean {
    return rule.allows(address, { named: registry.addresses === 'named', hosts: hostsOf(registry) })
  }

  return {
    checkUrl(registry, url) {
      checkForm(registry, url)
      const host = unbracketed(url.hostname)
      if (isIP(host) !== 0 && !isAllowed(registry, host))
        throw refused(registry, `${host} is ${describe(registry, host)}`)
    },
    checkAddresses(registry, hostname, addresses) {
      const bad = addresses.find(address => !isAllowed(registry, address))
      if (bad !== undefined)
        throw refused(registry, `${hostname} resolves to ${bad}, which is ${describe(registry, bad)}`)
    },
    proxyOf(registry, url) {
      return registry.proxy === undefined ? choose(url) : ownProxy(registry.proxy, settings.proxy?.ca)
    },
  }
}

/** Whether a request there is one to the registry itself: its API, its own kind's API, its token server. */
export function isOwnOrigin(registry: Registry, url: URL): boolean {
  if (url.host === new URL(registry.origin).host || url.host === registry.tokenHost) return true
  return registry.apiUrl !== undefined && new URL(registry.apiUrl).origin === url.origin
}

function ownProxy(text: string, ca: string | undefined): Proxy {
  const proxy = parseProxy(text, ca)
  if (proxy !== undefined) return proxy
  throw new RegistryError('not-allowed', `its proxy ${proxyForm}`, {
    next: advice`check proxy ${'under-registries'}`,
  })
}

// An address in the configuration allows just that one.
function hostsOf(registry: Registry): readonly string[] {
  const hosts = [registry.origin, registry.apiUrl, `https://${registry.tokenHost ?? ''}`]
  return hosts.map(text => unbracketed(URL.parse(text ?? '')?.hostname ?? ''))
}

function checkForm(registry: Registry, url: URL): void {
  const isPlain = url.protocol === 'http:' && registry.insecure
  if (url.protocol !== 'https:' && !isPlain) throw forbidden(`${url.origin} is not https`)
  if (url.username !== '' || url.password !== '') throw forbidden(`an address with a user name is not asked`)
}

function forbidden(why: string): RegistryError {
  return new RegistryError('not-allowed', why, {
    next: advice`check endpoint and insecure ${'under-registries'}`,
  })
}

function describe(registry: Registry, address: string): string {
  const kind = addressKind(address)
  return registry.addresses === 'public' ? 'not a public address' : `a special address (${kind})`
}

function refused(registry: Registry, why: string): RegistryError {
  const naming = advice`if that is meant, name the host ${'in-configuration'}`
  const range = 'if that is meant, name the address under egress.allowedRanges'
  const next = registry.addresses === 'public' ? naming : range
  return new RegistryError('not-allowed', why, { next })
}
