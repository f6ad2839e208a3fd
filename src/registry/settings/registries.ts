import { InvalidReferenceError, parseReference, type Repository } from '../../image/index.ts'
import { joined, readRegistry, type MakeProvider, type Registry } from './registry.ts'
import { RegistrySettingsError, type RegistrySettings } from './settings.ts'

/** The registries that may be contacted. */
export interface Registries {
  /** The registry of a repository: the one of its host with the longest matching prefix; undefined if it is not allowed. */
  find(repository: Repository): Registry | undefined
  /** Resolves an alias, once; any other repository stays as it is. */
  locate(repository: Repository): Repository
  /** Every host, each once. */
  hosts(): readonly string[]
  readonly all: readonly Registry[]
}

/**
 * The registries of some settings; of two with the same host and prefix the later holds, so that a configuration goes after
 * the defaults.
 * @throws RegistrySettingsError
 */
export function createRegistries(
  settings: readonly RegistrySettings[],
  makeProvider: MakeProvider = noProvider,
): Registries {
  const registries = new Map(
    settings
      .map(each => readRegistry(each, makeProvider))
      .map(registry => [joined(registry.host, registry.prefix), registry]),
  )
  const all = [...registries.values()]
  checkNames(all)
  const aliases = aliasTable(all)
  return {
    all,
    find: repository => longestMatch(registries, repository)?.found,
    locate: repository => locate(repository, registries, aliases),
    hosts: () => [...new Set(all.map(({ host }) => host))],
  }
}

function locate(
  repository: Repository,
  registries: ReadonlyMap<string, Registry>,
  aliases: ReadonlyMap<string, AliasTarget>,
): Repository {
  const alias = longestMatch(aliases, repository)
  if (alias === undefined || (alias.rest === '' && alias.found.prefix === '')) return repository
  // A registry that is named with as long a path is meant itself.
  const named = longestMatch(registries, repository)
  if (named !== undefined && named.length >= alias.length) return repository
  try {
    return repositoryAt(alias.found, alias.rest)
  } catch (error) {
    if (error instanceof InvalidReferenceError) return repository // the two together are longer than a name may be
    throw error
  }
}

// A name stands for one registry in logs and metrics.
function checkNames(registries: readonly Registry[]): void {
  const names = new Map<string, Registry>()
  for (const registry of registries) {
    if (names.has(registry.name))
      throw new RegistrySettingsError(registry.host, `the name ${JSON.stringify(registry.name)} is taken`)
    names.set(registry.name, registry)
  }
}

function aliasTable(registries: readonly Registry[]): ReadonlyMap<string, AliasTarget> {
  const table = new Map<string, Registry>()
  for (const registry of registries)
    for (const alias of registry.aliases) {
      const other = table.get(alias)
      if (other !== undefined)
        throw new RegistrySettingsError(registry.host, `the alias ${alias} is one of ${other.name} already`)
      table.set(alias, registry)
    }
  return table
}

function noProvider(_settings: unknown, { host }: Registry): never {
  throw new RegistrySettingsError(host, 'credentials of a cloud cannot be had here')
}

/** The target of an alias: a host, and the first parts of a path there. */
export interface AliasTarget {
  readonly host: string
  readonly prefix: string
}

/** The tables' longest entry that a repository lies in, compared part by part; and what of its path is left. */
export function longestMatch<T>(
  entries: ReadonlyMap<string, T>,
  { registry, repository }: Repository,
): { readonly found: T; readonly length: number; readonly rest: string } | undefined {
  const parts = repository.split('/')
  for (let taken = parts.length; taken >= 0; taken--) {
    const found = entries.get([registry, ...parts.slice(0, taken)].join('/'))
    if (found !== undefined) return { found, length: taken, rest: parts.slice(taken).join('/') }
  }
  return undefined
}

/** The repository that lies at `rest` of where an alias leads, with Docker Hub's `library/` where it belongs. */
export function repositoryAt({ host, prefix }: AliasTarget, rest: string): Repository {
  const path = [prefix, rest].filter(part => part !== '').join('/')
  const { registry, repository } = parseReference(`${host}/${path}`)
  return { registry, repository }
}
