import { TLSSocket, type SecureContextOptions, type TlsOptions } from 'node:tls'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendText } from './error-answers.ts'

/** By which client certificates the webhook knows the API server. */
export interface ClientAuthentication {
  /** PEM: a certificate of one of these authorities is required. */
  readonly authorities: string
  /** Common names and DNS names; empty: every certificate of the authorities is taken. */
  readonly names: readonly string[]
}

/** How TLS asks for client certificates; nothing where none is wanted. What is not of the authorities ends in the handshake. */
export function clientTls(client: ClientAuthentication | undefined): TlsOptions {
  return client === undefined ? {} : { requestCert: true, rejectUnauthorized: true }
}

/** The part of a context that knows the authorities. */
export function authoritiesOf(client: ClientAuthentication | undefined): SecureContextOptions {
  return client === undefined ? {} : { ca: client.authorities }
}

type OnRequest = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void

/**
 * Answers 403 where the client's certificate has none of the names. Not at the handshake: the API server logs a status, and of
 * a closed connection only that it was closed.
 */
export function refuseOtherNames({ names }: ClientAuthentication): OnRequest {
  const known = new WeakSet<object>()
  return ({ raw: { socket } }, reply, done) => {
    if (known.has(socket)) return done()
    if (!(socket instanceof TLSSocket) || !hasName(socket, names)) return void sendText(reply, otherName)
    known.add(socket)
    return done()
  }
}

const otherName = { status: 403, text: 'the client certificate has none of the names of webhook.clientNames' }

function hasName(socket: TLSSocket, names: readonly string[]): boolean {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return false
  const commonName: unknown = certificate.toLegacyObject().subject.CN
  const exactly = { subject: 'never', wildcards: false } as const
  return names.some(name => name === commonName || certificate.checkHost(name, exactly) !== undefined)
}
