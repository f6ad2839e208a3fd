import { isIP } from 'node:net'
import { addressKind, addressRanges } from './addresses.ts'

/** Proxies for registries and channels, as `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name them. */
export interface ProxySettings {
  /** For https: `http://proxy.example.com:3128`, with `user:password@` before the host if it wants them. */
  readonly https?: string
  /** For plain http. */
  readonly http?: string
  /** The hosts that are reached without a proxy, in the form of `NO_PROXY`. */
  readonly except?: string
  /** PEM text of the authorities that sign the certificate of a proxy which is itself reached over https. */
  readonly ca?: string
}

/** A proxy, parsed. */
export interface Proxy {
  readonly protocol: 'http:' | 'https:'
  /** Without brackets. */
  readonly hostname: string
  readonly port: number
  /** The value of a `Proxy-Authorization` header; a secret. */
  readonly authorization: string | undefined
  readonly ca: string | undefined
  /** Scheme, host and port, for messages and as a key: no secret. */
  readonly origin: string
}

/** Reads the proxies from the environment; lower-case variables take precedence, as usual. */
export function proxyFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): ProxySettings {
  const read = (name: string): string | undefined =>
    environment[name.toLowerCase()] || environment[name] || undefined // set but empty means none
  const [https, http, except] = [read('HTTPS_PROXY'), read('HTTP_PROXY'), read('NO_PROXY')]
  return {
    ...(https !== undefined && { https }),
    ...(http !== undefined && { http }),
    ...(except !== undefined && { except }),
  }
}

/** The proxy that a URL goes through. */
export type ProxyChoice = (url: URL) => Proxy | undefined

/** Creates the choice of a proxy by these settings; passes an invalid one to `onBad`, with a message that holds no secret. */
export function proxyChoice(settings: ProxySettings, onBad: (message: string) => never): ProxyChoice {
  const read = (name: string, text: string | undefined): Proxy | undefined =>
    text === undefined ? undefined : (parseProxy(text, settings.ca) ?? onBad(`${name} ${proxyForm}`))
  const byProtocol = new Map([
    ['https:', read('HTTPS_PROXY', settings.https)],
    ['http:', read('HTTP_PROXY', settings.http)],
  ])
  const isExcepted = parseNoProxy(settings.except ?? '')
  return url => {
    const proxy = byProtocol.get(url.protocol)
    const host = unbracketed(url.hostname)
    return proxy === undefined || isNearby(host) || isExcepted(host, portOf(url)) ? undefined : proxy
  }
}

// The metadata server of a machine is reachable only from that machine.
function isNearby(host: string): boolean {
  if (isIP(host) === 0) return false
  const kind = addressKind(host)
  return kind === 'metadata' || kind === 'link-local'
}

/** The form that {@link parseProxy} accepts, for messages that must not show the text because it may hold a password. */
export const proxyForm = 'must be an address like http://proxy.example.com:3128'

/** Parses the address of a proxy, with or without `http://`; undefined for other protocols and for text that is no address. */
export function parseProxy(text: string, ca: string | undefined): Proxy | undefined {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (url === null || url.hostname === '') return undefined
  const { protocol } = url
  if (protocol !== 'http:' && protocol !== 'https:') return undefined // SOCKS resolves names in too many ways
  const userinfo = decoded(url)
  if (userinfo === undefined) return undefined
  const authorization = userinfo === ':' ? undefined : `Basic ${Buffer.from(userinfo).toString('base64')}`
  return {
    protocol,
    hostname: unbracketed(url.hostname),
    port: portOf(url),
    authorization,
    ca,
    origin: url.origin,
  }
}

function decoded(url: URL): string | undefined {
  try {
    return `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  } catch {
    return undefined // its error would quote the password
  }
}

/** Removes the brackets of an IPv6 host: `::1` for `[::1]`. */
export function unbracketed(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'https:' ? 443 : 80
}

/** Whether a host (without brackets) and port are reached without a proxy. */
export type Bypass = (host: string, port: number) => boolean

/**
 * Reads a `NO_PROXY` as Go's programs do, so that one text serves a whole cluster: entries between commas or spaces; `*` for all;
 * `example.com` for the name and those below it, `.example.com` and `*.example.com` only for those below; an address; a range
 * (`10.0.0.0/8`), which matches addresses and not the names that resolve to them; all but ranges may end in `:port`.
 * The loopback is never behind a proxy.
 */
export function parseNoProxy(text: string): Bypass {
  const entries = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
    .map(parseEntry)
  return (host, port) => {
    const name = host.toLowerCase().replace(/\.$/, '')
    return isLoopback(name) || entries.some(matches => matches(name, port))
  }
}

function parseEntry(entry: string): Bypass {
  if (entry.includes('/')) return rangeEntry(entry)
  const [host, port] = hostAndPort(entry)
  const isHost = hostEntry(host)
  return (name, wanted) => (port === undefined || port === wanted) && isHost(name)
}

// An entry that is neither a range nor a name matches nothing, as in Go: the variable is shared with other programs.
function rangeEntry(entry: string): Bypass {
  try {
    const range = addressRanges([entry], text => {
      throw new RangeError(text)
    })
    return name => range.contains(name)
  } catch (error) {
    if (error instanceof RangeError) return () => false
    throw error
  }
}

function hostAndPort(entry: string): readonly [host: string, port: number | undefined] {
  if (isIP(entry) !== 0) return [entry, undefined]
  const [, host = entry, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(entry) ?? []
  return [host.replace(/^\[(.*)\]$/, '$1'), port === undefined ? undefined : Number(port)]
}

function hostEntry(entry: string): (name: string) => boolean {
  if (entry === '*') return () => true
  if (isIP(entry) !== 0) return name => name === entry
  const below = entry.replace(/^\*?\.?/, '.').replace(/\.$/, '')
  const isApexToo = !/^[*.]/.test(entry)
  return name => name.endsWith(below) || (isApexToo && `.${name}` === below)
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || loopback.contains(name)
}

const loopback = addressRanges(['127.0.0.0/8', '::1'], text => {
  throw new RangeError(text)
})
