import type { Command } from 'commander'
import { configurationFile, loadConfig } from '../input/arguments.ts'
import { loadWatch } from '../../app/index.ts'
import { exitCodes, UsageError, type ExitCode, type Terminal, signalled } from '../terminal/terminal.ts'

const examples = `
Examples:
  $ patchline watch --config patchline.yaml
  $ patchline watch                              public registries, port 4006
  $ curl http://localhost:4006/images/nginx/1.25.1`

/** Adds `patchline watch`. */
export function addWatch(
  program: Command,
  context: { terminal: Terminal; exit(code: ExitCode): void },
): void {
  program
    .command('watch')
    .description(
      'Answer other programs which tag is the newest, without a cluster, until SIGTERM or SIGINT (as image-watcher did).',
    )
    .option('-c, --config <file>', 'configuration file; without it, the defaults')
    .addHelpText('after', examples)
    .action(async ({ config }: { readonly config?: string }) => {
      context.exit(await watch(config, context.terminal))
    })
}

async function watch(path: string | undefined, terminal: Terminal): Promise<ExitCode> {
  const configuration = path === undefined ? undefined : configurationFile(path, terminal)
  const config = loadConfig(path, terminal)
  const ended = Promise.race([signalled('SIGTERM'), signalled('SIGINT')])
  const { composeWatch } = await loadWatch()
  const running = await composeWatch(config, configuration).catch((error: unknown) => {
    throw new UsageError(`cannot watch: ${error instanceof Error ? error.message : String(error)}`)
  })
  await ended
  await running.close()
  return exitCodes.fine
}
