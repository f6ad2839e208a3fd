import type { ConfiguredRegistry, ConfigSurroundings, ProviderKind } from './config.ts'
import { referenceHost } from './formats.ts'
import { readProvider } from './read-provider.ts'
import { readAuthorities, readingAt, readSecret, type Reading } from './read-secret.ts'
import type { Problem, RawRegistry, RawSecret } from './validate.ts'

/** A registry with its secrets and files read, and what went wrong on the way. */
export interface ReadRegistry {
  readonly registry: ConfiguredRegistry
  readonly problems: readonly Problem[]
}

interface Place {
  readonly path: string
  readonly surroundings: ConfigSurroundings
}

/** Reads the files and the environment that a registry names. No secret goes into a problem. */
export function readRegistry(raw: RawRegistry, { path, surroundings }: Place): ReadRegistry {
  const reading = readingAt(path, surroundings)
  const { host, caFile, limits, tokenFrom, username, passwordFrom, dockerConfigFile, provider, ...rest } = raw
  const ca = readAuthorities(caFile, reading)
  const registry = {
    ...rest,
    host: referenceHost(host) ?? host,
    ...(ca !== undefined && { ca }),
    ...(limits !== undefined && { limits: readLimits(limits) }),
    ...readAccess({ tokenFrom, username, passwordFrom, dockerConfigFile, provider }, reading),
  }
  return { registry, problems: reading.problems }
}

type Access = Pick<ConfiguredRegistry, 'apiToken' | 'credentials' | 'dockerConfig' | 'provider'>

interface RawAccess {
  readonly tokenFrom: RawSecret | undefined
  readonly username: string | undefined
  readonly passwordFrom: RawSecret | undefined
  readonly dockerConfigFile: string | undefined
  readonly provider: ProviderKind | undefined
}

function readAccess(raw: RawAccess, reading: Reading): Access {
  const apiToken = readSecret('tokenFrom', raw.tokenFrom, reading)
  const credentials = readCredentials(raw, reading)
  const { dockerConfigFile, provider: kind } = raw
  const dockerConfig =
    dockerConfigFile === undefined ? undefined : reading.file('dockerConfigFile', dockerConfigFile)
  const provider = kind === undefined ? undefined : readProvider(kind, reading)
  return {
    ...(apiToken !== undefined && { apiToken }),
    ...(credentials !== undefined && { credentials }),
    ...(dockerConfig !== undefined && { dockerConfig }),
    ...(provider !== undefined && { provider }),
  }
}

function readLimits({
  timeoutSeconds,
  ...rest
}: NonNullable<RawRegistry['limits']>): NonNullable<ConfiguredRegistry['limits']> {
  return { ...rest, ...(timeoutSeconds !== undefined && { requestTimeout: timeoutSeconds * 1000 }) }
}

function readCredentials(
  { username, passwordFrom }: RawAccess,
  reading: Reading,
): ConfiguredRegistry['credentials'] {
  const password = readSecret('passwordFrom', passwordFrom, reading)
  return username === undefined || password === undefined ? undefined : { username, password }
}
