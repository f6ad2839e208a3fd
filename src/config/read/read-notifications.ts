import type { ChannelSettings } from '../../channels/index.ts'
import type { ConfiguredNotifications, ConfigSurroundings } from '../settings/config.ts'
import type { Problem, RawChannel, ValidParts } from '../schema/validate.ts'
import { readAuthorities, readingAt, readSecret, type Reading } from './read-secret.ts'

/** The channels with their secrets, and the problems of channels and routes. */
export interface ReadChannels {
  readonly read: readonly ChannelSettings[]
  readonly problems: readonly Problem[]
}

/** Reads the secrets of the channels, and checks what routes and channels say of each other. */
export function readChannels(
  parts: Pick<ValidParts, 'channels' | 'routes' | 'channelNames'>,
  surroundings: ConfigSurroundings,
  commands: ConfiguredNotifications['commands'] = 'none',
): ReadChannels {
  if (surroundings.notifications === false) return { read: [], problems: [] }
  const channels = parts.channels.flatMap((channel, at) =>
    channel === undefined
      ? []
      : readChannel(channel, { path: `notifications.channels[${at}]`, surroundings, commands }),
  )
  return {
    read: channels.flatMap(({ channel }) => channel ?? []),
    problems: [...channels.flatMap(({ problems }) => problems), ...checkNames(parts)],
  }
}

function checkNames({
  channels,
  routes,
  channelNames,
}: Pick<ValidParts, 'channels' | 'routes' | 'channelNames'>): readonly Problem[] {
  return [
    ...repeated(channels, 'channels'),
    ...repeated(routes, 'routes'),
    ...(channelNames === undefined ? [] : unknownChannels(routes, new Set(channelNames))),
  ]
}

function unknownChannels(routes: ValidParts['routes'], known: ReadonlySet<string>): readonly Problem[] {
  // An address used as a name may be the secret.
  const shown = [...known].filter(each => !each.includes('://'))
  const message = `names no channel; known are ${shown.join(', ') || 'none'}`
  return routes.flatMap((route, at) =>
    (route?.channels ?? []).flatMap((name, place) =>
      known.has(name) ? [] : [{ path: `notifications.routes[${at}].channels[${place}]`, message }],
    ),
  )
}

function repeated(
  items: readonly ({ readonly name: string } | undefined)[],
  list: string,
): readonly Problem[] {
  const first = new Map<string, number>()
  return items.flatMap((item, at) => {
    if (item === undefined) return []
    const { name } = item
    const before = first.get(name)
    if (before !== undefined)
      return [{ path: `notifications.${list}[${at}].name`, message: `is that of ${list}[${before}] too` }]
    first.set(name, at)
    return []
  })
}

/** A channel with its secrets and files, where nothing is missing, and the problems. */
interface ReadChannel {
  readonly channel: ChannelSettings | undefined
  readonly problems: readonly Problem[]
}

interface Place {
  readonly path: string
  readonly surroundings: ConfigSurroundings
  readonly commands: ConfiguredNotifications['commands']
}

/** Reads the files and the environment that a channel names. No secret goes into a problem. */
function readChannel(raw: RawChannel, { path, surroundings, commands }: Place): ReadChannel {
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

// A schema of alternatives gives messages that are hard to understand, so the keys of each kind are checked here.
function checkKeys(raw: RawChannel, { path, problems }: Reading): void {
  const { must, may } = keys[raw.kind]
  const given = Object.keys(raw)
  for (const key of must)
    if (!given.includes(key))
      problems.push({ path: `${path}.${key}`, message: `is missing: ${raw.kind} needs it` })
  for (const key of given)
    if (![...common, ...must, ...may].includes(key))
      problems.push({ path: `${path}.${key}`, message: `is not a key of ${raw.kind}` })
}

type Reader = (
  raw: RawChannel,
  reading: Reading,
  commands: ConfiguredNotifications['commands'],
) => ChannelSettings | undefined

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

function readEmail(
  raw: RawChannel,
  reading: Reading,
  commands: ConfiguredNotifications['commands'],
): ChannelSettings {
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
  const message = 'is not a mailbox like ops@example.com'
  if (!mailbox.test(from)) problems.push({ path: `${path}.from`, message })
  for (const [at, address] of to.entries())
    if (!mailbox.test(address)) problems.push({ path: `${path}.to[${at}]`, message })
  if (security === 'none' && username !== undefined && insecure !== true) {
    const why = 'none would send the password in the clear: use starttls or tls'
    problems.push({ path: `${path}.security`, message: `${why}, or say insecure: true for this channel` })
  }
}

// The texts may be secrets, and are not shown.
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

// The address is the secret or has the token in it. As for registries, a loopback address is no exception.
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
  reading.problems.push({ path: `${reading.path}.tokenFrom`, message: 'must have the form 123456:ABC-def' })
  return undefined
}
