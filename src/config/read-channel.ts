import type { ConfigSurroundings } from './config.ts'
import type { ConfiguredChannel, MessageCommands } from './notifications.ts'
import { readAuthorities, readingAt, readSecret, type Reading } from './read-secret.ts'
import type { Problem, RawChannel } from './validate.ts'

/** A channel with its secrets and files read, if nothing is missing, and what went wrong on the way. */
export interface ReadChannel {
  readonly channel: ConfiguredChannel | undefined
  readonly problems: readonly Problem[]
}

interface Place {
  readonly path: string
  readonly surroundings: ConfigSurroundings
  readonly commands: MessageCommands
}

/** Reads the files and the environment that a channel names. No secret goes into a problem. */
export function readChannel(raw: RawChannel, { path, surroundings, commands }: Place): ReadChannel {
  const reading = readingAt(path, surroundings)
  checkKeys(raw, reading)
  const channel = reading.problems.length > 0 ? undefined : readers[raw.kind](raw, reading, commands)
  return { channel, problems: reading.problems }
}

const common = ['name', 'kind', 'insecure']
const keys: Readonly<
  Record<RawChannel['kind'], { readonly must: readonly string[]; readonly may: readonly string[] }>
> = {
  slack: { must: ['urlFrom'], may: ['caFile'] },
  webhook: { must: ['urlFrom'], may: ['secretFrom', 'caFile'] },
  telegram: { must: ['tokenFrom', 'chat'], may: ['apiUrl', 'caFile'] },
  email: { must: ['host', 'from', 'to'], may: ['port', 'security', 'username', 'passwordFrom', 'caFile'] },
}

// One schema for all kinds would refuse in words that nobody understands: so what belongs to a kind is said here.
function checkKeys(raw: RawChannel, { path, problems }: Reading): void {
  const { must, may } = keys[raw.kind]
  const given = Object.keys(raw)
  for (const key of must)
    if (!given.includes(key))
      problems.push({ path: `${path}.${key}`, message: `is missing: ${raw.kind} needs it` })
  for (const key of given)
    if (![...common, ...must, ...may].includes(key))
      problems.push({ path: `${path}.${key}`, message: `is nothing that ${raw.kind} has` })
}

type Reader = (raw: RawChannel, reading: Reading, commands: MessageCommands) => ConfiguredChannel | undefined

const readers: Readonly<Record<RawChannel['kind'], Reader>> = {
  slack({ name, caFile, ...raw }, reading, commands) {
    const url = readUrl(raw, reading)
    return url === undefined
      ? undefined
      : { kind: 'slack', name, url, commands, ...authorities(caFile, reading) }
  },
  webhook({ name, secretFrom, caFile, ...raw }, reading) {
    const url = readUrl(raw, reading)
    const secret = readSecret('secretFrom', secretFrom, reading)
    if (url === undefined) return undefined
    return {
      kind: 'webhook',
      name,
      url,
      ...(secret !== undefined && { secret }),
      ...authorities(caFile, reading),
    }
  },
  telegram({ name, tokenFrom, chat = '', caFile, ...raw }, reading, commands) {
    const token = readToken(tokenFrom, reading)
    const { apiUrl: origin = 'https://api.telegram.org' } = raw
    checkPlain(origin, raw, { key: 'apiUrl', reading })
    if (token === undefined) return undefined
    return { kind: 'telegram', name, token, chat, origin, commands, ...authorities(caFile, reading) }
  },
  email: readEmail,
}

function authorities(caFile: string | undefined, reading: Reading): { readonly ca?: string } {
  const ca = readAuthorities(caFile, reading)
  return ca === undefined ? {} : { ca }
}

const usualPorts = { starttls: 587, tls: 465, none: 25 } as const

function readEmail(raw: RawChannel, reading: Reading, commands: MessageCommands): ConfiguredChannel {
  const { name, host = '', from = '', to = [], security = 'starttls', username } = raw
  const password = readSecret('passwordFrom', raw.passwordFrom, reading)
  checkMail(raw, reading)
  return {
    kind: 'email',
    name,
    host,
    port: raw.port ?? usualPorts[security],
    security,
    ...(username !== undefined && password !== undefined && { credentials: { username, password } }),
    ...authorities(raw.caFile, reading),
    from,
    to,
    commands,
  }
}

// `ops@example.com`, or with a name: `Patchline <ops@example.com>`.
const mailbox = /^[^\r\n]*[^\s@<]@[\w.-]+>?$/

function checkMail(
  { from = '', to = [], security, username, insecure }: RawChannel,
  { path, problems }: Reading,
): void {
  const message = 'is no mailbox like ops@example.com'
  if (!mailbox.test(from)) problems.push({ path: `${path}.from`, message })
  for (const [at, address] of to.entries())
    if (!mailbox.test(address)) problems.push({ path: `${path}.to[${at}]`, message })
  if (security === 'none' && username !== undefined && insecure !== true) {
    const why = 'none would send the password in the clear: use starttls or tls'
    problems.push({ path: `${path}.security`, message: `${why}, or say insecure: true for this channel` })
  }
}

// The texts may be the secrets all the same: they are not shown.
function readUrl(raw: Pick<RawChannel, 'urlFrom' | 'insecure'>, reading: Reading): string | undefined {
  const text = readSecret('urlFrom', raw.urlFrom, reading)?.trim()
  if (text === undefined) return undefined
  const url = /^https?:\/\//.test(text) ? URL.parse(text) : null
  if (url !== null && url.username === '' && url.password === '') {
    checkPlain(text, raw, { key: 'urlFrom', reading })
    return text
  }
  const message = 'holds no address that begins with https://, without a name and password in it'
  reading.problems.push({ path: `${reading.path}.urlFrom`, message })
  return undefined
}

// The address is itself the secret, or holds the token. A loopback address is no exception, as it is none for registries.
function checkPlain(
  address: string,
  { insecure }: Pick<RawChannel, 'insecure'>,
  { key, reading }: { readonly key: string; readonly reading: Reading },
): void {
  if (insecure === true || !address.startsWith('http:')) return
  const message =
    'begins with http://, which sends its secret in the clear: use https://, or say insecure: true for this channel'
  reading.problems.push({ path: `${reading.path}.${key}`, message })
}

function readToken(from: RawChannel['tokenFrom'], reading: Reading): string | undefined {
  const token = readSecret('tokenFrom', from, reading)?.trim()
  if (token === undefined || /^\d+:[\w-]+$/.test(token)) return token
  reading.problems.push({ path: `${reading.path}.tokenFrom`, message: 'has not the form 123456:ABC-def' })
  return undefined
}
