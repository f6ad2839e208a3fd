import { whyUnread, type Config } from '../config/index.ts'
import {
  TagSourceError,
  type Access,
  type DigestCatalog,
  type DigestSource,
  type KnownDigest,
  type KnownTags,
  type TagCatalog,
  type TagSource,
} from '../evaluation/index.ts'
import { familiarRepository, parseReferences, type Repository } from '../image/index.ts'
import {
  createSchemes,
  learnTags,
  tagListOf,
  textsOf,
  type TagList,
  type TagReading,
} from '../version/index.ts'
import { loadComposition } from './load-composition.ts'

import type { PersonalPlaces } from './registry-options.ts'
import { UsageError, type Terminal } from './terminal.ts'

/** Where `check` has tags from: everything is asked once. */
export interface CheckSource {
  readonly catalog: TagCatalog
  /** Undefined where tags are believed as they are listed. */
  readonly digests?: DigestCatalog
  readonly schemes: (repository: Repository) => TagReading
  readonly access?: Access
  /** What a person should know beforehand, as sentences. */
  readonly problems: readonly string[]
  /** The list as it came, where the repository was asked. */
  tagsOf(repository: Repository): readonly string[] | undefined
  close(): Promise<void>
}

/** What a person named on the command line. */
export interface Named {
  readonly references: readonly string[]
  /** Whether the registries of the references may be asked although no configuration names them: the person did. */
  readonly anyRegistry: boolean
  readonly personal: PersonalPlaces
  /** Whether all tags are wanted, however many there are. */
  readonly whole: boolean
}

interface FromFile {
  readonly references: readonly string[]
  readonly config: Config
}

/**
 * Tags from a file, one a line; what is no legal tag is rejected with a reason.
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
    problems: listProblems(path, tags, references),
    tagsOf: () => tags,
    close: async () => {},
  }
}

/**
 * Tags from registries, with the credentials of a person.
 * @throws UsageError
 */
export async function sourceFromRegistries(config: Config, named: Named): Promise<CheckSource> {
  const { composeTagSource, composeDockerConfig } = await loadComposition()
  const repositories = parseReferences(named.references)
  const allowed = forAnyone(named.anyRegistry ? allowingToo(config, repositories) : config)
  try {
    // It opens nothing before it is asked.
    const source = composeTagSource(allowed)
    const access = await composeDockerConfig({
      ...named.personal,
      // An alias has no credentials: those of where its tags really are will be wanted.
      registries: repositories.map(repository => source.locate(repository).registry),
    })
    return {
      ...askOnce(source, schemesOf(config), { access, whole: named.whole }),
      access,
      problems: access.problems,
      close: () => source.close(),
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`registries cannot be asked: ${why}`, { cause: error })
  }
}

// A person asks with what the configuration has: there is no workload whose namespace could be told less.
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
  // A person has named them: any address that their names lead to is meant.
  const added = registries.filter(host => !known.has(host)).map(host => ({ host }))
  return { ...config, registries: [...added, ...config.registries] }
}

function schemesOf(config: Config): CheckSource['schemes'] {
  const schemes = createSchemes(config.schemes)
  return repository => schemes.of(repository)
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
  return [
    ...(tags.length === 0 ? [`--tags-from ${path} is empty`] : []),
    ...(repositories.size > 1
      ? [`--tags-from ${path} is taken for the tags of all of ${[...repositories].join(', ')}`]
      : []),
  ]
}

function fresh(tags: TagList, reading: TagReading): KnownTags {
  return { learned: learnTags(tags, reading), age: 0, stale: false }
}

// A person waits for this; a walk over a very large repository may take so long.
const longestWalk = 60_000

interface Asking {
  readonly access: Access
  readonly whole: boolean
}

// Several references of one repository cost one walk, and one tag one request.
function askOnce(
  source: LocatingSource,
  schemes: CheckSource['schemes'],
  asking: Asking,
): Pick<CheckSource, 'catalog' | 'digests' | 'schemes' | 'tagsOf'> {
  const lists = new Map<string, readonly string[]>()
  const dropped = createDropper()
  const walk = once((wanted: Slice) => walkOver(source, wanted, { ...asking, lists }))
  const digest = once(async ({ tag, platforms, ...repository }: WantedContent): Promise<KnownDigest> => {
    const query = { ...repository, ...urgently(repository, asking), tag, platforms }
    const found = await source.digestOf(query, AbortSignal.timeout(longestWalk))
    if (found === undefined) dropped.drop(keyOf(repository), tag)
    return { digest: found, age: 0 }
  })
  return {
    schemes,
    tagsOf: repository => lists.get(keyOf(source.locate(repository))),
    catalog: {
      known: () => undefined,
      async lookUp(wanted) {
        const { slice } = wanted
        const tags = await walk({ ...source.locate(placeOf(wanted)), ...(slice !== undefined && { slice }) })
        return fresh(tagListOf(dropped.without(keyOf(source.locate(wanted)), tags)), schemes(wanted))
      },
    },
    digests: {
      knownDigest: () => undefined,
      proven: () => [],
      digest: wanted =>
        digest({ ...source.locate(placeOf(wanted)), tag: wanted.tag, platforms: wanted.platforms === true }),
    },
  }
}

interface WantedContent extends Repository {
  readonly tag: string
  readonly platforms: boolean
}

type LocatingSource = TagSource & DigestSource & { locate(repository: Repository): Repository }

interface Slice extends Repository {
  readonly slice?: string
}

async function walkOver(
  source: TagSource,
  { slice, ...repository }: Slice,
  asking: Asking & { readonly lists: Map<string, readonly string[]> },
): Promise<readonly string[]> {
  const part = slice !== undefined && !asking.whole && { slice }
  const query = { ...repository, ...urgently(repository, asking), ...part }
  const answer = await source.listTags(query, AbortSignal.timeout(longestWalk))
  if (answer.kind === 'unchanged') throw new TagSourceError('invalid-answer', 'nothing was held')
  const tags = textsOf(answer.tags)
  asking.lists.set(keyOf(repository), tags)
  return tags
}

function urgently(repository: Repository, { access }: Asking) {
  return { credentials: access.credentialsFor(repository), urgency: 'admission' } as const
}

function placeOf({ registry, repository }: Repository): Repository {
  return { registry, repository }
}

function keyOf({ registry, repository }: Repository): string {
  return `${registry}/${repository}`
}

function once<Question, Answer>(
  ask: (question: Question) => Promise<Answer>,
): (question: Question) => Promise<Answer> {
  const asked = new Map<string, Promise<Answer>>()
  return question => {
    const key = JSON.stringify(question)
    const answer = asked.get(key) ?? ask(question)
    asked.set(key, answer)
    return answer
  }
}

// A tag that is listed and proves not to be there is not offered again.
function createDropper() {
  const dropped = new Map<string, Set<string>>()
  return {
    drop(key: string, tag: string): void {
      dropped.set(key, (dropped.get(key) ?? new Set()).add(tag))
    },
    without: (key: string, tags: readonly string[]): readonly string[] =>
      tags.filter(tag => dropped.get(key)?.has(tag) !== true),
  }
}
