import type { ChannelSettings } from '../../channels/index.ts'
import type { ConfiguredNotifications, ConfiguredRoute } from '../../config/index.ts'
import type { ScreenOptions } from '../terminal/terminal.ts'
import { printTable } from '../terminal/table.ts'

/** What the tables need besides the settings. */
interface ChannelSurroundings {
  /** The destination of a channel, without secrets. */
  readonly placeOf: (channel: ChannelSettings) => string
  readonly screen: ScreenOptions
}

/** Prints the channels and the routes as two tables, without secrets. */
export function printChannels(
  { channels, routes }: ConfiguredNotifications,
  { placeOf, screen }: ChannelSurroundings,
): string {
  if (channels.length === 0)
    return 'no channels are configured: add one to the configuration under notifications.channels\n'
  const own = table(
    [
      ['CHANNEL', 'KIND', 'TO', 'ROUTES'],
      ...channels.map(channel => [
        channel.name,
        channel.kind,
        placeOf(channel),
        routesOf(channel.name, routes),
      ]),
    ],
    screen,
  )
  const told = table(
    [['ROUTE', 'CHANNELS', 'NAMESPACES', 'LABELS', 'REMINDER', 'HEARTBEAT'], ...routes.map(routeRow)],
    screen,
  )
  return routes.length === 0 ? `${own}\nno routes are configured: nothing is sent\n` : `${own}\n${told}`
}

function routesOf(channel: string, routes: readonly ConfiguredRoute[]): string {
  const names = routes.filter(({ channels }) => channels.includes(channel)).map(({ name }) => name)
  return names.length === 0 ? '(none)' : names.join(', ')
}

function routeRow({
  name,
  channels,
  namespaces,
  matchLabels,
  remindAfterDays,
  heartbeatEveryDays,
}: ConfiguredRoute): readonly string[] {
  const labels = Object.entries(matchLabels).map(([label, value]) => `${label}=${value}`)
  return [
    name,
    channels.join(', '),
    namespaces.length === 0 ? '(any)' : namespaces.join(', '),
    labels.length === 0 ? '(any)' : labels.join(', '),
    daysText(remindAfterDays),
    daysText(heartbeatEveryDays),
  ]
}

function daysText(days: number | undefined): string {
  if (days === undefined) return 'never'
  return days === 1 ? 'after a day' : `after ${days} days`
}

function table(rows: readonly (readonly string[])[], screen: ScreenOptions): string {
  const [headings = [], ...body] = rows
  const columns = headings.map((heading, at) => ({
    heading,
    cell: (row: readonly string[]) => row[at] ?? '',
    most: 1 / 2,
  }))
  return printTable(columns, body, screen)
}
