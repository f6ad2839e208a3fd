import t from 'tap'

import { invalidResponse } from '../../../src/registry/response/registry-error.ts'
import { asRegistryError } from '../../../src/registry/transport/connection-error.ts'

const later = 'it is asked again later'
const host = 'check the host and that this process may reach it'
const servers = 'check the DNS servers of this process; it is asked again later'
const tls = 'check that this port speaks TLS and that no firewall or proxy blocks the handshake'
const settings = 'check its TLS settings, and that it does not want a client certificate'
const plain = 'if it speaks plain HTTP, say insecure: true under registries'
const proxies = 'check that this is an OCI registry and that no proxy changes its answers'
const rows = [
  ['ERR_NAME_NOT_FOUND', 'unavailable', 'its name is not in DNS', host],
  ['ERR_NAME_NO_ADDRESS', 'unavailable', 'its name has no address in DNS', host],
  ['ERR_NAME_SERVFAIL', 'unavailable', 'the DNS server failed for its name (SERVFAIL)', servers],
  ['ERR_NAME_TIMEOUT', 'unavailable', 'DNS did not answer for its name in time', servers],
  ['ERR_NAME_FAILED', 'unavailable', 'DNS could not be asked for its name', servers],
  ['ECONNRESET', 'unavailable', 'it closed the connection', later],
  ['ENETUNREACH', 'unavailable', 'there is no route to it', host],
  ['ERR_CONNECT_LATE', 'unavailable', 'it does not accept a connection in time', host],
  ['ERR_TLS_LATE', 'unavailable', 'it does not finish the TLS handshake in time', tls],
  ['ERR_TLS_CLOSED', 'unavailable', 'it closes the connection in the TLS handshake', `${tls}; ${plain}`],
  ['EPROTO', 'unavailable', 'no TLS connection could be made', plain],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'unavailable', 'no TLS connection could be made', plain],
  ['ERR_SSL_X', 'unavailable', 'it refuses the TLS connection (ERR_SSL_X)', settings],
  ['HPE_INVALID', 'invalid-answer', 'its answer is not proper HTTP', proxies],
  ['UND_ERR_HEADERS_OVERFLOW', 'invalid-answer', 'its headers are too long', proxies],
  ['ESOMETHING', 'unavailable', 'the connection failed (ESOMETHING)', later],
] as const

t.test('errors of a connection', t => {
  for (const [code, kind, message, next] of rows) {
    const error = Object.assign(new Error('inner'), { code })
    t.match(asRegistryError(error), { name: 'RegistryError', code: kind, message, next, cause: error }, code)
  }
  t.end()
})

t.test('other errors stay what they are', t => {
  const others = [
    new TypeError('a mistake'),
    Object.assign(new Error('x'), { code: 7 }),
    invalidResponse('x'),
    'text',
    undefined,
  ]
  for (const other of others) t.equal(asRegistryError(other), other)
  t.end()
})
