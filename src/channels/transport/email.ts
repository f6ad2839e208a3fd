import { callbackify } from 'node:util'
import { createTransport } from 'nodemailer'
import type { Connect } from '../../egress/index.ts'
import { member, textOf } from '../../json/index.ts'
import { ChannelError, type Channel, type CommandForm, type Message } from '../../notification/index.ts'
import { htmlEscaped, htmlPart, htmlTotals, plainText } from '../message/html.ts'
import { pack } from '../message/pack.ts'
import { renderMessage, type RenderedMessage } from '../message/rendered-message.ts'
import { notReached, saidBy } from './refusal.ts'

/** How the connection to a mail server is encrypted: from the start, after the greeting, or not at all. */
export type MailSecurity = 'tls' | 'starttls' | 'none'

/** A mail server and the recipients of mail through it. */
export interface EmailOptions {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly security: MailSecurity
  readonly credentials?: { readonly username: string; readonly password: string }
  /** PEM text of the authorities that sign its certificate. */
  readonly ca?: string
  readonly from: string
  readonly to: readonly string[]
  readonly commands: CommandForm | 'none'
  /** Milliseconds for each step; all of them together get three times as much. */
  readonly timeout: number
  /** Makes the connection to the server; from then on the library talks over it. */
  readonly connect: Connect
  /** Called with the recipients that the server did not take while it took others. */
  readonly warn?: (message: string) => void
}

const mostImages = 100

/** Creates a channel to mailboxes. */
export function createEmailChannel(options: EmailOptions): Channel {
  const { name, commands, timeout, warn } = options
  return {
    name,
    async send(message, signal) {
      if (signal.aborted) throw new ChannelError('temporary', `${name}: stopped`)
      const transport = transportOf(options)
      // The timeouts of the library start anew with each line of an answer.
      const limit = AbortSignal.any([signal, AbortSignal.timeout(3 * timeout)])
      try {
        const mail = mailOf(renderMessage(message, { commands, mostImages }), message, options)
        const { rejected } = await transport.sendMail({ ...mail, signal: limit })
        if (rejected.length > 0) warn?.(notTaken(name, rejected))
      } catch (error) {
        throw mailRefusal(error, options)
      } finally {
        transport.close()
      }
    },
  }
}

function notTaken(name: string, recipients: readonly string[]): string {
  return `${name}: the mail server did not take ${recipients.length} of the recipients: ${recipients.join(', ')}`
}

function mailOf(rendered: RenderedMessage, { at }: Message, { from, to }: EmailOptions) {
  const parts = [...rendered.sections.map(htmlPart), ...htmlTotals(rendered)]
  const html = pack([`<b>${htmlEscaped(rendered.subject)}</b>`], parts, unlimited)
  const domain = /@([\w.-]+)>?\s*$/.exec(from)?.[1]
  return {
    from,
    to: [...to],
    date: new Date(at),
    subject: rendered.subject,
    text: `${plainText(rendered)}\n`,
    html: `<div style="white-space: pre-wrap">${html.join('')}</div>\n`,
    // RFC 3834, and what Exchange understands: no out-of-office reply is to come back. RFC 2919, for filters.
    headers: {
      'auto-submitted': 'auto-generated',
      'x-auto-response-suppress': 'All',
      ...(domain !== undefined && { 'list-id': `Patchline <patchline.${domain}>` }),
    },
    // Nothing in a message is a path or an address to be read.
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

const unlimited = { chunk: Infinity, chunks: 1, together: Infinity, apart: false } as const

function transportOf({ host, port, security, credentials, ca, timeout, connect }: EmailOptions) {
  const isTls = security === 'tls'
  const open = callbackify(connect)
  return createTransport({
    host,
    port,
    secure: isTls,
    getSocket(_, callback) {
      open({ hostname: host, port, isTls }, (error, connection) =>
        error === null ? callback(null, { connection, secured: isTls }) : callback(error),
      )
    },
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(credentials !== undefined && { auth: { user: credentials.username, pass: credentials.password } }),
    // Of STARTTLS. Said here because the environment may switch it off for the whole process.
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    socketCloseTimeout: 0,
  })
}

type MailServer = Pick<EmailOptions, 'name' | 'host' | 'port' | 'credentials' | 'timeout'>

/** The ChannelError for a mail that was not taken. RFC 5321, 4.2.1: a reply of 4yz may be followed by another try, one of 5yz may not. */
function mailRefusal(error: unknown, server: MailServer): ChannelError {
  const code = textOf(member(error, 'code'))
  const status = member(error, 'responseCode')
  const where = `${server.name}: ${server.host}:${server.port}`
  if (typeof status === 'number') {
    const said = `${where} answered${saidBy(textOf(member(error, 'response')), secretsOf(server))}`
    return status < 500
      ? new ChannelError('temporary', said)
      : new ChannelError('permanent', `${said}: ${remedies[code] ?? 'check the sender and the recipients'}`)
  }
  const fault = withoutReply[code]
  if (fault !== undefined) return new ChannelError('permanent', `${where}: ${fault}`)
  const why = whyEnded(error, code, server)
  return why === undefined ? notReached(where, error) : new ChannelError('temporary', `${where}: ${why}`)
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

// What the library ends a connection for.
function whyEnded(error: unknown, code: string, { timeout }: MailServer): string | undefined {
  if (code === 'EABORT') {
    const reason = member(error, 'cause')
    const isLate = reason instanceof Error && reason.name === 'TimeoutError'
    return isLate ? `not done within ${(3 * timeout) / 1000} s` : 'stopped'
  }
  if (code === 'ETIMEDOUT') return `no answer within ${timeout / 1000} s`
  return code === 'ETLS' ? 'it closed the connection in the TLS handshake' : undefined
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
