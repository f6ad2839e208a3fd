import { Option, type Command } from 'commander'
import { shownVerdict, type DriftReport } from '../audit/index.ts'
import type { Config } from '../config/index.ts'
import { strategies, type Strategy } from '../version/index.ts'
import { loadAuditComposition } from './load-composition.ts'
import { loadConfig } from './load-config.ts'
import { driftFormats, printDrift, type DriftFormat } from './print-drift.ts'
import { remarksOn, summaryOf } from './remarks-on-drift.ts'
import { exitCodes, UsageError, type ExitCode, type Terminal } from './terminal.ts'

interface AuditCommand {
  readonly once?: true
  readonly config?: string
  readonly output: DriftFormat
  readonly namespace?: readonly string[]
  readonly kubeconfig?: string
  readonly context?: string
  readonly strategy?: Strategy
  readonly only?: ReturnType<typeof shownVerdict>
}

/** Adds `patchline audit`. */
export function addAudit(
  program: Command,
  context: { terminal: Terminal; exit(code: ExitCode): void },
): void {
  program
    .command('audit')
    .description(
      'Look at what runs in a cluster, once, or again and again until SIGTERM. Once: exits 0 if nothing is outdated, 2 if something is, 3 if something could not be checked.',
    )
    .option('--once', 'print one report and end; nothing has to be installed in the cluster')
    .option('-c, --config <file>', 'configuration file')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(driftFormats).default('table'))
    .option('-n, --namespace <name>', 'only this namespace (repeatable); all where none is named', collect)
    .option('--kubeconfig <file>', 'by default KUBECONFIG, then ~/.kube/config')
    .option('--context <name>', 'a context of the kubeconfig')
    .addOption(new Option('-s, --strategy <strategy>', 'how far a newer tag may be').choices(strategies))
    .addOption(
      new Option('--only <verdict>', 'print only these').choices([
        'outdated',
        'current',
        'floating',
        'unversioned',
        'unknown',
        'exempt',
      ]),
    )
    .action(async (options: AuditCommand) => {
      const config = configOf(options, context.terminal)
      const once = options.once === true
      context.exit(await (once ? auditOnce(config, options, context.terminal) : auditOn(config, options)))
    })
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

function configOf(options: AuditCommand, terminal: Terminal): Config {
  const { once, config: path, namespace, kubeconfig, strategy } = options
  if (once !== true && path === undefined)
    throw new UsageError('audit needs --config, or --once for one report: patchline audit --once')
  const config = loadConfig(path, terminal, { notifications: once !== true })
  return {
    ...config,
    ...(strategy !== undefined && { strategy }),
    kubernetes: { ...config.kubernetes, ...(kubeconfig !== undefined && { kubeconfig }) },
    audit: { ...config.audit, ...(namespace !== undefined && { namespaces: namespace }) },
  }
}

async function auditOnce(config: Config, options: AuditCommand, terminal: Terminal): Promise<ExitCode> {
  const composition = await loadAuditComposition()
  const progress = createProgress(terminal)
  progress.show('reading the cluster')
  const report = await explaining('the cluster cannot be audited', () =>
    composition.auditOnce(config, {
      context: options.context,
      onProgress: (done, all) => progress.show(`checking ${done} of ${all} images`),
    }),
  ).finally(() => progress.end())
  const { only, output } = options
  const rows = only === undefined ? report.rows : report.rows.filter(row => shownVerdict(row) === only)
  terminal.out(printDrift({ ...report, rows }, output))
  for (const remark of remarksOn(report, rows, output)) terminal.err(`patchline: ${remark}\n`)
  if (terminal.isInteractive === true && report.rows.length > 0) terminal.err(`${summaryOf(report)}\n`)
  return exitCodeOf(report)
}

function exitCodeOf({ rows, complete }: DriftReport): ExitCode {
  const verdicts = new Set(rows.map(shownVerdict))
  if (verdicts.has('outdated')) return exitCodes.outdated
  return verdicts.has('unknown') || !complete ? exitCodes.unchecked : exitCodes.fine
}

async function auditOn(config: Config, { output, only, context }: AuditCommand): Promise<ExitCode> {
  const isForOne = output !== 'table' || only !== undefined || context !== undefined
  if (isForOne) throw new UsageError('--output, --only and --context are for one report: add --once')
  const stopped = Promise.race([signalled('SIGTERM'), signalled('SIGINT')])
  const { composeAudit } = await loadAuditComposition()
  const audit = await explaining('cannot audit', () => composeAudit(config))
  await stopped
  await audit.close()
  return exitCodes.fine
}

function signalled(signal: 'SIGTERM' | 'SIGINT'): Promise<void> {
  return new Promise(resolve => process.once(signal, () => resolve()))
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

// For a person who waits: in a pipe, or in a log, it would only be in the way.
function createProgress(terminal: Terminal) {
  const isShown = terminal.isInteractive === true
  let shown = ''
  return {
    show(text: string): void {
      if (!isShown || text === shown) return
      terminal.err(`\r${text.padEnd(shown.length)}`)
      shown = text
    },
    end(): void {
      if (shown !== '') terminal.err(`\r${' '.repeat(shown.length)}\r`)
    },
  }
}
