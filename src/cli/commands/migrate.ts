import { Option, type Command } from 'commander'
import { stringify } from 'yaml'
import { printable } from '../../text/index.ts'
import { migrate, readSetup, readVariables, type K8sUpdaterSetup } from '../input/k8supdater.ts'
import { readNamedFile, yamlObjects } from '../input/yaml-documents.ts'
import { exitCodes, UsageError, type ExitCode, type Terminal } from '../terminal/terminal.ts'

interface MigrateOptions {
  readonly output: 'policy' | 'config'
}

const examples = `
Examples:
  $ patchline migrate k8supdater handlers.yaml operator.yaml > policy.yaml
  $ patchline migrate k8supdater .env -o config > patchline.yaml`

/** Adds `patchline migrate`. */
export function addMigrate(
  program: Command,
  context: { terminal: Terminal; exit(code: ExitCode): void },
): void {
  program
    .command('migrate')
    .description('Write in the words of Patchline what another system was told.')
    .addArgument(program.createArgument('<system>', 'the other system').choices(['k8supdater']))
    .argument('<files...>', 'its objects in YAML, or its environment variables as NAME=VALUE lines')
    .addOption(
      new Option('-o, --output <what>', 'a PatchPolicy, or the configuration file')
        .choices(['policy', 'config'])
        .default('policy'),
    )
    .addHelpText('after', examples)
    .action((_: string, files: readonly string[], options: MigrateOptions) => {
      context.exit(write(files, options, context.terminal))
    })
}

function write(files: readonly string[], { output }: MigrateOptions, terminal: Terminal): ExitCode {
  const setups = files.map(file => setupIn(file, terminal))
  const setup: K8sUpdaterSetup = {
    deployments: [...new Set(setups.flatMap(({ deployments }) => deployments))],
    variables: Object.fromEntries(setups.flatMap(({ variables }) => Object.entries(variables))),
  }
  if (setup.deployments.length === 0 && Object.keys(setup.variables).length === 0)
    throw new UsageError(
      'these files have neither VersioningHandlers nor variables of k8sUpdater: name its YAML files or its .env',
    )
  const { policy, configuration, remarks } = migrate(setup)
  terminal.out(stringify(output === 'policy' ? policy : configuration))
  for (const remark of remarks) terminal.err(`patchline: ${printable(remark)}\n`)
  return exitCodes.fine
}

function setupIn(file: string, terminal: Terminal): K8sUpdaterSetup {
  const text = readNamedFile(file, terminal)
  if (/^\s*(?:export\s+)?[A-Z][A-Z0-9_]*=/m.test(text) && !/^kind:/m.test(text))
    return { deployments: [], variables: readVariables(text) }
  return readSetup(yamlObjects(file, text))
}
