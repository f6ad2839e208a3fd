import { advice } from '../response/advice.ts'
import { invalidResponse, RegistryError, shown } from '../response/registry-error.ts'

const linkPattern = /[\s,]*<([^<>]*)>((?:\s*;\s*[^\s;,="<>]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]*))?)*)\s*/y
const relPattern = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))/i

/** The options for reading a `Link`. */
export interface LinkReading {
  /**
   * For a registry that does not know under which path it is asked: Artifactory leaves its own out (RTFACT-18971), Nexus adds one
   * (sonatype/nexus-public#1011). Of the next page's address only the host is compared, and only its `last` and `n` are taken over.
   */
  readonly lenient?: boolean
}

/**
 * The page after this one by its `Link` header (RFC 8288), or undefined at the end.
 * @throws RegistryError where the header cannot be read, for then there may be more, and where it leads to anything but
 * another query of the same address: `Link` must never choose a host, a scheme or a repository.
 */
export function nextPage(
  header: string | undefined,
  current: URL,
  { lenient = false }: LinkReading = {},
): URL | undefined {
  if (header === undefined) return undefined
  const target = nextTarget(header)
  if (target === undefined) return undefined
  const next = addressOf(target, current)
  if (lenient) return sameAddress(current, next)
  checkOrigin(next.origin === current.origin, next, current)
  if (next.pathname !== current.pathname) throw foreignPath()
  next.hash = ''
  return next
}

// The two of which it is known that they do not know their own path.
function foreignPath(): RegistryError {
  const next = advice`if it is a Nexus or an Artifactory, say kind: nexus or kind: artifactory ${'under-registries'}; else check that this is an OCI registry and that no proxy changes its answers`
  return new RegistryError('invalid-answer', 'its Link leads to another repository or path', { next })
}

function addressOf(target: string, current: URL): URL {
  const next = URL.parse(target, current.href)
  if (next === null || next.username !== '' || next.password !== '')
    throw invalidResponse('its Link is not an address')
  return next
}

function checkOrigin(isOwn: boolean, next: URL, current: URL): void {
  if (!isOwn)
    throw invalidResponse(`its Link leads to ${shown(next.origin)}, away from ${shown(current.origin)}`)
}

function sameAddress(current: URL, next: URL): URL {
  checkOrigin(next.hostname === current.hostname, next, current)
  const last = next.searchParams.get('last')
  if (last === null) throw invalidResponse('its Link does not say after which tag to go on (last)')
  const url = new URL(current)
  url.searchParams.set('last', last)
  const size = next.searchParams.get('n')
  if (size !== null) url.searchParams.set('n', size)
  return url
}

function nextTarget(header: string): string | undefined {
  const targets = new Set<string>()
  const pattern = new RegExp(linkPattern)
  while (header.slice(pattern.lastIndex).trim() !== '') {
    const match = pattern.exec(header)
    if (match === null) throw invalidResponse('its Link header cannot be read')
    const [, target = '', parameters = ''] = match
    if (relations(parameters).includes('next')) targets.add(target)
  }
  const [first, second] = targets
  if (second !== undefined) throw invalidResponse('its Link header names two next pages')
  return first
}

function relations(parameters: string): readonly string[] {
  const match = relPattern.exec(parameters)
  if (match === null) throw invalidResponse('its Link header does not say what the link is (rel)')
  const [, quoted, plain = ''] = match
  return (quoted ?? plain).toLowerCase().split(/\s+/)
}
