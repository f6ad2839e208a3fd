import type { Proxy } from './proxy.ts'

/** The codes of proxy errors. */
export type ProxyErrorCode =
  | 'ERR_PROXY_UNREACHABLE' // no connection to the proxy itself; the cause says why
  | 'ERR_PROXY_REFUSED' // it answered with another status than 2xx
  | 'ERR_PROXY_LOGIN' // it wants a user name and a password, or others
  | 'ERR_PROXY_LATE' // it did not answer in time
  | 'ERR_PROXY_CLOSED' // it closed the connection before it answered
  | 'ERR_PROXY_CHATTER' // it sent more than an answer to CONNECT

interface ProxyErrorOptions {
  /** The status that the proxy answered with. */
  readonly status?: number
  readonly cause?: unknown
}

/** A proxy gave no connection. The message says why and names neither the proxy nor what it was to connect to. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  readonly code: ProxyErrorCode
  /** Scheme, host and port: never its credentials. */
  readonly proxy: string
  readonly status: number | undefined

  constructor(code: ProxyErrorCode, why: string, { proxy, status, cause }: ProxyErrorOptions & ProxyOrigin) {
    super(why, cause === undefined ? {} : { cause })
    this.code = code
    this.proxy = proxy.origin
    this.status = status
  }
}

interface ProxyOrigin {
  readonly proxy: Pick<Proxy, 'origin'>
}

/** Creates the error for a proxy that refuses a connection with this status. */
export function refusedBy(proxy: Proxy, status: number): ProxyError {
  if (status !== 407) {
    const why = `it answered ${status} in place of a connection`
    return new ProxyError('ERR_PROXY_REFUSED', why, { proxy, status })
  }
  const did =
    proxy.authorization === undefined
      ? 'wants a user name and a password'
      : 'refuses its user name or password'
  return new ProxyError('ERR_PROXY_LOGIN', `it ${did} (407)`, { proxy, status })
}
