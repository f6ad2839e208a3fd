import type { Access, AccessSource, PullCredentials } from '../evaluation/index.ts'

/**
 * The access of workloads with a person's credentials behind it, for who looks at a cluster from outside: what the pull secrets
 * do not open, the person may.
 */
export function createPersonalAccess(inner: AccessSource, personal: Access): AccessSource {
  const known = new WeakMap<Access, Access>()
  const behind = createBehind()
  const extended = (access: Access): Access => {
    const after: Access = known.get(access) ?? {
      ...access,
      credentialsFor: repository =>
        behind(access.credentialsFor(repository), personal.credentialsFor(repository)),
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

type Credentials = readonly PullCredentials[]

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
