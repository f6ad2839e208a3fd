import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { isSeq, parseDocument, type YAMLMap } from 'yaml'
import { entry } from '../support/program/entry.ts'
import { execute } from '../support/program/execute.ts'
import { blocksOf, commandsOf, pages, type Command } from './commands.ts'
import { howToRun, type How } from './registered.ts'

/** Where the commands of the pages are run. */
export interface Surroundings {
  /** The working directory. */
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
}

interface SurroundingsOptions {
  readonly directory: string
  /** The beginning of a shell command that runs Patchline; its program if not given. */
  readonly patchline?: string
  /** YAML for the commands that name no configuration; none if not given. */
  readonly configuration?: string
  /** Folders with further programs. */
  readonly path?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

// The commands that take a configuration with registries.
const asksRegistries = ['check', 'grammar', 'explain', 'audit'] as const

/** Makes programs `npx` and `patchline`, and a home without settings. */
export function surroundings(options: SurroundingsOptions): Surroundings {
  const { directory, configuration = '{}', path = [], environment = {} } = options
  const own = join(directory, '.docs')
  mkdirSync(join(own, 'bin'), { recursive: true })
  mkdirSync(join(own, 'home'))
  const settings = join(own, 'patchline.yaml')
  writeFileSync(settings, configuration)
  const patchline = `case "$* " in
*" -c "* | *" --config "* | *" --help "*) ;;
${asksRegistries.map(word => `"${word} "*`).join(' | ')}) set -- "$@" -c '${settings}' ;;
esac
exec ${options.patchline ?? `'${process.execPath}' '${entry}'`} "$@"`
  const programs = { patchline, npx: `shift # its name\n${patchline}` }
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(own, 'bin', name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(own, 'bin', name), 0o755)
  }
  const PATH = [join(own, 'bin'), ...path, process.env['PATH'] ?? ''].join(':')
  return { directory, environment: { HOME: join(own, 'home'), KUBECONFIG: '', ...environment, PATH } }
}

/**
 * Puts the example files, and the files that a page shows, into a folder: a YAML block whose first line is `# NAME.yaml`. The registries
 * that a configuration names are looked up at `registry`, if it is given.
 */
export function writeFilesOf(page: string, directory: string, registry?: string): void {
  cpSync(join(import.meta.dirname, 'files'), directory, { recursive: true })
  for (const { text } of blocksOf(page)) {
    const [, name] = /^# ([\w.-]+\.yaml)\n/.exec(text) ?? []
    if (name !== undefined) writeFileSync(join(directory, name), redirected(text, registry))
  }
}

function redirected(text: string, registry: string | undefined): string {
  const document = parseDocument(text)
  const registries = document.get('registries')
  if (registry === undefined || !isSeq<YAMLMap>(registries)) return text
  for (const item of registries.items) {
    item.set('endpoint', registry)
    item.set('insecure', true)
  }
  return String(document)
}

type Run = Extract<How, { readonly exits: number }>

/** The pages with commands that are run in one place. */
export function pagesBy(by: Run['by']): readonly string[] {
  return pages.filter(page =>
    blocksOf(page)
      .flatMap(commandsOf)
      .some(command => howToRun(command)?.by === by),
  )
}

interface Place {
  readonly by: Run['by']
  readonly in: Surroundings
  /** Called before each block that is run. */
  readonly before?: () => Promise<void>
}

/** Runs the commands of a page that are run in one place: those of a block by one shell, so that variables stay. */
export async function runPage(
  t: Test,
  page: string,
  { by, in: where, before = async () => {} }: Place,
): Promise<void> {
  for (const block of blocksOf(page)) {
    const rows = commandsOf(block).flatMap(command => {
      const how = howToRun(command)
      return how?.by === by ? [{ command, how }] : []
    })
    if (rows.length === 0) continue
    // oxlint-disable-next-line eslint/no-await-in-loop -- a later block of a page may need the earlier ones
    await before()
    // oxlint-disable-next-line eslint/no-await-in-loop -- likewise
    const outcomes = await runCommands(
      rows.map(({ command }) => command),
      where,
    )
    for (const [at, { command, how }] of rows.entries()) {
      const { code, output } = outcomes[at] ?? { code: -1, output: 'not reached' }
      const name = `${page}:${command.line}: ${command.text}`
      t.equal(code, how.exits, `${name}\n${output}`)
      if (command.output !== undefined && how.compares)
        t.match(output, patternOf(command.output), `the output of ${name}`)
    }
  }
}

interface Outcome {
  readonly code: number
  /** Both streams, as a terminal shows them. */
  readonly output: string
}

const mark = '--- exit'

async function runCommands(
  commands: readonly Command[],
  { directory, environment }: Surroundings,
): Promise<readonly Outcome[]> {
  const lines = commands.map(({ text }) => `${text}\nprintf '\\n${mark} %d\\n' $?`)
  const script = ['exec 2>&1', `cd '${directory}'`, ...lines].join('\n')
  const { stdout } = await execute('sh', ['-c', script], { environment })
  const parts = stdout.split(new RegExp(`\\n${mark} (\\d+)\\n`))
  return commands.map((_, at) => ({ output: parts[2 * at] ?? '', code: Number(parts[2 * at + 1] ?? -1) }))
}

/** What a page shows, as a pattern of what is printed: a line `…` stands for any lines. */
function patternOf(shown: string): RegExp {
  const lines = shown.trimEnd().split('\n')
  const pattern = lines.map(line => (line === '…' ? String.raw`[\s\S]*?` : literally(line.trimEnd())))
  return new RegExp(`^${pattern.join(String.raw`[ ]*\n`)}\\s*$`)
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
}
