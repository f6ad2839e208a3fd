import { Option, type Command } from 'commander'
import { isMissing, type Drift, type DriftReport } from '../../audit/index.ts'
import { shownVerdict } from '../../report/index.ts'
import type { Config } from '../../config/index.ts'
import { strategies, type Strategy } from '../../version/index.ts'
import { commandLineAdvice, forCommandLine } from '../print/advice.ts'
import { loadAudit, loadAuditOnce } from '../../app/index.ts'
import { configurationFile, loadConfig } from '../input/arguments.ts'
import { driftFormats, printDrift, type DriftFormat } from '../print/drift.ts'
import {
  createProgress,
  screenOf,
  exitCodes,
  UsageError,
  type ColorChoice,
  type ExitCode,
  type Terminal,
  signalled,
} from '../terminal/terminal.ts'
import {
  addRegistryOptions,
  allowing,
  personalPlaces,
  type RegistryOptions,
  collectNamespaces,
  colorOption,
  severalOf,
} from '../input/options.ts'
import { remarksOn } from '../print/remarks.ts'
import { countsOf, verdicts, type ShownVerdict } from '../print/verdicts.ts'

interface AuditCommand extends RegistryOptions {
  readonly once?: true
  readonly config?: string
  readonly output: DriftFormat
  readonly namespace?: readonly string[]
  readonly kubeconfig?: string
  readonly context?: string
  readonly strategy?: Strategy
  readonly only?: readonly ShownVerdict[]
  readonly asIf?: 'enforce'
  readonly color: ColorChoice
}

const examples = `
Examples:
  $ patchline audit --once                                all that runs, the worst first
  $ patchline audit --once -n shop --only outdated -o wide
  $ patchline audit --once -o csv > drift.csv
  $ patchline audit --once --as-if enforce                what mode enforce would refuse
  $ patchline audit --config patchline.yaml               again and again, in the cluster`

/** Adds `patchline audit`. */
export function addAudit(
  program: Command,
  context: { terminal: Terminal; exit(code: ExitCode): void },
): void {
  const command = program
    .command('audit')
    .description(
      'Look at what runs in a cluster, once, or again and again until SIGTERM. Once: exits 0 if nothing is outdated, 2 if something is, 4 if a tag does not exist, 3 if something could not be checked.',
    )
    .option('--once', 'print one report and end; nothing has to be installed in the cluster')
    .option('-c, --config <file>', 'configuration file')
    .addOption(
      new Option('-o, --output <format>', 'how to print; wide has all columns')
        .choices(driftFormats)
        .default('table'),
    )
    .option(
      '-n, --namespace <name>',
      'only this namespace (repeatable); all where none is named',
      collectNamespaces,
    )
    .option('--kubeconfig <file>', 'by default KUBECONFIG, then ~/.kube/config')
    .option('--context <name>', 'a context of the kubeconfig')
    .addOption(new Option('-s, --strategy <strategy>', 'how far a newer tag may be').choices(strategies))
  addFilters(command)
  addRegistryOptions(command)
    .addOption(colorOption())
    .addHelpText('after', examples)
    .action(async (options: AuditCommand) => {
      const config = configOf(options, context.terminal)
      const run = options.once === true ? auditOnce : auditOn
      context.exit(await run(config, options, context.terminal))
    })
}

/** Adds the options that say which rows are printed. */
function addFilters(command: Command): Command {
  return command
    .option(
      '--only <verdicts>',
      `print only these, with commas between them: ${verdicts.join(', ')}`,
      severalOf(verdicts),
    )
    .addOption(
      new Option(
        '--as-if <mode>',
        'print only what would be refused in that mode, if it were applied now',
      ).choices(['enforce']),
    )
}

function configOf(options: AuditCommand, terminal: Terminal): Config {
  const { once, config: path, namespace, kubeconfig, strategy } = options
  if (once !== true && path === undefined)
    throw new UsageError('audit needs --config, or --once for one report: patchline audit --once')
  const config = loadConfig(path, terminal, { notifications: once !== true })
  return {
    ...allowing(config, options),
    ...(strategy !== undefined && { strategy }),
    kubernetes: { ...config.kubernetes, ...(kubeconfig !== undefined && { kubeconfig }) },
    audit: { ...config.audit, ...(namespace !== undefined && { namespaces: namespace }) },
  }
}

async function auditOnce(config: Config, options: AuditCommand, terminal: Terminal): Promise<ExitCode> {
  const composition = await loadAuditOnce()
  const progress = createProgress(terminal)
  progress.show('reading the cluster')
  const problems: string[] = []
  const report = await explaining('the cluster cannot be audited', () =>
    composition.auditOnce(config, {
      context: options.context,
      advice: commandLineAdvice(options.config !== undefined),
      personal: personalPlaces(terminal, options),
      onProblem: problem => void problems.push(problem),
      onProgress: (done, all) => progress.show(`checking ${done} of ${all} images`),
    }),
  ).finally(() => progress.end())
  for (const problem of problems) terminal.err(`patchline: ${problem}\n`)
  print(advised(report), options, terminal)
  return exitCodeOf(report)
}

function advised(report: DriftReport): DriftReport {
  const rows = report.rows.map((row): Drift => {
    const { detail } = row.evaluation
    if (detail === undefined) return row
    return {
      ...row,
      evaluation: { ...row.evaluation, detail: forCommandLine(detail) },
    }
  })
  return { ...report, rows }
}

function print(report: DriftReport, options: AuditCommand, terminal: Terminal): void {
  const { only, output, color, asIf } = options
  const wanted =
    only === undefined ? report.rows : report.rows.filter(row => only.includes(shownVerdict(row)))
  const rows = asIf === undefined ? wanted : wanted.filter(isRefusable)
  const screen = screenOf(terminal, { color, isWide: output === 'wide' })
  terminal.out(printDrift({ ...report, rows }, output, screen))
  for (const remark of remarksOn(report, rows, output)) terminal.err(`patchline: ${remark}\n`)
  const shown = only === undefined ? '' : `, of which ${rows.length} are shown (--only ${only.join(',')})`
  terminal.err(`${countsOf(report.rows.map(shownRow), 'container')}${shown}\n`)
  if (asIf !== undefined) terminal.err(`${refusedText(report.rows)}\n`)
}

function isRefusable({ enforced }: Drift): boolean {
  return enforced.action === 'refuse'
}

/** How much would be refused in mode `enforce`. */
function refusedText(rows: readonly Drift[]): string {
  const refused = rows.filter(isRefusable)
  const workloads = new Set(refused.map(({ image }) => image.workload.uid)).size
  const what = refused.length === 1 ? 'container' : 'containers'
  const where = workloads === 1 ? 'workload' : 'workloads'
  return `mode enforce would refuse ${refused.length} ${what} in ${workloads} ${where}`
}

function shownRow(row: Drift) {
  return { verdict: shownVerdict(row), reason: row.evaluation.reason }
}

// The same order as in `check`.
function exitCodeOf({ rows, complete }: DriftReport): ExitCode {
  const found = new Set(rows.map(shownVerdict))
  if (found.has('outdated')) return exitCodes.outdated
  if (rows.some(isMissing)) return exitCodes.missing
  return found.has('unknown') || !complete ? exitCodes.unchecked : exitCodes.fine
}

async function auditOn(config: Config, options: AuditCommand, terminal: Terminal): Promise<ExitCode> {
  const { output, only, asIf, context, dockerConfig, config: path } = options
  const isForOne =
    [only, asIf, context, dockerConfig].some(given => given !== undefined) || output !== 'table'
  if (isForOne)
    throw new UsageError(
      '--output, --only, --as-if, --context and --docker-config are for one report: add --once',
    )
  const stopped = Promise.race([signalled('SIGTERM'), signalled('SIGINT')])
  const configuration = path === undefined ? path : configurationFile(path, terminal, { notifications: true })
  const { composeAudit } = await loadAudit()
  const audit = await explaining('cannot audit', () => composeAudit(config, configuration))
  await stopped
  await audit.close()
  return exitCodes.fine
}

async function explaining<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new UsageError(`${what}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
