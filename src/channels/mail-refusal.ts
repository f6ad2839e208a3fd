import { ChannelError } from '../notification/index.ts'
import { saidBy } from './secrets.ts'
import { whyNot } from './why-not.ts'

interface MailServer {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly credentials?: { readonly username: string; readonly password: string }
  /** Milliseconds. */
  readonly timeout: number
}

/** What a failure to hand over a mail means. RFC 5321, 4.2.1: a reply of 4yz may be followed by another try, one of 5yz may not. */
export function mailRefusal(error: unknown, server: MailServer): ChannelError {
  const code = textField(error, 'code') ?? ''
  const status = numberField(error, 'responseCode')
  const where = `${server.name}: ${server.host}:${server.port}`
  if (status !== undefined) {
    const said = `${where} answered${saidBy(textField(error, 'response') ?? '', secretsOf(server))}`
    return status < 500
      ? new ChannelError('temporary', said)
      : new ChannelError('permanent', `${said}: ${remedies[code] ?? 'check the sender and the recipients'}`)
  }
  const fault = withoutReply[code]
  if (fault !== undefined) return new ChannelError('permanent', `${where}: ${fault}`)
  return new ChannelError('temporary', `${where}: ${whyOf(error, code, server)}`)
}

const remedies: Readonly<Record<string, string>> = {
  EAUTH: 'check the user name and the password',
  ETLS: 'it offers no encryption: say security: none, if that is meant',
  EPROTOCOL: 'check the host and the port',
}

// What the library refuses to do by itself.
const withoutReply: Readonly<Record<string, string>> = {
  EAUTH: 'it offers no way to log in that can be used here (PLAIN, LOGIN, CRAM-MD5)',
  EENVELOPE: 'an address cannot be used: check the sender and the recipients',
  EMESSAGE: 'the message is larger than it takes',
}

function whyOf(error: unknown, code: string, { timeout }: MailServer): string {
  if (code === 'EABORT') {
    const reason = field(error, 'cause')
    const isLate = reason instanceof Error && reason.name === 'TimeoutError'
    return isLate ? `not done within ${(3 * timeout) / 1000} s` : 'stopped'
  }
  if (code === 'ETIMEDOUT') return `no answer within ${timeout / 1000} s`
  if (code === 'ETLS') return 'it closed the connection in the TLS handshake'
  return whyNot(textField(error, 'originalCode') ?? code)
}

// Servers repeat what they do not understand: a password in the forms in which it is sent.
function secretsOf({ credentials }: MailServer): readonly string[] {
  if (credentials === undefined) return []
  const { username, password } = credentials
  return [password, base64(password), base64(`\0${username}\0${password}`)]
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function textField(value: unknown, name: string): string | undefined {
  const found = field(value, name)
  return typeof found === 'string' ? found : undefined
}

function numberField(value: unknown, name: string): number | undefined {
  const found = field(value, name)
  return typeof found === 'number' ? found : undefined
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.getOwnPropertyDescriptor(value, name)?.value
}
