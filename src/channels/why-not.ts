// What can happen to a connection, by the code of the error, in words for whoever configured the channel.
const meanings: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not in DNS: check the host',
  EDNS: 'its name is not in DNS: check the host',
  EAI_AGAIN: 'DNS did not answer',
  ECONNREFUSED: 'it refuses connections: check the host and the port',
  ECONNRESET: 'it closed the connection',
  ECONNECTION: 'it closed the connection',
  EPIPE: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ETIMEDOUT: 'it does not answer in time',
  UND_ERR_ABORTED: 'the proxy on the way does not let it through',
  UND_ERR_CONNECT_TIMEOUT: 'it does not accept a connection in time',
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

/** Why there was no connection, by the code of an error; the error's own words may hold an address that is a secret. */
export function whyNot(code: string | undefined): string {
  const meaning = code !== undefined && Object.hasOwn(meanings, code) ? meanings[code] : undefined
  return meaning ?? `it cannot be reached (${code ?? 'no connection'})`
}
