import { resolve } from 'node:path'
import type { Command } from 'commander'
import { loadCatalogFile, type ExportedRepository } from '../../app/index.ts'
import { TagSourceError } from '../../evaluation/index.ts'
import { familiarRepository, parseReferences, type Repository } from '../../image/index.ts'
import { readFiles } from '../../scan/index.ts'
import { printable, spellInstant } from '../../text/index.ts'
import { workloadKindsOf } from '../../workload/index.ts'
import { loadConfig } from '../input/arguments.ts'
import {
  addRegistryOptions,
  allowing,
  collect,
  personalPlaces,
  type RegistryOptions,
} from '../input/options.ts'
import { readScanned, scanLimits } from '../input/scanned-files.ts'
import { readCatalog, sourceFromRegistries, type CheckSource } from '../input/tag-source.ts'
import { writeNamedFile } from '../input/yaml-documents.ts'
import { commandLineAdvice } from '../print/advice.ts'
import { exitCodes, UsageError, type ExitCode, type Terminal } from '../terminal/terminal.ts'

interface ExportOptions extends RegistryOptions {
  readonly file: string
  readonly image?: readonly string[]
  readonly config?: string
}

const exportExamples = `
Examples:
  $ patchline catalog export deploy --file catalog.json
  $ kubectl get deployments -A -o yaml | patchline catalog export - --file catalog.json
  $ patchline scan deploy --catalog catalog.json          where no registry can be asked`

const importExamples = `
Examples:
  $ patchline catalog import catalog.json                        only check it
  $ patchline catalog import catalog.json --directory /var/cache/patchline`

/** Adds `patchline catalog export` and `patchline catalog import`. */
export function addCatalog(
  program: Command,
  context: { terminal: Terminal; exit(code: ExitCode): void },
): void {
  const catalog = program
    .command('catalog')
    .description('Carry the tags of repositories to where no registry can be asked.')
    .addHelpText('after', exportExamples)
  const exporting = catalog
    .command('export')
    .description('Write the tags of all repositories that files name into one file.')
    .argument('[path...]', 'files and folders as for scan; - is standard input')
    .requiredOption('-f, --file <file>', 'the file to write')
    .option('--image <image>', 'an image besides (repeatable)', collect)
    .option('-c, --config <file>', 'configuration with registries and custom kinds')
  addRegistryOptions(exporting)
    .addHelpText('after', exportExamples)
    .action(async (paths: readonly string[], options: ExportOptions) => {
      context.exit(await exportTags(paths, options, context.terminal))
    })
  catalog
    .command('import')
    .description('Check such a file, and write its tags into the directory of a catalog (catalog.directory).')
    .argument('<file>', 'the file of patchline catalog export')
    .option('-d, --directory <directory>', 'catalog.directory of the configuration of serve and audit')
    .addHelpText('after', importExamples)
    .action(async (path: string, options: { readonly directory?: string }) => {
      context.exit(await importTags(path, options.directory, context.terminal))
    })
}

async function exportTags(
  paths: readonly string[],
  options: ExportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const config = loadConfig(options.config, terminal)
  const { files } = readScanned(paths, { root: resolve('.'), terminal, limits: scanLimits })
  const { images } = readFiles(files, { kindOf: workloadKindsOf(config.workloads) })
  const references = [...images.map(({ found }) => found.image), ...(options.image ?? [])]
  const repositories = distinct(parseReferences(references))
  if (repositories.length === 0)
    throw new UsageError('no image is named: name files that have some, or --image')
  const source = await sourceFromRegistries(allowing(config, options), {
    references,
    anyRegistry: false,
    personal: personalPlaces(terminal, options),
    whole: true,
    advice: commandLineAdvice(options.config !== undefined),
  })
  try {
    const listed = await Promise.all(repositories.map(repository => listOf(repository, source)))
    const exported = listed.filter(one => typeof one !== 'string')
    for (const problem of listed.filter(one => typeof one === 'string'))
      terminal.err(`patchline: ${printable(problem)}\n`)
    const { writeCatalogFile } = await loadCatalogFile()
    writeNamedFile(options.file, writeCatalogFile({ exportedAt: Date.now(), repositories: exported }))
    terminal.err(`wrote the tags of ${repositoriesText(exported.length)} to ${options.file}\n`)
    return exported.length === listed.length ? exitCodes.fine : exitCodes.unchecked
  } finally {
    await source.close()
  }
}

function distinct(repositories: readonly Repository[]): readonly Repository[] {
  const byName = new Map(repositories.map(one => [familiarRepository(one), one]))
  return [...byName].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, repository]) => repository)
}

async function listOf(repository: Repository, source: CheckSource): Promise<ExportedRepository | string> {
  const { registry, repository: path } = repository
  const { catalog, access } = source
  try {
    const known = await catalog.lookUp({
      registry,
      repository: path,
      ...(access !== undefined && { access }),
    })
    const tags = source.tagsOf(repository) ?? []
    const dates = tags.flatMap(tag => {
      const published = known.published?.(tag)
      return published === undefined ? [] : [[tag, published] as const]
    })
    return { registry, repository: path, tags, published: Object.fromEntries(dates) }
  } catch (error) {
    if (error instanceof TagSourceError) return error.message
    throw error
  }
}

async function importTags(
  path: string,
  directory: string | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  const file = await readCatalog(path, terminal)
  const { importCatalog } = await loadCatalogFile()
  const problems = directory === undefined ? [] : await importCatalog(file, resolve(directory))
  if (problems.length > 0) throw new UsageError(problems.join('; '))
  const done = directory === undefined ? 'the file is whole' : `wrote them to ${directory}`
  terminal.err(
    `${repositoriesText(file.repositories.length)} as of ${spellInstant(file.exportedAt)}; ${done}\n`,
  )
  return exitCodes.fine
}

function repositoriesText(count: number): string {
  return count === 1 ? '1 repository' : `${count} repositories`
}
