import { randomUUID, sign } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'

import { selfSigned } from './registry-certificate.ts'

interface TokenServerOptions {
  readonly service: string
  readonly username: string
  readonly password: string
  /** Repositories that are for everybody. */
  readonly open?: readonly string[]
}

/** A token server as the token authentication of Distribution wants it. */
export interface TokenServer {
  /** `127.0.0.1:PORT` */
  readonly host: string
  readonly realm: string
  readonly issuer: string
  /** PEM text of the certificate of the key that signs its tokens. */
  readonly certificates: string
  /** The scopes that were asked for, and as whom. */
  readonly asked: readonly (readonly [scope: string, username: string])[]
  close(): Promise<void>
}

/** Starts a token server that gives those who show the name and password tokens for whatever they ask. */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const { key, cert } = selfSigned()
  const asked: [string, string][] = []
  const issuer = 'patchline test'
  const server = createServer((message, response) => {
    const scope = new URL(message.url ?? '', 'http://localhost').searchParams.get('scope') ?? ''
    const who = basicOf(message)
    asked.push([scope, who?.username ?? ''])
    const access = accessOf(scope, who, options)
    if (access === undefined) {
      response.writeHead(401).end('{"errors":[{"code":"UNAUTHORIZED"}]}')
      return
    }
    const claims = { iss: issuer, sub: who?.username ?? '', aud: options.service, jti: randomUUID(), access }
    const token = signed(claims, { key, cert })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ token, expires_in: 300 }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the token server has no port')
  const host = `127.0.0.1:${address.port}`
  return {
    host,
    realm: `http://${host}/token`,
    issuer,
    certificates: cert,
    asked,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

// Undefined for somebody who is not who he says.
function accessOf(
  scope: string,
  who: Account | undefined,
  { username, password, open = [] }: TokenServerOptions,
): readonly object[] | undefined {
  if (who !== undefined && (who.username !== username || who.password !== password)) return undefined
  const [type = '', name = '', actions = ''] = scope.split(':')
  return who !== undefined || open.includes(name) ? [{ type, name, actions: actions.split(',') }] : []
}

interface Account {
  readonly username: string
  readonly password: string
}

function basicOf({ headers: { authorization } }: IncomingMessage): Account | undefined {
  if (authorization === undefined) return undefined
  const text = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString()
  const colon = text.indexOf(':')
  return { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

// RFC 7515 with the certificate in the header, so that the registry need not know the key by a name.
function signed(claims: object, { key, cert }: { readonly key: string; readonly cert: string }): string {
  const now = Math.floor(Date.now() / 1000)
  const header = { typ: 'JWT', alg: 'RS256', x5c: [cert.replaceAll(/-----[A-Z ]+-----|\s/g, '')] }
  const parts = [header, { ...claims, iat: now, nbf: now - 10, exp: now + 300 }]
  const text = parts.map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
}
