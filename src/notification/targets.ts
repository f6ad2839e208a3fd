import { selectChanges, type Changes } from './changes.ts'
import type { Channel } from './channel.ts'
import { delivered, newDelivery, type Delivery } from './delivery.ts'
import type { Finding } from './findings.ts'
import { changesFor, type LabelsOf, type Route } from './routes.ts'

/** One channel of one route, or one that policies may name. */
export interface Target {
  readonly key: string
  readonly route: Route
  readonly channel: Channel
  /** Before anything was ever told there. */
  readonly unused: Delivery
  /** What of the changes is told there. */
  readonly select: (changes: Changes, labelsOf: LabelsOf) => Changes
}

/** All that something is told to; first the channels that policies name, where an emergency is waited for. */
export function targetsOf({
  channels,
  routes,
}: {
  readonly channels: readonly Channel[]
  readonly routes: readonly Route[]
}): readonly Target[] {
  const byName = new Map(channels.map(channel => [channel.name, channel]))
  // A policy may name a channel that the configuration does not have: the routes are told then.
  const channelOf = ({ emergency }: Finding): string | undefined =>
    emergency?.channel !== undefined && byName.has(emergency.channel) ? emergency.channel : undefined
  const ofRoutes = routes.flatMap(route =>
    route.channels.flatMap((name): readonly Target[] => {
      const channel = byName.get(name)
      if (channel === undefined) return []
      const key = JSON.stringify([route.name, name])
      const select: Target['select'] = (changes, labelsOf) =>
        changesFor(route, changes, { labelsOf, channelOf })
      return [{ key, route, channel, unused: newDelivery, select }]
    }),
  )
  const ofPolicies = channels.map((channel): Target => {
    const { name } = channel
    const route = { ...routeOfPolicies, channels: [name] }
    const select: Target['select'] = changes => selectChanges(changes, one => channelOf(one) === name)
    return { key: JSON.stringify([name]), route, channel, unused: delivered(0), select }
  })
  return [...ofPolicies, ...ofRoutes]
}

// What policies want told to a channel of theirs. Nothing else is said there: neither how things are at first, nor reminders.
const routeOfPolicies: Route = {
  name: 'break-glass',
  channels: [],
  namespaces: [],
  matchLabels: {},
  remindAfter: undefined,
  heartbeatEvery: undefined,
}
