import { ProxyError } from '../../egress/index.ts'
import { advice, type Advice } from '../response/advice.ts'
import { invalidResponse, RegistryError } from '../response/registry-error.ts'

const tryLater = advice`${'try-later'}`
const checkHost = 'check the host and that this process may reach it'
const checkServers = advice`check the DNS servers of this process; ${'try-later'}`
const checkTls = 'check that this port speaks TLS and that no firewall or proxy blocks the handshake'
const checkTlsOrPlain = advice`check that this port speaks TLS and that no firewall or proxy blocks the handshake; if it speaks plain HTTP, ${'allow-insecure'}`
const plainHttp = advice`if it speaks plain HTTP, ${'allow-insecure'}`
const checkAuthority = advice`give the authority that signed it as caFile ${'under-registries'}, if you trust it`

const checkProxy = advice`check it and what names it: HTTPS_PROXY, HTTP_PROXY, NO_PROXY, or proxy ${'under-registries'}`

type Meaning = readonly [why: string, next: Advice]
const noNewTls: Meaning = ['it speaks no TLS newer than 1.1', 'update it: older versions of TLS are not safe']

// The reason and the advice for each code of a connection's error.
const unavailable: Readonly<Record<string, Meaning>> = {
  ERR_NAME_NOT_FOUND: ['its name is not in DNS', checkHost],
  ERR_NAME_NO_ADDRESS: ['its name has no address in DNS', checkHost],
  ERR_NAME_SERVFAIL: ['the DNS server failed for its name (SERVFAIL)', checkServers],
  ERR_NAME_TIMEOUT: ['DNS did not answer for its name in time', checkServers],
  ERR_NAME_FAILED: ['DNS could not be asked for its name', checkServers],
  ECONNREFUSED: ['it refuses connections', checkHost],
  ECONNRESET: ['it closed the connection', tryLater],
  EPIPE: ['it closed the connection', tryLater],
  UND_ERR_SOCKET: ['it closed the connection', tryLater],
  EHOSTUNREACH: ['there is no route to it', checkHost],
  ENETUNREACH: ['there is no route to it', checkHost],
  ETIMEDOUT: ['it does not accept a connection in time', checkHost],
  ERR_CONNECT_LATE: ['it does not accept a connection in time', checkHost],
  ERR_TLS_LATE: ['it does not finish the TLS handshake in time', checkTls],
  // A server of plain HTTP does so as well.
  ERR_TLS_CLOSED: ['it closes the connection in the TLS handshake', checkTlsOrPlain],
  ERR_SSL_UNSUPPORTED_PROTOCOL: noNewTls,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: noNewTls,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: [
    'it wants a client certificate',
    'let it ask for a password instead',
  ],
  UND_ERR_HEADERS_TIMEOUT: ['it does not begin to answer in time', tryLater],
  UND_ERR_BODY_TIMEOUT: ['it stopped in the middle of an answer', tryLater],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is self-signed', checkAuthority],
  SELF_SIGNED_CERT_IN_CHAIN: ['its certificate is signed by an unknown authority', checkAuthority],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['its certificate is signed by an unknown authority', checkAuthority],
  UNABLE_TO_GET_ISSUER_CERT: ['its certificate is signed by an unknown authority', checkAuthority],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['its certificate is signed by an unknown authority', checkAuthority],
  CERT_SIGNATURE_FAILURE: ['its certificate is not signed by the authority that it names', checkAuthority],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'renew it, and check the clocks'],
  CERT_NOT_YET_VALID: ['its certificate is not valid yet', 'check the clocks'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['its certificate is for another name', 'check the host or the certificate'],
}

/** The error of a connection as a RegistryError that says what to do. Other errors come back as they are. */
export function asRegistryError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof RegistryError) return error
  if (error instanceof ProxyError) return proxyError(error)
  const code = codeOf(error)
  if (code === undefined) return error
  const known = unavailable[code]
  if (known !== undefined) return new RegistryError('unavailable', known[0], { next: known[1], cause: error })
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return noTls(error, code)
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return invalidResponse('its headers are too long', error)
  if (code.startsWith('HPE_')) return invalidResponse('its answer is not proper HTTP', error)
  const why = `the connection failed (${code})`
  return new RegistryError('unavailable', why, { next: tryLater, cause: error })
}

/** The error of a proxy itself, which is named without its credentials. */
function proxyError({ code, message, proxy, cause }: ProxyError): unknown {
  if (code !== 'ERR_PROXY_UNREACHABLE') return ofProxy(proxy, message, cause)
  const why = asRegistryError(cause)
  return why instanceof RegistryError ? ofProxy(proxy, why.message, why) : why
}

function ofProxy(proxy: string, why: string, cause: unknown): RegistryError {
  return new RegistryError('unavailable', `the proxy ${proxy}: ${why}`, {
    next: checkProxy,
    ...(cause !== undefined && { cause }),
  })
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

// What OpenSSL says of bytes that are no TLS.
const notTls: ReadonlySet<string> = new Set([
  'EPROTO',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
])

function noTls(error: Error, code: string): RegistryError {
  if (notTls.has(code)) {
    return new RegistryError('unavailable', 'no TLS connection could be made', {
      next: plainHttp,
      cause: error,
    })
  }
  const next = 'check its TLS settings, and that it does not want a client certificate'
  return new RegistryError('unavailable', `it refuses the TLS connection (${code})`, { next, cause: error })
}
