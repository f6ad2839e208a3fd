import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import {
  KubernetesError,
  uninstall,
  type UninstallOptions,
  type UninstallOutcome,
} from '../../kubernetes/index.ts'
import { customKinds, shippedKinds } from '../../workload/index.ts'
import { loadCluster, loadWorkloads, type ClusterOptions } from '../input/arguments.ts'
import { labelOf, nameOf } from '../input/options.ts'
import { exitCodes, UsageError, type ExitCode, type Terminal } from '../terminal/terminal.ts'

interface UninstallCommand extends ClusterOptions {
  readonly namespace: string
  readonly configuration: string
  readonly config?: string
  readonly webhooksOnly?: true
  readonly dryRun?: true
}

const examples = `
Examples:
  $ patchline uninstall --dry-run
  $ patchline uninstall -n patchline-system`

/** Adds `patchline uninstall`. */
export function addUninstall(
  program: Command,
  context: { terminal: Terminal; exit(code: ExitCode): void },
): void {
  program
    .command('uninstall')
    .description(
      'Remove what Patchline has written into a cluster: webhook configurations, annotations, policy reports, Events and state. The manifests are for kubectl delete -k, before or after. Exits 0 if nothing is left, 3 if something could not be removed.',
    )
    .option('--webhooks-only', 'remove the webhook configurations, and leave the rest')
    .option('--dry-run', 'only say what would be removed')
    .option('-n, --namespace <name>', 'where it was installed', labelOf('namespace'), 'patchline-system')
    .option(
      '--configuration <name>',
      'name of both webhook configurations',
      nameOf('webhook configuration'),
      'patchline',
    )
    .option(
      '-c, --config <file>',
      'also clear the custom kinds under `workloads` of this configuration; nothing else of it is read',
    )
    .option('--kubeconfig <file>', 'by default KUBECONFIG, then ~/.kube/config')
    .option('--context <name>', 'a context of the kubeconfig')
    .addHelpText('after', examples)
    .action(async (options: UninstallCommand) => context.exit(await run(options, context.terminal)))
}

async function run(options: UninstallCommand, terminal: Terminal): Promise<ExitCode> {
  const { namespace, configuration, config } = options
  const dryRun = options.dryRun === true
  const outcomes: UninstallOutcome[] = []
  const entries = config === undefined ? [] : loadWorkloads(config, terminal)
  try {
    const parts: UninstallOptions = {
      kubeConfig: await loadCluster(options, terminal),
      namespace,
      configuration,
      resources: customKinds([...shippedKinds, ...entries]),
      webhooksOnly: options.webhooksOnly === true,
      dryRun,
      now: Date.now,
      sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
      onBegin({ what, does }, count) {
        terminal.err(`patchline: ${count} ${what} are being ${does}, 20 a second\n`)
      },
      onStep(outcome) {
        outcomes.push(outcome)
        print(outcome, dryRun, terminal)
      },
    }
    await uninstall(parts, new AbortController().signal)
  } catch (error) {
    if (error instanceof KubernetesError) throw new UsageError(error.message)
    throw error
  }
  const isAllGone = outcomes.every(({ failed }) => failed === 0)
  if (isAllGone && outcomes.every(({ done }) => done === 0)) terminal.out('nothing of patchline was found\n')
  return isAllGone ? exitCodes.fine : exitCodes.unchecked
}

function print(
  { what, does, done, failed, problems }: UninstallOutcome,
  dryRun: boolean,
  to: Terminal,
): void {
  if (done > 0) to.out(`${what}: ${done} ${does}${dryRun ? ' (dry run)' : ''}\n`)
  if (failed > 0) to.err(`patchline: ${what}: ${failed} not ${does}\n`)
  for (const { message } of problems) to.err(`patchline: ${message}\n`)
}
