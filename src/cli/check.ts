import { Option, type Command } from 'commander'
import type { Config } from '../config/index.ts'
import { evaluateImages, type Evaluation } from '../evaluation/index.ts'
import { impliedTag } from '../image/index.ts'
import { explain, indexTags, strategies, tagListOf, type Strategy } from '../version/index.ts'
import { forCommandLine } from './check-remedy.ts'
import { sourceFromFile, sourceFromRegistries, type CheckSource } from './check-source.ts'
import { loadConfig } from './load-config.ts'
import { printJson, printTable, type Checked } from './print-checked.ts'
import { exitCodes, type ExitCode, type Terminal } from './terminal.ts'

interface CheckOptions {
  readonly strategy: Strategy
  readonly tagsFrom?: string
  readonly output: 'table' | 'json'
  readonly explain?: true
  readonly config?: string
  readonly dockerConfig?: string
  readonly registry?: readonly string[]
  readonly insecureRegistry?: readonly string[]
}

/** Adds `patchline check`. */
export function addCheck(
  program: Command,
  context: { terminal: Terminal; exit(code: ExitCode): void },
): void {
  program
    .command('check')
    .description(
      'Explain what is newer than an image. Exits 0 if nothing is outdated, 2 if something is, 4 if a tag does not exist, 3 if something could not be checked.',
    )
    .argument('<reference...>', 'images as in a pod spec: nginx:1.25.1')
    .addOption(
      new Option('-s, --strategy <strategy>', 'how far a newer tag may be')
        .choices(strategies)
        .default('patch'),
    )
    .option(
      '--tags-from <file>',
      'read the tags of the repository from a file, one a line (- is standard input), and ask no registry',
    )
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'),
    )
    .option('--explain', 'say of every other tag why it was not chosen')
    .option(
      '-c, --config <file>',
      'configuration with the registries that may be asked; without it, any that a reference names',
    )
    .option(
      '--docker-config <file>',
      'credentials as docker keeps them; without it, those of docker or podman, where there are any',
    )
    .option('--registry <host>', 'a registry that may be asked besides (repeatable)', collect, [])
    .option('--insecure-registry <host>', 'the same over plain HTTP (repeatable)', collect, [])
    .action(async (references: readonly string[], options: CheckOptions) => {
      context.exit(await check(references, options, context.terminal))
    })
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

async function check(
  references: readonly string[],
  options: CheckOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const source = await sourceOf(references, options, terminal)
  try {
    for (const problem of source.access?.problems ?? []) terminal.err(`patchline: ${problem}\n`)
    const checked = await Promise.all(references.map(image => checkOne(image, source, options)))
    terminal.out(options.output === 'json' ? printJson(checked) : printTable(checked))
    return exitCodeOf(checked)
  } finally {
    await source.close()
  }
}

async function sourceOf(
  references: readonly string[],
  options: CheckOptions,
  terminal: Terminal,
): Promise<CheckSource> {
  const config = loadConfig(options.config, terminal)
  if (options.tagsFrom !== undefined) return sourceFromFile(options.tagsFrom, config, terminal)
  const { dockerConfig, explain: whole = false } = options
  const named = { references, anyRegistry: options.config === undefined, dockerConfig, whole }
  return sourceFromRegistries(allowing(config, options), named, terminal)
}

function allowing(config: Config, { registry = [], insecureRegistry = [] }: CheckOptions): Config {
  const configured = new Set(
    config.registries.flatMap(({ host, prefix }) => (prefix === undefined ? host : [])),
  )
  const added = [
    // What the configuration says of it (credentials, an authority) holds on.
    ...registry.filter(host => !configured.has(host)).map(host => ({ host, insecure: false })),
    ...insecureRegistry.map(host => ({ host, insecure: true })),
  ]
  return { ...config, registries: [...config.registries, ...added] }
}

// A person waits for this; a walk over a very large repository may take so long.
const longestWalk = 60_000

async function checkOne(
  image: string,
  source: CheckSource,
  { strategy, explain: wanted, config }: CheckOptions,
): Promise<Checked> {
  const { access } = source
  const request = { images: [image], strategy, budget: longestWalk, ...(access !== undefined && { access }) }
  const patience = { wait: async <T>(promise: Promise<T>): Promise<T> => promise }
  const evaluation = (await evaluateImages(request, { ...source, patience })).get(image)
  if (evaluation === undefined) throw new Error(`no evaluation of ${image}`)
  const { reference, detail } = evaluation
  const advised = detail === undefined ? undefined : forCommandLine(detail, config !== undefined)
  const tag = reference === undefined ? undefined : impliedTag(reference)
  const rejected = wanted === true ? rejectedBy(evaluation, source, strategy) : undefined
  return { evaluation: { ...evaluation, detail: advised }, tag, rejected }
}

function rejectedBy({ reference }: Evaluation, source: CheckSource, strategy: Strategy): Checked['rejected'] {
  const tags = reference === undefined ? undefined : source.tagsOf(reference)
  if (reference === undefined || tags === undefined) return undefined
  const index = indexTags(tagListOf(tags), source.schemes(reference))
  return explain(impliedTag(reference), tags, { index, strategy })
}

function exitCodeOf(checked: readonly Checked[]): ExitCode {
  if (checked.some(({ evaluation }) => evaluation.verdict === 'outdated')) return exitCodes.outdated
  // A slip of the finger has nothing newer in its line, and is not fine.
  if (checked.some(({ evaluation }) => evaluation.reason === 'not-listed')) return exitCodes.missing
  return checked.some(({ evaluation }) => evaluation.verdict === 'unknown')
    ? exitCodes.unchecked
    : exitCodes.fine
}
