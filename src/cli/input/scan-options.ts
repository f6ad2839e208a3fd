import { InvalidArgumentError, Option, type Command } from 'commander'
import { failOnAll, parseFailOn, scanFormats, type FailOn } from '../../scan/index.ts'
import { strategies } from '../../version/index.ts'
import { tableFormats } from '../print/scanned.ts'
import { UsageError, type ColorChoice } from '../terminal/terminal.ts'
import { addRegistryOptions, collect, colorOption, labelOf, labelsFrom } from './options.ts'
import type { JudgingOptions } from './scan-source.ts'

const formats = [...tableFormats, ...scanFormats] as const

/** The options of `patchline scan`. */
export interface ScanOptions extends JudgingOptions {
  readonly output: (typeof formats)[number]
  readonly failOn: FailOn
  readonly ignores?: string
  readonly baseline?: string
  readonly writeBaseline?: string
  readonly fix?: true
  readonly dryRun?: true
  /** Whether charts are rendered. */
  readonly helm: boolean
  readonly root: string
  readonly color: ColorChoice
}

/** Adds the options of `patchline scan`. */
export function addScanOptions(command: Command): Command {
  command
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formats).default('table'))
    .addOption(
      new Option('--fail-on <what>', 'outdated, age>30d, unknown, several with commas, or never')
        .argParser(failOnFrom)
        .default(failOnAll, 'outdated,unknown'),
    )
    .addOption(
      new Option(
        '-s, --strategy <strategy>',
        'how far a newer tag may be; by default as the configuration says',
      ).choices(strategies),
    )
    .option('--policy <file>', 'policies and exceptions that decide as in a cluster (repeatable)', collect)
    .option('-n, --namespace <name>', 'of what names none', labelOf('namespace'), 'default')
    .option('--namespace-labels <labels>', 'with --policy: env=prod,team=shop', labelsFrom)
    .option('--ignores <file>', 'a list of ignores: images or paths, until when, because of what')
    .option('--baseline <file>', 'fail only on what is not in the baseline')
    .option('--write-baseline <file>', 'write all that is the matter now into a baseline, and exit 0')
    .option('--fix', 'print a diff, and write the newest tags into the files')
    .option('--dry-run', 'with --fix: print the diff, and write nothing')
    .option('--catalog <file>', 'the tags of patchline catalog export; no registry is asked')
    .option('--no-helm', 'read only the values of charts: do not run helm template')
    .option('--root <folder>', 'what paths in the output are relative to', '.')
    .option('-c, --config <file>', 'configuration with registries and custom kinds')
  return addRegistryOptions(command).addOption(colorOption())
}

function failOnFrom(text: string): FailOn {
  const failOn = parseFailOn(text)
  if (failOn === undefined)
    throw new InvalidArgumentError('It is outdated, age>30d, unknown, several of them with commas, or never.')
  return failOn
}

/** Checks that options go together. @throws UsageError */
export function assertTogether({ fix: fixes, dryRun, output, writeBaseline: written }: ScanOptions): void {
  if (dryRun === true && fixes !== true) throw new UsageError('--dry-run goes with --fix')
  if (fixes === true && output !== 'table') throw new UsageError('--fix prints a diff: leave out --output')
  if (fixes === true && written !== undefined)
    throw new UsageError('--fix and --write-baseline do not go together')
}
