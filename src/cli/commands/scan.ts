import { resolve } from 'node:path'
import type { Command } from 'commander'
import { version } from '../../app/index.ts'
import type { Config } from '../../config/index.ts'
import {
  applyBaseline,
  applyIgnores,
  failureOf,
  formatReport,
  ignoresOfList,
  judgeAll,
  mostResults,
  readBaseline,
  readFiles,
  withoutAge,
  writeBaseline,
  type Baseline,
  type FailOn,
  type FilesReading,
  type GivenFile,
  type Ignore,
  type ScanReport,
} from '../../scan/index.ts'
import { workloadKindsOf } from '../../workload/index.ts'
import { loadConfig } from '../input/arguments.ts'
import { addScanOptions, assertTogether, type ScanOptions } from '../input/scan-options.ts'
import { renderCharts } from '../input/helm-charts.ts'
import { rewriteFiles } from '../input/rewrite-files.ts'
import { judgeOptionsOf, sourceForFiles } from '../input/scan-source.ts'
import { readScanned, scanLimits } from '../input/scanned-files.ts'
import { readNamedFile, writeNamedFile } from '../input/yaml-documents.ts'
import { leftText, printScanned, summaryOf } from '../print/scanned.ts'
import {
  createProgress,
  exitCodes,
  screenOf,
  UsageError,
  type ExitCode,
  type Progress,
  type Terminal,
} from '../terminal/terminal.ts'

const examples = `
Examples:
  $ patchline scan .                                          all that names images below this folder
  $ helm template web charts/web | patchline scan -
  $ patchline scan deploy -o sarif > patchline.sarif           for GitHub's code scanning
  $ patchline scan deploy --fail-on 'age>30d'                  only what is behind for longer
  $ patchline scan deploy --baseline known.json               only what is new since --write-baseline known.json
  $ patchline scan deploy --fix --dry-run                     what --fix would write`

/** Adds `patchline scan`. */
export function addScan(program: Command, context: { terminal: Terminal; exit(code: ExitCode): void }): void {
  const command = program
    .command('scan')
    .description(
      'Check the images that files name: manifests, charts, values, compose files, Dockerfiles, workflows. Exits as check does: 0 if nothing is outdated, 2 if something is, 4 if a tag does not exist, 3 if an image could not be checked or a file not be read.',
    )
    .argument('<path...>', 'files and folders; - is standard input')
  addScanOptions(command)
    .addHelpText('after', examples)
    .action(async (paths: readonly string[], options: ScanOptions) => {
      context.exit(await scan(paths, options, context.terminal))
    })
}

async function scan(paths: readonly string[], options: ScanOptions, terminal: Terminal): Promise<ExitCode> {
  assertTogether(options)
  const config = loadConfig(options.config, terminal)
  const lists = listsOf(options, terminal)
  const now = Date.now()
  const progress = createProgress(terminal)
  try {
    progress.show('reading files')
    const { files, ...reading } = readPaths(paths, { options, config, terminal })
    const judged = await judge(reading, { options, config, terminal, progress, now })
    progress.end()
    const report = silenced(judged, { reading, lists, now })
    const told = [...report.notes, ...notesOn(report, options, now)]
    if (options.fix === true) return fix({ ...report, notes: told }, files, { options, terminal, now })
    print({ ...report, notes: told }, options, terminal)
    if (options.writeBaseline === undefined) return exitCodeOf(report, options.failOn, now)
    writeNamedFile(options.writeBaseline, writeBaseline(report.rows))
    return exitCodes.fine
  } finally {
    progress.end()
  }
}

/** What is known before a scan: ignores of a list, and a baseline. */
interface KnownLists {
  readonly ignores: readonly Ignore[]
  readonly problems: readonly string[]
  readonly baseline: Baseline | undefined
}

function listsOf({ ignores: list, baseline: path }: ScanOptions, terminal: Terminal): KnownLists {
  const { ignores, problems } =
    list === undefined ? { ignores: [], problems: [] } : ignoresOfList(list, readNamedFile(list, terminal))
  const baseline = path === undefined ? undefined : readBaseline(readNamedFile(path, terminal))
  if (typeof baseline === 'string') throw new UsageError(`${path}: ${baseline}`)
  return { ignores, problems, baseline }
}

interface Silencing {
  readonly reading: Pick<FilesReading, 'ignores'>
  readonly lists: KnownLists
  readonly now: number
}

function silenced(report: ScanReport, { reading, lists, now }: Silencing): ScanReport {
  const ignored = applyIgnores(report.rows, [...reading.ignores, ...lists.ignores], now)
  const known =
    lists.baseline === undefined
      ? { rows: ignored.rows, notes: [] }
      : applyBaseline(ignored.rows, lists.baseline)
  return {
    ...report,
    rows: known.rows,
    notes: [...report.notes, ...lists.problems, ...ignored.notes, ...known.notes],
  }
}

interface Fixing extends Pick<Surroundings, 'options' | 'terminal'> {
  readonly now: number
}

function fix(report: ScanReport, files: readonly GivenFile[], { options, terminal, now }: Fixing): ExitCode {
  const write = options.dryRun !== true
  const { diff, fixed, left } = rewriteFiles(report.rows, files, { root: resolve(options.root), write })
  terminal.out(diff)
  for (const note of report.notes) terminal.err(`patchline: ${note}\n`)
  for (const one of left) terminal.err(`patchline: ${leftText(one)}\n`)
  const count = fixed.length === 1 ? '1 image' : `${fixed.length} images`
  terminal.err(`${summaryOf(report)}; ${write ? 'rewrote' : 'would rewrite'} ${count}\n`)
  const done = new Set(write ? fixed : [])
  return exitCodeOf({ ...report, rows: report.rows.filter(row => !done.has(row)) }, options.failOn, now)
}

interface Surroundings {
  readonly options: ScanOptions
  readonly config: Config
  readonly terminal: Terminal
}

interface PathsReading extends FilesReading {
  readonly files: readonly GivenFile[]
}

function readPaths(paths: readonly string[], { options, config, terminal }: Surroundings): PathsReading {
  const root = resolve(options.root)
  const found = readScanned(paths, { root, terminal, limits: scanLimits })
  if (found.files.length + found.unread.length === 0)
    throw new UsageError(`${paths.join(', ')}: no file in there that may name images`)
  if (found.unread.length === 0 && found.files.every(({ text }) => text.trim() === ''))
    throw new UsageError(`${paths.join(', ')} is empty: there is nothing to scan`)
  const kindOf = workloadKindsOf(config.workloads)
  const reading = readFiles(found.files, { kindOf })
  const charts = options.helm ? renderCharts(found.charts, reading, { root, terminal, kindOf }) : undefined
  const { images = reading.images, notes = [], files = [] } = charts ?? {}
  return {
    ...reading,
    images,
    files: [...found.files, ...files],
    unread: [...found.unread, ...reading.unread],
    notes: [...found.notes, ...notes, ...reading.notes],
  }
}

interface Asking extends Surroundings {
  readonly progress: Progress
  readonly now: number
}

async function judge(reading: FilesReading, judging: Asking): Promise<ScanReport> {
  const { progress } = judging
  const source = await sourceForFiles(reading, judging)
  try {
    for (const problem of source.problems) judging.terminal.err(`patchline: ${problem}\n`)
    progress.show(`asking registries about ${reading.images.length} images`)
    const rows = await judgeAll(reading.images, judgeOptionsOf(source, judging))
    const { unread, notes, known: files } = reading
    return { rows, unread, notes, files }
  } finally {
    await source.close()
  }
}

function print(report: ScanReport, options: ScanOptions, terminal: Terminal): void {
  const { output, color } = options
  const summary = summaryOf(report)
  const screen = screenOf(terminal, { color, isWide: output === 'wide' })
  terminal.out(
    output === 'table' || output === 'wide'
      ? printScanned(report, output, screen)
      : formatReport(report, output, { summary, version }),
  )
  for (const note of report.notes) terminal.err(`patchline: ${note}\n`)
  terminal.err(`${summary}\n`)
}

function notesOn(
  { rows }: ScanReport,
  { output, failOn }: ScanOptions,
  startedAt: number,
): readonly string[] {
  const undated = typeof failOn.outdated === 'object' ? withoutAge(rows, startedAt) : 0
  const images = undated === 1 ? '1 outdated image' : `${undated} outdated images`
  return [
    ...(undated === 0 ? [] : [`since when ${images} could be newer is not known, so age fails none of them`]),
    ...(output === 'sarif' && rows.length > mostResults
      ? [`SARIF has the first ${mostResults} results: GitHub takes no more`]
      : []),
  ]
}

function exitCodeOf(report: ScanReport, failOn: FailOn, now: number): ExitCode {
  const failure = failureOf(report, failOn, now)
  switch (failure) {
    case undefined:
      return exitCodes.fine
    case 'outdated':
      return exitCodes.outdated
    case 'missing':
      return exitCodes.missing
    case 'unknown':
      return exitCodes.unchecked
  }
}
