import { invalidAnswer } from './fault.ts'

const linkPattern = /[\s,]*<([^<>]*)>((?:\s*;\s*[^\s;,="<>]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]*))?)*)\s*/y
const relPattern = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))/i

/**
 * The page after this one by its `Link` header (RFC 8288), or undefined at the end.
 * @throws RegistryFault where the header cannot be read, for then there may be more, and where it leads to anything but
 * another query of the same address: `Link` must never choose a host, a scheme or a repository.
 */
export function nextPage(header: string | undefined, current: URL): URL | undefined {
  if (header === undefined) return undefined
  const target = nextTarget(header)
  if (target === undefined) return undefined
  const next = URL.parse(target, current.href)
  if (next === null || next.username !== '' || next.password !== '')
    throw invalidAnswer('its Link is not an address')
  if (next.origin !== current.origin)
    throw invalidAnswer(`its Link leads to ${next.origin}, away from ${current.origin}`)
  if (next.pathname !== current.pathname) throw invalidAnswer('its Link leads to another repository or path')
  next.hash = ''
  return next
}

function nextTarget(header: string): string | undefined {
  const targets = new Set<string>()
  const pattern = new RegExp(linkPattern)
  while (header.slice(pattern.lastIndex).trim() !== '') {
    const match = pattern.exec(header)
    if (match === null) throw invalidAnswer('its Link header cannot be read')
    const [, target = '', parameters = ''] = match
    if (relations(parameters).includes('next')) targets.add(target)
  }
  const [first, second] = targets
  if (second !== undefined) throw invalidAnswer('its Link header names two next pages')
  return first
}

function relations(parameters: string): readonly string[] {
  const match = relPattern.exec(parameters)
  if (match === null) throw invalidAnswer('its Link header does not say what the link is (rel)')
  const [, quoted, plain = ''] = match
  return (quoted ?? plain).toLowerCase().split(/\s+/)
}
