import { invalidAnswer, RegistryFault, shown } from '../response/fault.ts'
import type { Registry } from '../settings/registry.ts'

/**
 * The token server that a challenge names, if this registry may send there: its own host, or the one that is built in for
 * it or configured (`tokenHost`); over https, or http where the registry is `insecure`. The rule is a list and not "the same
 * registrable domain": that needs the public suffix list, and where tenants share a domain it hands one the other's
 * credentials. It holds for requests without credentials too, so that no answer can choose a host to be contacted.
 * @throws RegistryFault
 */
export function tokenServer(registry: Registry, realm: string): URL {
  const url = URL.parse(realm)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw invalidAnswer('its challenge names no proper token server')
  const isOwn = url.origin === registry.origin
  if (!isOwn && !isListed(registry, url)) throw elsewhere(url)
  if (url.protocol === 'http:' && !registry.insecure)
    throw invalidAnswer(`its challenge sends to ${shown(url.origin)}, which is not https`)
  url.hash = ''
  return url
}

function isListed(registry: Registry, url: URL): boolean {
  if (url.host === registry.tokenHost) return true
  // The same host and port in another scheme: the scheme is judged by itself.
  return url.host === new URL(registry.origin).host
}

function elsewhere(url: URL): RegistryFault {
  const next = `if that is its token server, say so as tokenHost under registries`
  return new RegistryFault(
    'unauthorized',
    `it sends to ${shown(url.host)} for a token, which is not its own host`,
    {
      next,
    },
  )
}
