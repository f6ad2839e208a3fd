import { X509Certificate, createPrivateKey } from 'node:crypto'
import { TLSSocket, createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendText } from '../server/server.ts'

/** A serving certificate (the chain may follow it) and its key, in PEM. */
export interface PemPair {
  readonly certificate: string
  readonly key: string
}

export type ServingPairErrorCode =
  | 'invalid-certificate' // TLS cannot use the certificate
  | 'invalid-key' // TLS cannot use the key
  | 'mismatch' // they do not belong together

/** The pair cannot serve TLS. Neither message nor cause holds any part of the key. */
export class ServingPairError extends Error {
  override readonly name = 'ServingPairError'
  readonly code: ServingPairErrorCode

  constructor(code: ServingPairErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Which client certificates the webhook accepts: those of the API server. */
export interface ClientAuthentication {
  /** PEM: a certificate signed by one of these authorities is required. */
  readonly authorities: string
  /** Common names and DNS names; if empty, every certificate of the authorities is accepted. */
  readonly names: readonly string[]
}

/**
 * The TLS context of the server: its certificate and, if clients are authenticated, their authorities. Without a certificate every
 * handshake fails.
 * @throws ServingPairError where the pair cannot serve: an empty or swapped one would otherwise fail only at each handshake.
 */
export function secureContext(
  pair: PemPair | undefined,
  client: ClientAuthentication | undefined,
): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    ...(pair !== undefined && checkedPair(pair)),
    ...(client !== undefined && { ca: client.authorities }),
  }
}

/** What of a server's TLS can be replaced while it runs; open connections stay as they are. */
export interface ReplaceableTls {
  /** @throws ServingPairError if it cannot serve; the old pair then stays. */
  replaceCertificate(pair: PemPair): void
  /** Accepts client certificates of these authorities (PEM) on new connections, if any are. */
  replaceAuthorities(authorities: string): void
}

/** Hands each changed context to `set`. */
export function replaceableTls(
  first: { readonly pair: PemPair | undefined; readonly client: ClientAuthentication | undefined },
  set: (context: SecureContextOptions) => void,
): ReplaceableTls {
  let { pair, client } = first
  return {
    replaceCertificate(next) {
      const context = secureContext(next, client) // throws before anything is changed
      pair = next
      set(context)
    },
    replaceAuthorities(authorities) {
      client = client && { ...client, authorities }
      set(secureContext(pair, client))
    },
  }
}

function checkedPair({ certificate, key }: PemPair): SecureContextOptions {
  const parsed = attempt(
    'invalid-certificate',
    'not a PEM certificate',
    () => new X509Certificate(certificate),
  )
  const privateKey = attempt('invalid-key', 'not a PEM private key', () => createPrivateKey(key))
  if (!parsed.checkPrivateKey(privateKey))
    throw new ServingPairError('mismatch', 'not the key of the certificate')
  const settings = { cert: certificate, key, minVersion: 'TLSv1.2' } as const
  attempt('invalid-certificate', 'TLS refuses the certificate', () => createSecureContext(settings))
  return settings
}

function attempt<T>(code: ServingPairErrorCode, message: string, make: () => T): T {
  try {
    return make()
  } catch {
    throw new ServingPairError(code, message)
  }
}

/** The TLS options that require a client certificate; none without client authentication. Other authorities fail the handshake. */
export function requireClientCertificate(client: ClientAuthentication | undefined): TlsOptions {
  return client === undefined ? {} : { requestCert: true, rejectUnauthorized: true }
}

type OnRequest = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void

/**
 * A hook that responds with 403 where the client certificate has none of the names. Not at the handshake: the API server logs
 * a status, but of a closed connection only that it was closed.
 */
export function refuseOtherNames({ names }: ClientAuthentication): OnRequest {
  const accepted = new WeakSet<object>() // a connection is checked once
  return ({ raw: { socket } }, reply, done) => {
    if (accepted.has(socket)) return done()
    if (!(socket instanceof TLSSocket) || !hasAcceptedName(socket, names))
      return void sendText(reply, otherName)
    accepted.add(socket)
    return done()
  }
}

const otherName = { status: 403, text: 'the client certificate has none of the names of webhook.clientNames' }

/** Whether the client certificate of a connection has one of the names. */
export function hasAcceptedName(socket: TLSSocket, names: readonly string[]): boolean {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return false
  const commonName: unknown = certificate.toLegacyObject().subject.CN
  const exactly = { subject: 'never', wildcards: false } as const
  return names.some(name => name === commonName || certificate.checkHost(name, exactly) !== undefined)
}
