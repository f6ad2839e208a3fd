import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidArgumentError, type Command } from 'commander'
import { examine, KubernetesError, preflight, type Installation } from '../../kubernetes/index.ts'
import { loadCluster, type ClusterOptions } from '../input/arguments.ts'
import { labelOf, nameOf } from '../input/options.ts'
import { exitCodes, UsageError, type ExitCode, type Terminal } from '../terminal/terminal.ts'

interface DoctorOptions extends ClusterOptions {
  readonly namespace: string
  readonly service: string
  readonly configuration: string
  readonly wait: number
  readonly tryIn: string
  readonly secret?: string
}

interface Context {
  readonly terminal: Terminal
  exit(code: ExitCode): void
}

/** Adds `patchline preflight`. */
export function addPreflight(program: Command, context: Context): void {
  const { terminal } = context
  const command = program
    .command('preflight')
    .description(
      'Say whether a cluster is fit for an installation or an upgrade; nothing is changed. Exits 0 if it is, 3 if not.',
    )
    .option(
      '--secret <name>',
      'the Secret with the serving pair, if it must be there already',
      nameOf('Secret'),
    )
  addPlace(command)
    .addHelpText('after', '\nExample:\n  $ patchline preflight --namespace patchline-system')
    .action(async (options: DoctorOptions) => {
      const { secret } = options
      const look = (place: Installation) =>
        preflight({ ...place, secret, now: Date.now() }, new AbortController().signal)
      const problems = await told(() => installed(options, terminal).then(look))
      context.exit(conclude(problems, 'the cluster is fit for Patchline', terminal))
    })
}

/** Adds `patchline doctor`. */
export function addDoctor(program: Command, context: Context): void {
  const { terminal } = context
  const command = program
    .command('doctor')
    .description(
      'Say whether the API server asks Patchline, by a dry run; nothing is changed. Exits 0 if it does, 3 if not.',
    )
    .option('--wait <seconds>', 'look again for so long while something is wrong', secondsOf, 0)
    .option(
      '--try-in <namespace>',
      'where a review is tried: not a namespace that is never judged',
      labelOf('namespace'),
      'default',
    )
  addPlace(command)
    .addHelpText('after', '\nExample:\n  $ patchline doctor --wait 60')
    .action(async (options: DoctorOptions) => {
      const place = await told(() => installed(options, terminal))
      const problems = await told(() => untilWell({ ...place, tryIn: options.tryIn }, options.wait * 1000))
      context.exit(conclude(problems, 'the API server asks Patchline, and trusts its answers', terminal))
    })
}

function addPlace(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'where it is installed', labelOf('namespace'), 'patchline-system')
    .option('--service <name>', 'service that the API server calls', labelOf('Service'), 'patchline')
    .option(
      '--configuration <name>',
      'name of both webhook configurations',
      nameOf('webhook configuration'),
      'patchline',
    )
    .option('--kubeconfig <file>', 'by default KUBECONFIG, then ~/.kube/config, then that of the pod')
    .option('--context <name>', 'a context of the kubeconfig')
}

function secondsOf(text: string): number {
  const seconds = Number(text)
  if (text.trim() !== '' && Number.isFinite(seconds) && seconds >= 0 && seconds <= longestWait) return seconds
  throw new InvalidArgumentError(`It is a number of seconds, at most ${longestWait}.`)
}

const longestWait = 3_600
const betweenLooks = 2_000

async function installed(options: DoctorOptions, terminal: Terminal): Promise<Installation> {
  const { namespace, service, configuration } = options
  return { kubeConfig: await loadCluster(options, terminal), namespace, service, configuration }
}

/** Pods that start, and certificates that are being made, need some time: what is wrong then is not wrong for long. */
async function untilWell(place: Parameters<typeof examine>[0], wait: number): Promise<readonly string[]> {
  const deadline = performance.now() + wait
  for (;;) {
    // oxlint-disable eslint/no-await-in-loop -- one look after the other
    const problems = await examine(place, new AbortController().signal)
    if (problems.length === 0 || performance.now() + betweenLooks > deadline) return problems
    await sleep(betweenLooks)
    // oxlint-enable eslint/no-await-in-loop
  }
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof KubernetesError) throw new UsageError(error.message)
    throw error
  }
}

function conclude(problems: readonly string[], fine: string, terminal: Terminal): ExitCode {
  if (problems.length === 0) terminal.out(`${fine}\n`)
  for (const problem of problems) terminal.err(`patchline: ${problem}\n`)
  return problems.length === 0 ? exitCodes.fine : exitCodes.unchecked
}
