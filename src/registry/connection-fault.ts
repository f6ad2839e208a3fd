import { invalidAnswer, RegistryFault } from './fault.ts'

const tryLater = 'it is asked again later'
const checkHost = 'check the host and that this process may reach it'
const checkAuthority = 'give the authority that signed it as ca under registries, if you trust it'

// What can happen on the way, by the code of the error: why, and what to do next.
const unavailable: Readonly<Record<string, readonly [why: string, next: string]>> = {
  ECONNREFUSED: ['it refuses connections', checkHost],
  ECONNRESET: ['it closed the connection', tryLater],
  EPIPE: ['it closed the connection', tryLater],
  UND_ERR_SOCKET: ['it closed the connection', tryLater],
  ENOTFOUND: ['its name is not in DNS', checkHost],
  EAI_AGAIN: ['DNS does not answer', tryLater],
  EHOSTUNREACH: ['there is no route to it', checkHost],
  ENETUNREACH: ['there is no route to it', checkHost],
  ETIMEDOUT: ['it does not accept a connection in time', checkHost],
  UND_ERR_CONNECT_TIMEOUT: ['it does not accept a connection in time', checkHost],
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

/** What an error of the connection means, as a fault. Errors that are none of the connection's come back as they are. */
export function connectionFault(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof RegistryFault) return error
  const code = codeOf(error)
  if (code === undefined) return error
  const known = unavailable[code]
  if (known !== undefined) return new RegistryFault('unavailable', known[0], { next: known[1], cause: error })
  if (code === 'ERR_ADDRESS_NOT_PUBLIC') return notPublic(error)
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return noTls(error)
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW')
    return invalidAnswer('its answer is not proper HTTP', error)
  const why = `the connection failed (${code})`
  return new RegistryFault('unavailable', why, { next: tryLater, cause: error })
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function notPublic(error: Error): RegistryFault {
  const next = 'if that is meant, name the host in the configuration under registries'
  return new RegistryFault('not-allowed', error.message, { next, cause: error })
}

function noTls(error: Error): RegistryFault {
  const next = 'if it speaks plain HTTP, say insecure: true under registries'
  return new RegistryFault('unavailable', 'no TLS connection could be made', { next, cause: error })
}
