import t from 'tap'

import { connectionFault } from '../../src/registry/connection-fault.ts'
import { invalidAnswer } from '../../src/registry/fault.ts'

const later = 'it is asked again later'
const rows = [
  ['ECONNRESET', 'unavailable', 'it closed the connection', later],
  ['ENOTFOUND', 'unavailable', 'its name is not in DNS', 'check the host and that this process may reach it'],
  ['EAI_AGAIN', 'unavailable', 'DNS does not answer', later],
  [
    'ENETUNREACH',
    'unavailable',
    'there is no route to it',
    'check the host and that this process may reach it',
  ],
  [
    'EPROTO',
    'unavailable',
    'no TLS connection could be made',
    'if it speaks plain HTTP, say insecure: true under registries',
  ],
  [
    'ERR_SSL_X',
    'unavailable',
    'no TLS connection could be made',
    'if it speaks plain HTTP, say insecure: true under registries',
  ],
  [
    'HPE_INVALID',
    'invalid-answer',
    'its answer is not proper HTTP',
    'check that this is an OCI registry and that no proxy changes its answers',
  ],
  ['ESOMETHING', 'unavailable', 'the connection failed (ESOMETHING)', later],
] as const

t.test('errors of a connection', t => {
  for (const [code, kind, message, next] of rows) {
    const error = Object.assign(new Error('inner'), { code })
    t.match(connectionFault(error), { name: 'RegistryFault', code: kind, message, next, cause: error }, code)
  }
  t.end()
})

t.test('other errors stay what they are', t => {
  const others = [
    new TypeError('a mistake'),
    Object.assign(new Error('x'), { code: 7 }),
    invalidAnswer('x'),
    'text',
    undefined,
  ]
  for (const other of others) t.equal(connectionFault(other), other)
  t.end()
})
