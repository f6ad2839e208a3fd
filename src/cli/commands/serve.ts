import type { Command } from 'commander'
import type { Config } from '../../config/index.ts'
import { configurationFile, loadConfig } from '../input/arguments.ts'
import { loadServer, type RunningServer, type ServerParts } from '../../app/index.ts'
import { exitCodes, UsageError, type ExitCode, type Terminal, signalled } from '../terminal/terminal.ts'

/** Adds `patchline serve`. */
export function addServe(
  program: Command,
  context: { terminal: Terminal; exit(code: ExitCode): void },
): void {
  program
    .command('serve')
    .description('Serve the admission webhook until SIGTERM or SIGINT.')
    .requiredOption('-c, --config <file>', 'configuration file')
    .addHelpText('after', '\nExample:\n  $ patchline serve --config patchline.yaml')
    .action(async ({ config }: { readonly config: string }) => {
      context.exit(await serve(config, context.terminal))
    })
}

async function serve(path: string, terminal: Terminal): Promise<ExitCode> {
  const configuration = configurationFile(path, terminal)
  const config = loadConfig(path, terminal)
  // Ctrl-C ends the server at once; only SIGTERM waits for the endpoints to be updated.
  const drain = Promise.race([signalled('SIGTERM').then(() => true), signalled('SIGINT').then(() => false)])
  const server = await startOrExplain(config, { configuration })
  await server.close({ drain: await drain })
  return exitCodes.fine
}

async function startOrExplain(config: Config, parts: ServerParts): Promise<RunningServer> {
  const { composeServer } = await loadServer()
  try {
    return await composeServer(config, parts)
  } catch (error) {
    throw new UsageError(`cannot serve: ${error instanceof Error ? error.message : String(error)}`)
  }
}
