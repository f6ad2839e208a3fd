import type { ConfigSurroundings } from './config.ts'
import type { ConfiguredNotifications } from './notifications.ts'
import { readChannel } from './read-channel.ts'
import type { Problem, RawConfig, ValidParts } from './validate.ts'

type Raw = RawConfig['notifications']

/** The notifications with their secrets read; what contradicts itself goes to the problems. */
export function readNotifications(
  raw: Raw,
  { surroundings, problems }: { readonly surroundings: ConfigSurroundings; readonly problems: Problem[] },
): ConfiguredNotifications {
  if (surroundings.notifications === false) return { ...raw, channels: [], routes: [] }
  const { commands } = raw
  const channels = raw.channels.map((channel, at) =>
    readChannel(channel, { path: `notifications.channels[${at}]`, surroundings, commands }),
  )
  problems.push(...channels.flatMap(read => read.problems), ...checkNames(raw))
  return { ...raw, channels: channels.flatMap(({ channel }) => channel ?? []) }
}

/** What is wrong with the channels that follow the schema by themselves, where the rest does not; undefined in the place of the others. */
export function channelProblems(
  channels: ValidParts['channels'],
  surroundings: ConfigSurroundings,
): readonly Problem[] {
  if (surroundings.notifications === false) return []
  return channels.flatMap((channel, at) => {
    if (channel === undefined) return []
    return readChannel(channel, { path: `notifications.channels[${at}]`, surroundings, commands: 'none' })
      .problems
  })
}

function checkNames({ channels, routes }: Raw): readonly Problem[] {
  const known = new Set(channels.map(({ name }) => name))
  return [
    ...repeated(channels, 'channels'),
    ...repeated(routes, 'routes'),
    ...routes.flatMap((route, at) =>
      route.channels.flatMap((name, place) => {
        const path = `notifications.routes[${at}].channels[${place}]`
        // An address in the place of a name may be the secret.
        const shown = [...known].filter(each => !each.includes('://'))
        const message = `names no channel; known are ${shown.join(', ') || 'none'}`
        return known.has(name) ? [] : [{ path, message }]
      }),
    ),
  ]
}

function repeated(items: readonly { readonly name: string }[], list: string): readonly Problem[] {
  const first = new Map<string, number>()
  return items.flatMap(({ name }, at) => {
    const before = first.get(name)
    if (before !== undefined)
      return [{ path: `notifications.${list}[${at}].name`, message: `is that of ${list}[${before}] too` }]
    first.set(name, at)
    return []
  })
}
