import { ProxyError } from '../../egress/index.ts'
import { member, textOf } from '../../json/index.ts'
import { ChannelError } from '../../notification/index.ts'
import { AddressError } from './connections.ts'

/** A response that was no success. */
export interface Refused {
  readonly status: number
  /** Who answered what; holds no secret. */
  readonly said: string
  /** Epoch milliseconds; undefined where the answer does not say it. */
  readonly retryAt: number | undefined
  /** What to do where it will not pass by itself. */
  readonly remedy: string
}

/** The ChannelError for a response that was no success. */
export function refusal({ status, said, retryAt, remedy }: Refused): ChannelError {
  if (passes(status)) return new ChannelError('temporary', said, retryAt === undefined ? {} : { retryAt })
  const isRedirect = status >= 300 && status < 400
  const next = isRedirect ? 'redirects are not followed: configure where it leads to' : remedy
  return new ChannelError('permanent', `${said}: ${next}`)
}

/** Whether a response of this status passes by itself, so that the same message may be sent again. */
function passes(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500
}

/** The parts of an address by which it could be known: all of it, its path, and each longer piece of that. */
export function secretsOf(url: URL): readonly string[] {
  const pieces = `${url.pathname}${url.search}`.split(/[/?&=]/).filter(({ length }) => length >= shortest)
  return [url.href, `${url.pathname}${url.search}`, url.pathname, ...pieces, ...pieces.map(decoded)].filter(
    ({ length }) => length >= shortest,
  )
}

// A shorter word is no secret, and would be cut out of ordinary sentences.
const shortest = 6

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const longestSaid = 100

/**
 * What the other side said, made fit for a log, with a space before it; empty where it said nothing. Its words may be anything, also what
 * we sent: proxies and servers like to repeat a path or a command.
 */
export function saidBy(text: string, secrets: readonly string[]): string {
  const plain = text.replaceAll(/[^\x20-\x7e]+/g, ' ').trim()
  const hidden = secrets
    .filter(secret => secret !== '')
    .toSorted((one, other) => other.length - one.length)
    .reduce((said, secret) => said.replaceAll(secret, '***'), plain)
  if (hidden === '') return ''
  return ` ${JSON.stringify(hidden.length > longestSaid ? `${hidden.slice(0, longestSaid)}...` : hidden)}`
}

// The failures of a connection by the code of the error, in words for the person who configured the channel.
const meanings: Readonly<Record<string, string>> = {
  ERR_NAME_NOT_FOUND: 'its name is not in DNS: check the host',
  ERR_NAME_NO_ADDRESS: 'its name has no address in DNS: check the host',
  ERR_NAME_SERVFAIL: 'the DNS server failed for its name (SERVFAIL): check the DNS servers',
  ERR_NAME_TIMEOUT: 'DNS did not answer',
  ERR_NAME_FAILED: 'DNS could not be asked for its name: check the DNS servers',
  ECONNREFUSED: 'it refuses connections: check the host and the port',
  ECONNRESET: 'it closed the connection',
  ECONNECTION: 'it closed the connection',
  EPIPE: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ETIMEDOUT: 'it does not answer in time',
  ERR_PROXY_REFUSED: 'the proxy on the way does not let it through',
  ERR_CONNECT_LATE: 'it does not accept a connection in time',
  ERR_TLS_LATE: 'it does not finish the TLS handshake in time',
  ERR_TLS_CLOSED: 'it closed the connection in the TLS handshake',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is self-signed: name its authority in caFile, if you trust it',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not known: name it in caFile, if you trust it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not known: name it in caFile, if you trust it',
  UNABLE_TO_GET_ISSUER_CERT: 'its authority is not known: name it in caFile, if you trust it',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not known: name it in caFile, if you trust it',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: check the clocks',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: check the host',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks no TLS on this port',
  EPROTO: 'it speaks no TLS on this port',
}

/** The ChannelError for a message that did not arrive, because there was no connection or it was cut; `where` says which channel. */
export function notReached(where: string, error: unknown): ChannelError {
  if (error instanceof AddressError) {
    const next = 'if that is meant, name the address under egress.allowedRanges'
    return new ChannelError(
      error.isConfigured ? 'permanent' : 'temporary',
      `${where}: ${error.message}: ${next}`,
    )
  }
  return new ChannelError('temporary', `${where}: ${whyNot(error)}`)
}

// By the code of the error: its own words may hold an address that is a secret.
function whyNot(error: unknown): string {
  const code = codeOf(error)
  const meaning = Object.hasOwn(meanings, code) ? meanings[code] : undefined
  if (meaning !== undefined) return meaning
  if (error instanceof ProxyError) return ofProxy(error)
  return `it cannot be reached (${code === '' ? 'no connection' : code})`
}

// The mail library puts codes of its own in the place of those of connections.
function codeOf(error: unknown): string {
  return textOf(member(error, 'originalCode')) || textOf(member(error, 'code'))
}

function ofProxy({ code, proxy, message, cause }: ProxyError): string {
  return code === 'ERR_PROXY_UNREACHABLE'
    ? `the proxy ${proxy}: ${whyNot(cause)}`
    : `the proxy ${proxy}: ${message}: check it and what names it: HTTPS_PROXY, HTTP_PROXY, NO_PROXY`
}
