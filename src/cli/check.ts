import { Option, type Command } from 'commander'
import type { Config } from '../config/index.ts'
import { evaluateImages, type KnownTags, type TagCatalog, type TagSource } from '../evaluation/index.ts'
import { impliedTag, type Repository } from '../image/index.ts'
import { explain, indexTags, strategies, tagListOf, textsOf, type Strategy } from '../version/index.ts'
import { loadConfig } from './load-config.ts'
import { loadComposition } from './load-composition.ts'
import { printJson, printTable, type Checked } from './print-checked.ts'
import { exitCodes, UsageError, type ExitCode, type Terminal } from './terminal.ts'

interface CheckOptions {
  readonly strategy: Strategy
  readonly tagsFrom?: string
  readonly output: 'table' | 'json'
  readonly explain?: true
  readonly config?: string
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
      'Explain what is newer than an image. Exits 0 if nothing is outdated, 2 if something is, 3 if something could not be checked.',
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
    .option('-c, --config <file>', 'configuration with the registries that may be asked')
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
  const source =
    options.tagsFrom === undefined
      ? await registrySource(allowing(loadConfig(options.config, terminal), options))
      : fileSource(options.tagsFrom, terminal)
  try {
    const asked = askOnce(source)
    const checked = await Promise.all(references.map(image => checkOne(image, asked, options)))
    terminal.out(options.output === 'json' ? printJson(checked) : printTable(checked))
    return exitCodeOf(checked)
  } finally {
    await source.close()
  }
}

type ClosableSource = TagSource & { close(): Promise<void> }

async function registrySource(config: Config): Promise<ClosableSource> {
  const { composeTagSource } = await loadComposition()
  try {
    return composeTagSource(config)
  } catch (error) {
    throw new UsageError(
      `registries cannot be asked: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

// Every line is taken as it stands: what is no legal tag is rejected with a reason like any other.
function fileSource(path: string, terminal: Terminal): ClosableSource {
  const tags = readLines(path, terminal)
  const listing = {
    kind: 'listed',
    tags: tagListOf(tags),
    slice: undefined,
    published: undefined,
    validator: undefined,
    shared: true,
  } as const
  return { listTags: async () => listing, close: async () => {} }
}

function readLines(path: string, terminal: Terminal): readonly string[] {
  try {
    return terminal
      .readFile(path)
      .split(/\r?\n/)
      .filter(line => line !== '')
  } catch (error) {
    throw new UsageError(
      `--tags-from ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function allowing(config: Config, { registry = [], insecureRegistry = [] }: CheckOptions): Config {
  const added = [
    ...registry.map(host => ({ host, insecure: false })),
    ...insecureRegistry.map(host => ({ host, insecure: true })),
  ]
  return { ...config, registries: [...config.registries, ...added] }
}

// A person waits for this; a walk over a very large repository may take so long.
const longestWalk = 60_000

interface Asked {
  readonly catalog: TagCatalog
  /** The list as it came, where the repository was asked. */
  tagsOf(repository: Repository): readonly string[] | undefined
}

// Several references of one repository cost one walk.
function askOnce(source: TagSource): Asked {
  const walks = new Map<string, Promise<KnownTags>>()
  const lists = new Map<string, readonly string[]>()
  async function walk(repository: Repository): Promise<KnownTags> {
    const answer = await source.listTags(repository, AbortSignal.timeout(longestWalk))
    if (answer.kind === 'unchanged') throw new Error('nothing was held')
    const tags = textsOf(answer.tags)
    lists.set(keyOf(repository), tags)
    return { index: indexTags(tags), age: 0, stale: false }
  }
  return {
    tagsOf: repository => lists.get(keyOf(repository)),
    catalog: {
      known: () => undefined,
      lookUp(repository) {
        const known = walks.get(keyOf(repository)) ?? walk(repository)
        walks.set(keyOf(repository), known)
        return known
      },
    },
  }
}

async function checkOne(
  image: string,
  asked: Asked,
  { strategy, explain: wanted }: CheckOptions,
): Promise<Checked> {
  const request = { images: [image], strategy, budget: longestWalk }
  const patience = { wait: async <T>(promise: Promise<T>): Promise<T> => promise }
  const evaluation = (await evaluateImages(request, { catalog: asked.catalog, patience })).get(image)
  if (evaluation === undefined) throw new Error(`no evaluation of ${image}`)
  const { reference } = evaluation
  const tag = reference === undefined ? undefined : impliedTag(reference)
  const tags = reference === undefined ? undefined : asked.tagsOf(reference)
  if (wanted !== true || tags === undefined) return { evaluation, tag, rejected: undefined }
  return { evaluation, tag, rejected: explain(tag, tags, { index: indexTags(tags), strategy }) }
}

function keyOf({ registry, repository }: Repository): string {
  return `${registry}/${repository}`
}

function exitCodeOf(checked: readonly Checked[]): ExitCode {
  if (checked.some(({ evaluation }) => evaluation.verdict === 'outdated')) return exitCodes.outdated
  return checked.some(({ evaluation }) => evaluation.verdict === 'unknown')
    ? exitCodes.unchecked
    : exitCodes.fine
}
