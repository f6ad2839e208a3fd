import { Option, type Command } from 'commander'
import { TagSourceError } from '../../evaluation/index.ts'
import { familiarRepository, parseReferences } from '../../image/index.ts'
import { teachingOf } from '../../version/index.ts'
import { assertReferences, loadConfig } from '../input/arguments.ts'
import { sourceFromFile, sourceFromRegistries, type CheckSource } from '../input/tag-source.ts'
import { teachingLines } from '../print/checked.ts'
import { addRegistryOptions, allowing, personalPlaces, type RegistryOptions } from '../input/options.ts'
import { exitCodes, type ExitCode, type Terminal } from '../terminal/terminal.ts'

interface GrammarOptions extends RegistryOptions {
  readonly tagsFrom?: string
  readonly output: 'text' | 'json'
  readonly config?: string
}

const examples = `
Examples:
  $ patchline grammar nodered/node-red
  $ crane ls registry.example.com/app | patchline grammar registry.example.com/app --tags-from -

Where it is wrong: \`schemes\` in the configuration say how the tags of an image are read (docs/registries.md).`

/** Adds `patchline grammar`. */
export function addGrammar(
  program: Command,
  context: { terminal: Terminal; exit(code: ExitCode): void },
): void {
  const command = program
    .command('grammar')
    .description('Print what the tags of a repository teach: which numbers count up, and which are a choice.')
    .argument('<repository>', 'as in a pod spec, with or without a tag: nginx')
    .option('--tags-from <file>', 'read its tags from a file, one a line (- is standard input)')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('-c, --config <file>', 'configuration with the registries that may be asked')
  addRegistryOptions(command)
    .addHelpText('after', examples)
    .action(async (repository: string, options: GrammarOptions) => {
      context.exit(await print(repository, options, context.terminal))
    })
}

async function print(image: string, options: GrammarOptions, terminal: Terminal): Promise<ExitCode> {
  assertReferences([image], terminal)
  const [repository] = parseReferences([image])
  const source = await sourceOf(image, options, terminal)
  try {
    for (const problem of source.problems) terminal.err(`patchline: ${problem}\n`)
    if (repository === undefined) return exitCodes.usage
    const { catalog, access } = source
    const { learned } = await catalog.lookUp({
      registry: repository.registry,
      repository: repository.repository,
      ...(access !== undefined && { access }),
    })
    const teaching = teachingOf(learned)
    if (options.output === 'json') terminal.out(`${JSON.stringify(teaching)}\n`)
    else {
      const lines = teachingLines(teaching)
      terminal.out(
        [
          `${familiarRepository(repository)}: ${learned.list.length} tags`,
          ...(lines.length > 0 ? lines : nothing),
        ]
          .map(line => `${line}\n`)
          .join(''),
      )
    }
    return exitCodes.fine
  } catch (error) {
    if (!(error instanceof TagSourceError)) throw error
    terminal.err(`patchline: the tags of ${image} cannot be had: ${error.message}\n`)
    return exitCodes.unchecked
  } finally {
    await source.close()
  }
}

const nothing = ['  there is no number behind a version whose meaning had to be learned'] as const

async function sourceOf(image: string, options: GrammarOptions, terminal: Terminal): Promise<CheckSource> {
  const config = loadConfig(options.config, terminal)
  if (options.tagsFrom !== undefined)
    return sourceFromFile(options.tagsFrom, { references: [image], config }, terminal)
  return sourceFromRegistries(allowing(config, options), {
    references: [image],
    anyRegistry: options.config === undefined,
    personal: personalPlaces(terminal, options),
    whole: true,
  })
}
