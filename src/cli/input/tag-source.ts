import { shortAge, shorten } from '../../text/index.ts'
import { whyUnread, type Config } from '../../config/index.ts'
import type {
  Access,
  DigestCatalog,
  DigestSource,
  KnownTags,
  TagCatalog,
  TagSource,
} from '../../evaluation/index.ts'
import { familiarRepository, parseReferences, type Repository } from '../../image/index.ts'
import {
  isLegalTag,
  createChannelRules,
  createSchemes,
  createSupportTables,
  learnTags,
  tagListOf,
  textsOf,
  type ChannelRules,
  type SupportTables,
  type TagList,
  type TagReading,
} from '../../version/index.ts'
import { loadCatalogFile, loadServer, type CatalogFile } from '../../app/index.ts'
import type { AdviceTexts } from '../../registry/index.ts'
import type { PersonalPlaces } from './options.ts'
import { UsageError, type Terminal } from '../terminal/terminal.ts'
import { readNamedFile } from './yaml-documents.ts'

/** The tags that a command works on, each list read once. */
export interface CheckSource {
  readonly catalog: TagCatalog
  /** Undefined where tags are believed as they are listed. */
  readonly digests?: DigestCatalog
  readonly schemes: (repository: Repository) => TagReading
  readonly supportTables: SupportTables
  readonly channelRules: ChannelRules
  readonly access?: Access
  /** Warnings to print first, as sentences. */
  readonly problems: readonly string[]
  /** The list as the registry gave it, where the repository was listed. */
  tagsOf(repository: Repository): readonly string[] | undefined
  /** Whether a tag turned out to have no manifest. */
  isGone(repository: Repository, tag: string): boolean
  close(): Promise<void>
}

/** What the command line names. */
export interface Named {
  readonly references: readonly string[]
  /** Whether the registries of the references may be asked although no configuration lists them. */
  readonly anyRegistry: boolean
  readonly personal: PersonalPlaces
  /** Whether all tags are wanted, not only those of the line. */
  readonly whole: boolean
  /** The words of advice in errors of registries; by default those for the administrator of a server. */
  readonly advice?: AdviceTexts
}

interface FromFile {
  readonly references: readonly string[]
  readonly config: Config
}

/**
 * Creates a source over a file with one tag a line; illegal tags are rejected with a reason.
 * @throws UsageError
 */
export function sourceFromFile(
  path: string,
  { references, config }: FromFile,
  terminal: Terminal,
): CheckSource {
  const tags = readTags(path, terminal)
  const schemes = schemesOf(config)
  return {
    catalog: {
      known: repository => fresh(tagListOf(tags), schemes(repository)),
      lookUp: async repository => fresh(tagListOf(tags), schemes(repository)),
    },
    schemes,
    ...supportOf(config),
    problems: listProblems(path, tags, references),
    tagsOf: () => tags,
    isGone: () => false,
    close: async () => {},
  }
}

/**
 * Creates a source over registries, with a person's credentials.
 * @throws UsageError
 */
export async function sourceFromRegistries(config: Config, named: Named): Promise<CheckSource> {
  const { composeCommandCatalog, composeTagSource, composeDockerConfig } = await loadServer()
  const repositories = parseReferences(named.references)
  const allowed = forAnyone(named.anyRegistry ? allowingToo(config, repositories) : config)
  try {
    // Opens no connection before the first request.
    const client = composeTagSource(allowed, named.advice === undefined ? {} : { advice: named.advice })
    const access = await composeDockerConfig({
      ...named.personal,
      // An alias has no credentials: those of the registry behind it are used.
      registries: repositories.map(repository => client.locate(repository).registry),
    })
    const schemes = schemesOf(config)
    const { source, tagsOf, isGone } = observed(client, { access, whole: named.whole })
    const catalog = composeCommandCatalog({ ...client, ...source }, schemes)
    return {
      catalog,
      digests: catalog,
      schemes,
      ...supportOf(config),
      tagsOf,
      isGone,
      access,
      problems: access.problems,
      async close() {
        await client.close()
        await catalog.close()
      },
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`registries cannot be asked: ${why}`, { cause: error })
  }
}

/** Creates a source over a catalog file, and asks no registry. @throws UsageError */
export async function sourceFromCatalog(
  path: string,
  { config, now }: { readonly config: Config; readonly now: number },
  terminal: Terminal,
): Promise<CheckSource> {
  const { composeFileCatalog } = await loadCatalogFile()
  const file = await readCatalog(path, terminal)
  const schemes = schemesOf(config)
  const catalog = composeFileCatalog(file, schemes)
  const age = now - file.exportedAt
  const isStale = age > config.catalog.staleAfterHours * hour
  return {
    catalog,
    schemes,
    ...supportOf(config),
    problems: isStale ? [`the tags in ${path} are ${shortAge(age)} old`] : [],
    tagsOf: () => undefined,
    isGone: () => false,
    close: () => catalog.close(),
  }
}

/** Reads a catalog file. @throws UsageError */
export async function readCatalog(path: string, terminal: Terminal): Promise<CatalogFile> {
  const { readCatalogFile } = await loadCatalogFile()
  const file = readCatalogFile(readNamedFile(path, terminal))
  if (typeof file === 'string') throw new UsageError(`${path}: ${file}`)
  return file
}

const hour = 3_600_000

// A person may use all credentials of the configuration: the limit to namespaces is for workloads.
function forAnyone(config: Config): Config {
  const registries = config.registries.map(registry => {
    const { namespaces, ...open } = registry
    return namespaces === undefined ? registry : open
  })
  return { ...config, registries }
}

function allowingToo(config: Config, repositories: readonly Repository[]): Config {
  const known = new Set(config.registries.map(({ host }) => host))
  const registries = [...new Set(repositories.map(({ registry }) => registry))]
  // The person named these hosts, so any address that they resolve to is allowed.
  const added = registries.filter(host => !known.has(host)).map(host => ({ host }))
  return { ...config, registries: [...added, ...config.registries] }
}

function schemesOf(config: Config): CheckSource['schemes'] {
  const schemes = createSchemes(config.schemes)
  return repository => schemes.of(repository)
}

function supportOf(config: Config): Pick<CheckSource, 'supportTables' | 'channelRules'> {
  const supportTables = createSupportTables(config.supportTables)
  return { supportTables, channelRules: createChannelRules(supportTables) }
}

function readTags(path: string, terminal: Terminal): readonly string[] {
  const text = readText(path, terminal)
  const what = `--tags-from ${path}`
  if (text.includes('\0')) throw new UsageError(`${what} is no text: it takes one tag a line`)
  if (/^\s*[{[]/.test(text))
    throw new UsageError(`${what} is JSON: it takes one tag a line, as jq -r '.tags[]' prints them`)
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
}

function readText(path: string, terminal: Terminal): string {
  try {
    return terminal.readFile(path)
  } catch (error) {
    throw new UsageError(`--tags-from ${whyUnread(path, error)}`)
  }
}

function listProblems(
  path: string,
  tags: readonly string[],
  references: readonly string[],
): readonly string[] {
  const repositories = new Set(parseReferences(references).map(familiarRepository))
  const illegal = tags.filter(tag => !isLegalTag(tag))
  return [
    ...illegalProblem(path, illegal, tags.length),
    ...(tags.length === 0 ? [`--tags-from ${path} is empty`] : []),
    ...(repositories.size > 1
      ? [`--tags-from ${path} is taken for the tags of all of ${[...repositories].join(', ')}`]
      : []),
  ]
}

const longestShown = 61

function illegalProblem(path: string, [first, ...others]: readonly string[], all: number): readonly string[] {
  if (first === undefined) return []
  const shown = shorten(first, longestShown)
  const count = others.length === 0 ? '1 line' : `${others.length + 1} lines`
  return [
    `--tags-from ${path}: ${count} of ${all} can be no tags (${JSON.stringify(shown)}): it takes one tag a line`,
  ]
}

function fresh(tags: TagList, reading: TagReading): KnownTags {
  return { learned: learnTags(tags, reading), age: 0, stale: false }
}

interface Observed extends Pick<CheckSource, 'tagsOf' | 'isGone'> {
  readonly source: TagSource & DigestSource
}

interface Asking {
  readonly access: Access
  readonly whole: boolean
  /** The words of advice in errors of registries; by default those for the administrator of a server. */
  readonly advice?: AdviceTexts
}

// All requests use the same credentials. The catalog keeps neither the list as it came nor the tags that it dropped, and
// `--explain` needs both.
function observed(source: LocatingSource, { access, whole }: Asking): Observed {
  const lists = new Map<string, readonly string[]>()
  const gone = new Set<string>()
  return {
    tagsOf: repository => lists.get(keyOf(source.locate(repository))),
    isGone: (repository, tag) => gone.has(`${keyOf(source.locate(repository))}:${tag}`),
    source: {
      async listTags({ slice, ...query }, signal) {
        const part = slice !== undefined && !whole && { slice }
        const credentials = access.credentialsFor(query)
        const answer = await source.listTags({ ...query, ...part, credentials }, signal)
        if (answer.kind === 'listed') lists.set(keyOf(query), textsOf(answer.tags))
        return answer
      },
      async digestOf(query, signal) {
        const credentials = access.credentialsFor(query)
        const found = await source.digestOf({ ...query, credentials }, signal)
        if (found === undefined) gone.add(`${keyOf(query)}:${query.tag}`)
        return found
      },
      manifestOf(query, signal) {
        return source.manifestOf({ ...query, credentials: access.credentialsFor(query) }, signal)
      },
    },
  }
}

type LocatingSource = TagSource & DigestSource & { locate(repository: Repository): Repository }

function keyOf({ registry, repository }: Repository): string {
  return `${registry}/${repository}`
}
