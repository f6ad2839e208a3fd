import type { Access, AccessSource, PullCredentials } from '../evaluation/index.ts'
import type { Repository } from '../image/index.ts'

/** The only namespaces for which the configuration's credentials are used for a repository; undefined: all, without more. */
export type AudienceOf = (repository: Repository) => readonly string[] | undefined

/**
 * The access of workloads with the configuration's credentials behind it, where these are for some namespaces and the workload's
 * is one of them. Only for requesters whose namespace is certain.
 */
export function createConfiguredAccess(inner: AccessSource, audienceOf: AudienceOf): AccessSource {
  const known = new WeakMap<Access, Access>()
  const behind = createBehind()
  const extended = (access: Access): Access => {
    const before = known.get(access)
    if (before !== undefined) return before
    const after: Access = {
      ...access,
      credentialsFor(repository) {
        const own = access.credentialsFor(repository)
        const audience = audienceOf(repository)
        return audience !== undefined && isAmong(access.namespace, audience) ? behind(own) : own
      },
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

const configured: PullCredentials = {
  username: '',
  password: '',
  origin: 'the configured credentials',
  configured: true,
}
const alone: readonly PullCredentials[] = [configured]

// The same array for the same credentials, as an access has it; without any, one for all namespaces.
function createBehind(): (own: readonly PullCredentials[]) => readonly PullCredentials[] {
  const known = new WeakMap<readonly PullCredentials[], readonly PullCredentials[]>()
  return own => {
    if (own.length === 0) return alone
    const both = known.get(own) ?? [...own, configured]
    known.set(own, both)
    return both
  }
}

// `team-*` is every name that begins so.
function isAmong(namespace: string, patterns: readonly string[]): boolean {
  return patterns.some(pattern =>
    pattern.endsWith('*') ? namespace.startsWith(pattern.slice(0, -1)) : pattern === namespace,
  )
}
