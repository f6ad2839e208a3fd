import type { Access, AccessSource, PullCredentials } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'

type Credentials = readonly PullCredentials[]

/**
 * Creates an access source that adds the credentials of `more` after those of `inner`. `more` must return the same array for the
 * same credentials.
 */
export function createExtendedCredentials(
  inner: AccessSource,
  more: (access: Access, repository: Repository) => Credentials,
): AccessSource {
  const known = new WeakMap<Access, Access>()
  const behind = createBehind()
  const extended = (access: Access): Access => {
    const after = known.get(access) ?? {
      ...access,
      credentialsFor: (repository: Repository) =>
        behind(access.credentialsFor(repository), more(access, repository)),
    }
    known.set(access, after)
    return after
  }
  return {
    accessOf(requester) {
      const access = inner.accessOf(requester)
      return access instanceof Promise ? access.then(extended) : extended(access)
    },
  }
}

// The same array for the same credentials: caches use the array as a key.
function createBehind(): (own: Credentials, more: Credentials) => Credentials {
  const known = new WeakMap<Credentials, WeakMap<Credentials, Credentials>>()
  return (own, more) => {
    if (more.length === 0) return own
    if (own.length === 0) return more
    const pairs = known.get(own) ?? new WeakMap<Credentials, Credentials>()
    known.set(own, pairs)
    const both = pairs.get(more) ?? [...own, ...more]
    pairs.set(more, both)
    return both
  }
}

/** The namespaces that may use the configured credentials of a repository; undefined: all. */
export type AudienceOf = (repository: Repository) => readonly string[] | undefined

/**
 * Creates an access source that adds the configured credentials that are restricted to namespaces, for workloads in those
 * namespaces. Use it only for requesters whose namespace is verified.
 */
export function createConfiguredCredentials(inner: AccessSource, audienceOf: AudienceOf): AccessSource {
  return createExtendedCredentials(inner, ({ namespace }, repository) => {
    const audience = audienceOf(repository)
    return audience !== undefined && isAmong(namespace, audience) ? alone : none
  })
}

const configured: PullCredentials = {
  username: '',
  password: '',
  origin: 'the configured credentials',
  configured: true,
}
const alone: readonly PullCredentials[] = [configured]
const none: readonly PullCredentials[] = []

// `team-*` is every name that begins so.
function isAmong(namespace: string, patterns: readonly string[]): boolean {
  return patterns.some(pattern =>
    pattern.endsWith('*') ? namespace.startsWith(pattern.slice(0, -1)) : pattern === namespace,
  )
}
