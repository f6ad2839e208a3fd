import type { Access, AccessSource, PullCredentials } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'

type Credentials = readonly PullCredentials[]

/**
 * The access of workloads with further credentials behind its own: what the pull secrets do not open, `more` may. `more` gives
 * the same array for the same credentials.
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

// The same array for the same credentials, as an access has it: what was had with them is remembered by it.
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

/** The only namespaces for which the configuration's credentials are used for a repository; undefined: all, without more. */
export type AudienceOf = (repository: Repository) => readonly string[] | undefined

/**
 * The access of workloads with the configuration's credentials behind it, where these are for some namespaces and the workload's
 * is one of them. Only for requesters whose namespace is certain.
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
