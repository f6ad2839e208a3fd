import type { AccessSource, PullCredentials } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import { createExtendedAccess } from './extended-access.ts'

/** The only namespaces for which the configuration's credentials are used for a repository; undefined: all, without more. */
export type AudienceOf = (repository: Repository) => readonly string[] | undefined

/**
 * The access of workloads with the configuration's credentials behind it, where these are for some namespaces and the workload's
 * is one of them. Only for requesters whose namespace is certain.
 */
export function createConfiguredAccess(inner: AccessSource, audienceOf: AudienceOf): AccessSource {
  return createExtendedAccess(inner, ({ namespace }, repository) => {
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
