import { createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'

import type { Test } from 'tap'

import { smtpSession, type Mail, type SmtpLogin } from './smtp-session.ts'

/** How a mail server is to be. */
export interface SmtpOptions {
  /** TLS from the start, offered after the greeting, or none. */
  readonly security: 'tls' | 'starttls' | 'none'
  /** PEM texts for TLS. */
  readonly certificate?: { readonly key: string; readonly cert: string }
  /** Who may send, and how one logs in; anybody where it is undefined. */
  readonly login?: SmtpLogin
  /** What is replied to a command (the first word of it, `greeting`, or `message` for the end of one) in place of what
   * is usual; `drop`, `silence` and `trickle` stand for the end of the connection, nothing at all, and an answer that never ends. */
  readonly replies?: Readonly<Record<string, string>>
  /** Recipients that it does not take. */
  readonly unknown?: readonly string[]
}

/** A mail server on 127.0.0.1. */
export interface SmtpServer {
  readonly port: number
  readonly mails: readonly Mail[]
  /** As they came, also before TLS. */
  readonly commands: readonly string[]
}

/** Starts a mail server (RFC 5321, 3207, 4954) that ends with the test. */
export async function smtpServer(t: Test, options: SmtpOptions): Promise<SmtpServer> {
  const mails: Mail[] = []
  const commands: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    const context = { options, mails, commands, isSecure: options.security === 'tls' }
    converse(options.security === 'tls' ? secured(socket, options) : socket, context, true)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    const closed = new Promise(resolve => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the mail server has no port')
  return { port: address.port, mails, commands }
}

interface Context {
  readonly options: SmtpOptions
  readonly mails: Mail[]
  readonly commands: string[]
  readonly isSecure: boolean
}

function secured(socket: Socket, { certificate }: SmtpOptions): TLSSocket {
  if (certificate === undefined) throw new Error('TLS takes a certificate')
  const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(certificate) })
  return secure.on('error', () => socket.destroy())
}

function converse(socket: Socket, context: Context, greets: boolean): void {
  const dialogue = smtpSession(context.options, context.isSecure, {
    command: line => void context.commands.push(line),
    mail: mail => void context.mails.push(mail),
  })
  let buffered = ''
  const reply = (command: string, usual: string): void =>
    send(socket, context.options.replies?.[command] ?? usual)
  const onData = (chunk: Buffer): void => {
    buffered += chunk.toString('latin1')
    for (let end = buffered.indexOf('\r\n'); end >= 0; end = buffered.indexOf('\r\n')) {
      const line = buffered.slice(0, end)
      buffered = buffered.slice(end + 2)
      const [command, usual] = dialogue(line)
      if (usual === undefined) continue
      reply(command, usual)
      if (command === 'QUIT') socket.end()
      if (
        command === 'STARTTLS' &&
        usual.startsWith('220') &&
        context.options.replies?.['STARTTLS'] === undefined
      ) {
        socket.off('data', onData)
        converse(secured(socket, context.options), { ...context, isSecure: true }, false)
      }
    }
  }
  socket.on('data', onData)
  if (greets) reply('greeting', '220 mail.test ESMTP')
}

function send(socket: Socket, reply: string): void {
  if (reply === 'silence') return
  if (reply === 'drop') return void socket.destroy()
  if (reply === 'trickle') return trickle(socket)
  socket.write(`${reply}\r\n`)
}

function trickle(socket: Socket): void {
  const timer = setInterval(() => socket.write('250-more\r\n'), 20)
  socket.on('close', () => clearInterval(timer))
}
