import type { Command } from 'commander'
import type { ChannelSettings } from '../../channels/index.ts'
import type { Config } from '../../config/index.ts'
import { ChannelError, type Finding, type Message } from '../../notification/index.ts'
import { loadChannels } from '../../app/index.ts'
import { loadConfig } from '../input/arguments.ts'
import { printChannels } from '../print/channels.ts'
import { screenOf, exitCodes, UsageError, type ExitCode, type Terminal } from '../terminal/terminal.ts'

interface NotifyOptions {
  readonly test?: string
  readonly list?: true
  readonly config?: string
}

/** Adds `patchline notify`. */
export function addNotify(
  program: Command,
  context: { terminal: Terminal; exit(code: ExitCode): void },
): void {
  program
    .command('notify')
    .description(
      'Show the channels for notifications, or send a sample to one of them. Exits 0 if it was delivered, 3 if it was not.',
    )
    .option('--test <channel>', 'send a sample digest to this channel and say what happened')
    .option('--list', 'show the channels and who is told what, without secrets')
    .option('-c, --config <file>', 'configuration with the channels')
    .addHelpText('after', examples)
    .action(async (options: NotifyOptions) => context.exit(await notify(options, context.terminal)))
}

const examples = `
Examples:
  $ patchline notify --list -c patchline.yaml
  $ patchline notify --test team-shop -c patchline.yaml`

async function notify({ test, list, config: path }: NotifyOptions, terminal: Terminal): Promise<ExitCode> {
  if ((test === undefined) === (list === undefined))
    throw new UsageError('say either --test CHANNEL or --list')
  const config = loadConfig(path, terminal, { notifications: true })
  if (test !== undefined) return sendSample(test, config, terminal)
  const { placeOf } = await loadChannels()
  const screen = screenOf(terminal, { color: 'never', isWide: false })
  terminal.out(printChannels(config.notifications, { placeOf, screen }))
  return exitCodes.fine
}

async function sendSample(name: string, config: Config, terminal: Terminal): Promise<ExitCode> {
  const { channels } = config.notifications
  const settings = channels.find(channel => channel.name === name)
  if (settings === undefined) throw new UsageError(unknown(name, channels))
  const started = Date.now()
  try {
    await deliver(settings, config, terminal)
    terminal.out(`${name}: delivered in ${Date.now() - started} ms\n`)
    return exitCodes.fine
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    terminal.err(`patchline: ${error.message}${whenAgain(error, Date.now())}\n`)
    return exitCodes.unchecked
  }
}

async function deliver(
  settings: ChannelSettings,
  { notifications, egress }: Config,
  terminal: Terminal,
): Promise<void> {
  const { createChannel } = await loadChannels()
  const channel = createChannel(settings, {
    now: Date.now,
    proxyEnvironment: egress.proxyEnvironment,
    allowedRanges: egress.allowedRanges,
    warn: message => terminal.err(`patchline: ${message}\n`),
  })
  try {
    await channel.send(sampleMessage(notifications.cluster, Date.now()), new AbortController().signal)
  } finally {
    await channel.close()
  }
}

function whenAgain({ code, retryAt }: ChannelError, now: number): string {
  if (code === 'permanent' || retryAt === undefined) return ''
  return ` (try again in ${Math.ceil((retryAt - now) / 1000)} s)`
}

function unknown(name: string, channels: readonly ChannelSettings[]): string {
  const known = channels.map(channel => channel.name).join(', ')
  const next =
    known === ''
      ? 'the configuration has none: add one under notifications.channels'
      : `the configuration has ${known}`
  return `there is no channel ${JSON.stringify(name)}: ${next}`
}

const day = 86_400_000

const workload = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'sample', uid: '' }

const sampleTotals = {
  workloads: 1,
  containers: 1,
  outdated: 1,
  failing: 0,
  snoozed: 0,
  skipped: 0,
  old: 0,
  overdue: 0,
  oldestCheckedAt: undefined,
  missing: 0,
}

/** A sample message, which says that it is a test; at an instant in epoch milliseconds. */
function sampleMessage(cluster: string | undefined, at: number): Message {
  const finding: Finding = {
    key: JSON.stringify(['default', 'Deployment', 'sample', 'container', 'web']),
    kind: 'outdated',
    workload,
    container: 'web',
    field: 'container',
    image: 'nginx:1.25.1',
    newest: '1.25.5',
    newestImage: 'nginx:1.25.5',
    newestOverall: undefined,
    behind: 4,
    distance: '4 versions',
    since: at - 3 * day,
    detail: undefined,
    reason: 'newer',
    manager: undefined,
  }
  return {
    cluster,
    at,
    occasion: 'test',
    totals: sampleTotals,
    appeared: [finding],
    changed: [],
    resolved: [],
    removed: [],
    goneNamespaces: [],
    remaining: [],
    failing: [],
    emergencies: [],
  }
}
