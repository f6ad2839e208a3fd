import { createTransport } from 'nodemailer'
import { ChannelError, type Channel, type CommandForm, type Digest } from '../notification/index.ts'
import { htmlEscaped, htmlPart, htmlTotals, plainText } from './html.ts'
import { mailRefusal } from './mail-refusal.ts'
import { messageOf, type Message } from './message.ts'
import { pack } from './pack.ts'

/** How the connection to a mail server is kept secret: from the start, after a greeting, or not at all. */
export type MailSecurity = 'tls' | 'starttls' | 'none'

/** A mail server and who gets mail through it. */
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
  /** Told of recipients that the server did not take while it took others. */
  readonly warn?: (message: string) => void
}

const mostImages = 100

/** A channel to mailboxes. */
export function createEmailChannel(options: EmailOptions): Channel {
  const { name, commands, timeout, warn } = options
  return {
    name,
    async send(digest, signal) {
      if (signal.aborted) throw new ChannelError('temporary', `${name}: stopped`)
      const transport = transportOf(options)
      // The timeouts of the library start anew with each line of an answer.
      const limit = AbortSignal.any([signal, AbortSignal.timeout(3 * timeout)])
      try {
        const message = messageOf(digest, { commands, mostImages })
        const { rejected } = await transport.sendMail({ ...mailOf(message, digest, options), signal: limit })
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

function mailOf(message: Message, { at }: Digest, { from, to }: EmailOptions) {
  const parts = [...message.sections.map(htmlPart), ...htmlTotals(message)]
  const html = pack([`<b>${htmlEscaped(message.subject)}</b>`], parts, unlimited)
  const domain = /@([\w.-]+)>?\s*$/.exec(from)?.[1]
  return {
    from,
    to: [...to],
    date: new Date(at),
    subject: message.subject,
    text: `${plainText(message)}\n`,
    html: `<div style="white-space: pre-wrap">${html.join('')}</div>\n`,
    // RFC 3834, and what Exchange understands: nobody's absence is to be answered with a mail to us. RFC 2919, for filters.
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

function transportOf({ host, port, security, credentials, ca, timeout }: EmailOptions) {
  return createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(credentials !== undefined && { auth: { user: credentials.username, pass: credentials.password } }),
    // Said here because the environment may switch it off for the whole process.
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
    socketCloseTimeout: 0,
  })
}
