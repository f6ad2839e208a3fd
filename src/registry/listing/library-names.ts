import type { Repository } from '../../image/index.ts'
import { RegistryError } from '../response/registry-error.ts'
import type { Registry } from '../settings/registry.ts'
import type { RegistryKind } from '../settings/settings.ts'
import type { Lister } from './lister.ts'

/**
 * Wraps a lister so that it tries `library/NAME` if there is no repository `NAME`. Proxies of Docker Hub serve an official image under
 * both names but list its tags only under the long one (renovatebot/renovate#16040). A repository that does not exist costs one
 * more request.
 */
export function withLibraryLists(lister: Lister): Lister {
  return async (listing, signal) => {
    const { registry, query } = listing
    const official = libraryName(registry, query)
    if (official === undefined) return lister(listing, signal)
    try {
      return await lister(listing, signal)
    } catch (error) {
      if (!isNotFound(error)) throw error
      const answer = lister({ ...listing, query: { ...query, ...official } }, signal)
      // What counts is the name that the image has: of the other it may say anything, such as 401 for what is not there.
      return answer.catch((other: unknown) => {
        throw other instanceof RegistryError ? error : other
      })
    }
  }
}

/** The same for a reader of the digest of a tag, or of its manifest. */
export function withLibraryReads<Reading extends Located, Found>(
  read: (reading: Reading, signal: AbortSignal) => Promise<Found | undefined>,
): (reading: Reading, signal: AbortSignal) => Promise<Found | undefined> {
  return async (reading, signal) => {
    const { registry, query } = reading
    const official = libraryName(registry, query)
    const found = await read(reading, signal)
    if (official === undefined || found !== undefined) return found
    return read({ ...reading, query: { ...query, ...official } }, signal).catch((error: unknown) => {
      if (error instanceof RegistryError && error.code !== 'unavailable') return undefined
      throw error
    })
  }
}

interface Located {
  readonly registry: Registry
  readonly query: Repository
}

// What may be a proxy of Docker Hub; the others have repositories of their own.
const proxies: ReadonlySet<RegistryKind> = new Set(['oci', 'harbor', 'artifactory', 'nexus'])

function libraryName(
  { kind, prefix }: Registry,
  { registry, repository }: Repository,
): Repository | undefined {
  const before = prefix === '' ? '' : `${prefix}/`
  const name = repository.slice(before.length)
  if (!proxies.has(kind) || name.includes('/') || name === '') return undefined
  return { registry, repository: `${before}library/${name}` }
}

function isNotFound(error: unknown): boolean {
  return error instanceof RegistryError && error.code === 'not-found'
}
