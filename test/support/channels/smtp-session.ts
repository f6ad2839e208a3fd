/** Who may send, and how one logs in. */
export interface SmtpLogin {
  readonly username: string
  readonly password: string
  readonly method: 'PLAIN' | 'LOGIN'
}

/** A mail that was taken. */
export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  /** Whole, without the dot at its end. */
  readonly data: string
  readonly isSecure: boolean
  readonly username: string | undefined
}

/** A command and its usual reply; undefined where the line is a part of something longer. */
export type SmtpAnswer = readonly [command: string, usual: string | undefined]

interface SessionOptions {
  readonly security: 'tls' | 'starttls' | 'none'
  readonly login?: SmtpLogin
  readonly replies?: Readonly<Record<string, string>>
  readonly unknown?: readonly string[]
}

interface Seen {
  command(line: string): void
  mail(mail: Mail): void
}

/** A session of a mail server: what it answers to each line. */
export function smtpSession(
  options: SessionOptions,
  isSecure: boolean,
  seen: Seen,
): (line: string) => SmtpAnswer {
  const { security, login, unknown = [] } = options
  const state = { from: '', to: [''], data: [''], isReading: false }
  const gate = smtpGate(login)
  const commands: Readonly<Record<string, (line: string) => string>> = {
    EHLO: () => extensions(security === 'starttls' && !isSecure, login),
    STARTTLS: () =>
      security === 'starttls' ? '220 2.0.0 Ready to start TLS' : '502 5.5.1 Error: not implemented',
    AUTH: line => gate.begin(line),
    MAIL(line) {
      state.from = addressIn(line)
      state.to = []
      return gate.isOpen() ? '250 2.1.0 Ok' : '530 5.7.0 Authentication required'
    },
    RCPT(line) {
      if (unknown.includes(addressIn(line))) return '550 5.1.1 User unknown'
      state.to.push(addressIn(line))
      return '250 2.1.5 Ok'
    },
    DATA() {
      state.data = []
      state.isReading = options.replies?.['DATA'] === undefined
      return '354 End data with <CR><LF>.<CR><LF>'
    },
    QUIT: () => '221 2.0.0 Bye',
  }
  return line => {
    if (state.isReading && line !== '.') {
      state.data.push(line.replace(/^\./, ''))
      return ['data', undefined]
    }
    if (state.isReading) {
      state.isReading = false
      const { from, to, data } = state
      if (options.replies?.['message'] === undefined)
        seen.mail({ from, to, data: data.join('\r\n'), isSecure, username: gate.who() })
      return ['message', '250 2.0.0 Ok: queued as 4Zx']
    }
    seen.command(line)
    if (gate.isAsking()) return ['AUTH', gate.take(line)]
    const command = line.split(/[ :]/)[0] ?? ''
    return [command, commands[command]?.(line) ?? '502 5.5.2 Error: command not recognized']
  }
}

function extensions(offersTls: boolean, login: SmtpLogin | undefined): string {
  const names = [
    'mail.test',
    ...(offersTls ? ['STARTTLS'] : []),
    ...(login === undefined ? [] : [`AUTH ${login.method}`]),
  ]
  return [...names.map(name => `250-${name}`), '250 8BITMIME'].join('\r\n')
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? ''
}

// RFC 4954, with PLAIN in one line and LOGIN in three.
function smtpGate(login: SmtpLogin | undefined) {
  const state: { username: string | undefined; given: string[]; isAsking: boolean } = {
    username: undefined,
    given: [],
    isAsking: false,
  }
  const judge = (username = '', password = ''): string => {
    if (username !== login?.username || password !== login.password)
      return '535 5.7.8 Error: authentication failed'
    state.username = username
    return '235 2.7.0 Authentication successful'
  }
  return {
    who: () => state.username,
    isOpen: () => login === undefined || state.username !== undefined,
    isAsking: () => state.isAsking,
    begin(line: string): string {
      const [, method, initial = ''] = line.split(' ')
      if (method !== login?.method) return '504 5.5.4 Unrecognized authentication type'
      if (method === 'PLAIN') return judge(...text(initial).split('\0').slice(1))
      state.isAsking = true
      return `334 ${base64('Username:')}`
    },
    take(line: string): string {
      state.given.push(text(line))
      if (state.given.length < 2) return `334 ${base64('Password:')}`
      state.isAsking = false
      return judge(...state.given)
    },
  }
}

function text(encoded: string): string {
  return Buffer.from(encoded, 'base64').toString()
}

function base64(plain: string): string {
  return Buffer.from(plain).toString('base64')
}
