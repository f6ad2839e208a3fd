import { createHash } from 'node:crypto'

import type { PullCredentials } from '../../evaluation/index.ts'
import { readDockerConfig } from '../credentials/docker-config.ts'
import { createKeyring, type Keyring } from '../credentials/keyring.ts'
import { shown } from '../response/registry-error.ts'
import type { Registry } from '../settings/registry.ts'

/** One identity to ask a registry with, or anonymous. */
export interface Identity {
  /** Undefined: anonymous. */
  readonly credentials: Omit<PullCredentials, 'origin'> | undefined
  /** Tells credentials apart and is no secret; empty for none. */
  readonly account: string
  /** For messages: `pull secret team-a/regcred`. */
  readonly label: string
  /** The credentials of the query, where these are some. */
  readonly given: PullCredentials | undefined
}

/** The identities that one session may try, each once. */
export interface Identities {
  /** @throws what a provider of credentials throws. */
  next(signal: AbortSignal): Promise<Identity | undefined>
}

/** Reads the credentials that the configuration has for a repository. */
export type ConfiguredCredentials = (
  registry: Registry,
  repository: string,
  signal: AbortSignal,
) => Promise<readonly PullCredentials[]>

/** A reader of the configuration's credentials that reads each docker configuration once. */
export function createConfiguredReader(): ConfiguredCredentials {
  const keyrings = new Map<string, Keyring>()
  return async (registry, repository, signal) => {
    const { credentials, provider, dockerConfig } = registry
    const origin = 'the configured credentials'
    if (credentials !== undefined) return [{ ...credentials, origin }]
    if (provider !== undefined) return [{ ...(await provider.credentials(signal)), origin }]
    if (dockerConfig === undefined) return []
    const keyring =
      keyrings.get(dockerConfig) ?? createKeyring(readDockerConfig(dockerConfig, origin).entries)
    keyrings.set(dockerConfig, keyring)
    return keyring({ registry: registry.host, repository })
  }
}

/**
 * Creates the list of identities: those of the query in their order, then the configuration's, or else anonymous. Where the
 * configuration's are only for some namespaces they are used only if the query says so.
 */
export function createIdentities(
  registry: Registry,
  subject: { readonly repository: string; readonly credentials: readonly PullCredentials[] },
  configured: ConfiguredCredentials,
): Identities {
  const own = async (given: PullCredentials | undefined, signal: AbortSignal): Promise<readonly Identity[]> =>
    (await configured(registry, subject.repository, signal)).map(one => identityOf(one, given))
  const stages = [
    ...subject.credentials.map(
      given => async (signal: AbortSignal) =>
        given.configured === true ? own(given, signal) : [identityOf(given, given)],
    ),
    async (signal: AbortSignal) => {
      const more = registry.namespaces === undefined ? await own(undefined, signal) : []
      return more.length === 0 ? [anonymous] : more
    },
  ]
  const waiting: Identity[] = []
  const seen = new Set<string>()
  return {
    async next(signal) {
      for (;;) {
        const identity = waiting.shift()
        const [stage] = stages
        if (identity === undefined && stage === undefined) return undefined
        if (identity === undefined) {
          waiting.push(...((await stage?.(signal)) ?? []))
          stages.shift()
        } else if (!seen.has(identity.account)) {
          seen.add(identity.account)
          return identity
        }
      }
    },
  }
}

/** The name of the budget from which these credentials take. It is a hash, so it reveals no secret. */
export function accountOf({
  username,
  password,
  identityToken,
  registryToken,
}: Omit<PullCredentials, 'origin'>): string {
  const text = JSON.stringify([username, password, identityToken, registryToken])
  return createHash('sha256').update(text).digest('base64url').slice(0, 12)
}

const anonymous: Identity = {
  credentials: undefined,
  account: '',
  label: 'anonymous',
  given: undefined,
}

function identityOf(credentials: PullCredentials, given: PullCredentials | undefined): Identity {
  return { credentials, account: accountOf(credentials), label: shown(credentials.origin), given }
}
