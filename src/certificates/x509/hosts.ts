import { isIP } from 'node:net'
import { isDnsLabel } from '../../text/index.ts'
import { CertificateError } from './certificate-error.ts'

/** A subject alternative name: a DNS name, or the 4 or 16 bytes of an IP address. */
export type Host =
  { readonly kind: 'dns'; readonly name: string } | { readonly kind: 'ip'; readonly bytes: Buffer }

/** RFC 1035, 2.3.4. */
const longestDnsName = 253
/** A service has a handful of names; more is a mistake in the caller, and would make every handshake bigger. */
const mostHosts = 100

/** The names to certify, each once and in the given order; throws CertificateError `invalid-input`. */
export function parseHosts(hosts: readonly string[]): Host[] {
  const distinct = [...new Set(hosts)]
  if (distinct.length === 0) {
    throw new CertificateError('invalid-input', 'a certificate needs at least one DNS name or IP address')
  }
  if (distinct.length > mostHosts) {
    throw new CertificateError('invalid-input', `${distinct.length} hosts are more than ${mostHosts}`)
  }
  return distinct.map(parseHost)
}

function parseHost(host: string): Host {
  const family = isIP(host)
  if (family === 4) return { kind: 'ip', bytes: Buffer.from(host.split('.').map(Number)) }
  // A scope id (fe80::1%eth0) means something on one machine only: it has no place in a certificate.
  if (family === 6 && !host.includes('%')) return { kind: 'ip', bytes: ipv6Bytes(host) }
  if (family === 0 && isDnsName(host)) return { kind: 'dns', name: host }
  throw new CertificateError(
    'invalid-input',
    `${JSON.stringify(host.slice(0, 300))} is neither a DNS name nor an IP address`,
  )
}

// No wildcard: a webhook is one service.
function isDnsName(text: string): boolean {
  if (text.length > longestDnsName) return false
  const labels = text.split('.')
  // An all-digit last label is an IPv4 address that is not one (1.2.3.999): no client would look it up as a name.
  return labels.every(label => isDnsLabel(label.toLowerCase())) && !/^\d+$/.test(labels.at(-1) ?? '')
}

function ipv6Bytes(address: string): Buffer {
  // The URL parser turns an embedded IPv4 tail into hexadecimal groups, so that only "::" is left to expand.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const before = groups(head)
  const after = groups(tail ?? '')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0)
  return Buffer.from([...before, ...zeros, ...after].flatMap(group => [Math.floor(group / 256), group % 256]))
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16))
}
