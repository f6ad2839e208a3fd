import { parseReference, type Repository } from '../../image/index.ts'
import { RegistrySettingsError } from './registry-settings-error.ts'

/**
 * An alias in its one spelling: a host, or a host and the first parts of a path (`mirror.local/docker-hub`).
 * @throws RegistrySettingsError where it is neither.
 */
export function readAlias(host: string, alias: string): string {
  const why = `the alias ${JSON.stringify(alias)} is no host, and no host with a path, as an image reference has it`
  const [first = '', ...path] = alias.split('/')
  try {
    // With two parts behind it, so that neither library/ is added nor the host taken for a part of the path.
    const { registry, repository } = parseReference([first, ...path, 'a', 'b'].join('/'))
    const rest = [...path, 'a', 'b'].join('/')
    if (repository === rest) return [registry, ...path].join('/')
  } catch (error) {
    throw new RegistrySettingsError(host, why, error)
  }
  throw new RegistrySettingsError(host, why)
}

/** Where an alias leads: a host and the first parts of a path there. */
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
