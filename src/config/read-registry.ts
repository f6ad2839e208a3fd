import { resolve } from 'node:path'
import type { ConfiguredRegistry, ConfigSurroundings, ProviderKind } from './config.ts'
import { referenceHost } from './formats.ts'
import { readProvider } from './read-provider.ts'
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

interface Reading extends Place {
  readonly problems: Problem[]
  /** The text of a file that a key names; undefined where it cannot be read, which is a problem then. */
  readonly file: (key: string, name: string) => string | undefined
}

/** Reads the files and the environment that a registry names. No secret goes into a problem. */
export function readRegistry(raw: RawRegistry, { path, surroundings }: Place): ReadRegistry {
  const problems: Problem[] = []
  const file = (key: string, name: string): string | undefined => {
    try {
      return surroundings.readFile(resolve(surroundings.baseDirectory, name))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      problems.push({ path: `${path}.${key}`, message: `cannot be read: ${why}` })
      return undefined
    }
  }
  const reading = { path, surroundings, problems, file }
  const { host, caFile, limits, tokenFrom, username, passwordFrom, dockerConfigFile, provider, ...rest } = raw
  const ca = readAuthorities(caFile, reading)
  const registry = {
    ...rest,
    host: referenceHost(host) ?? host,
    ...(ca !== undefined && { ca }),
    ...(limits !== undefined && { limits: readLimits(limits) }),
    ...readAccess({ tokenFrom, username, passwordFrom, dockerConfigFile, provider }, reading),
  }
  return { registry, problems }
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

function readAuthorities(caFile: string | undefined, { path, problems, file }: Reading): string | undefined {
  const ca = caFile === undefined ? undefined : file('caFile', caFile)
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----'))
    problems.push({ path: `${path}.caFile`, message: 'holds no PEM certificate' })
  return ca
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

function readSecret(key: string, from: RawSecret | undefined, reading: Reading): string | undefined {
  if (from === undefined) return undefined
  const { path, surroundings, problems, file } = reading
  if (from.file !== undefined) {
    // A file made by an editor or by echo ends in a line break that is no part of the secret.
    const secret = file(`${key}.file`, from.file)?.replace(/\r?\n$/, '')
    if (secret === '') problems.push({ path: `${path}.${key}.file`, message: 'is an empty file' })
    return secret
  }
  const name = from.environment ?? ''
  const secret = surroundings.environment[name]
  if (secret) return secret
  const what = secret === undefined ? 'is not set' : 'is empty'
  problems.push({ path: `${path}.${key}.environment`, message: `environment variable ${name} ${what}` })
  return undefined
}
