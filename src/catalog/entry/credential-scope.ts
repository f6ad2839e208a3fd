import { createHmac, randomBytes } from 'node:crypto'
import type { Access, PullCredentials } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'

/**
 * The key under which the answers about a repository are cached, by the credentials that were used: one scope is shared by all
 * namespaces, one is for each namespace and its pull secrets, and one for the credentials of the configuration. What one namespace
 * learns with its secret is not shown to another.
 */
export interface CacheScope {
  readonly key: string
  /** The repository itself, with aliases resolved. */
  readonly repository: Repository
  /** Empty for the shared scope. */
  readonly credentials: readonly PullCredentials[]
}

/** Gives the scopes of a repository. */
export interface CacheScopes {
  shared(repository: Repository): CacheScope
  /** The scope of an access's credentials; undefined where it has none for the repository. */
  own(repository: Repository, access: Access): CacheScope | undefined
}

/** Creates the scopes; `locate` resolves aliases, so that all names of a repository share one. */
export function createCacheScopes(locate: (repository: Repository) => Repository): CacheScopes {
  const fingerprint = createFingerprint()
  return {
    shared(asked) {
      const { registry, repository } = locate(asked)
      const located = { registry, repository }
      return { key: repositoryKey(located), repository: located, credentials: [] }
    },
    own(asked, access) {
      const { registry, repository } = locate(asked)
      const located = { registry, repository }
      const credentials = access.credentialsFor(located)
      if (credentials.length === 0) return undefined
      const isOne = credentials.every(({ configured }) => configured === true)
      const whose = isOne ? configuredScope : access.namespace
      const key = `${repositoryKey(located)} ${whose} ${fingerprint(credentials)}`
      return { key, repository: located, credentials }
    },
  }
}

// No namespace can have this name.
const configuredScope = '*'

/** Whether the scope is the one that all namespaces share. */
export function isShared(scope: CacheScope): boolean {
  return scope.credentials.length === 0
}

/** The key of a repository: `registry/repository`. */
export function repositoryKey({ registry, repository }: Repository): string {
  return `${registry}/${repository}`
}

/** Computes a text that is equal for equal credentials, within this process. */
export type Fingerprint = (credentials: readonly PullCredentials[]) => string

/**
 * Creates a fingerprint function with a random key that ends with the process: a fingerprint that leaks gives no way to guess
 * passwords. Memoized by array, since hashing for each admission would cost more than the verdict.
 */
export function createFingerprint(): Fingerprint {
  const secret = randomBytes(32)
  const known = new WeakMap<readonly PullCredentials[], string>()
  return credentials => {
    const remembered = known.get(credentials)
    if (remembered !== undefined) return remembered
    // Everything that is sent: an identity token comes without a name and a password.
    const texts = credentials.map(({ username, password, identityToken, registryToken, configured }) => [
      username,
      password,
      identityToken,
      registryToken,
      configured,
    ])
    const fingerprint = createHmac('sha256', secret).update(JSON.stringify(texts)).digest('base64url')
    known.set(credentials, fingerprint)
    return fingerprint
  }
}
