import { resolve } from 'node:path'
import { ecrHost } from '../../image/index.ts'
import type { RegistrySettings } from '../../registry/index.ts'
import { jsonIn, member } from '../../json/index.ts'
import type { ConfigSurroundings } from '../settings/config.ts'
import { referenceHost } from '../schema/formats.ts'
import { readAuthorities, readingAt, readSecret, type Reading } from './read-secret.ts'
import type { Problem, ProviderKind, RawRegistry, RawSecret, ValidParts } from '../schema/validate.ts'

/** The registries with their secrets and files, and the problems. */
export interface ReadRegistries {
  readonly read: readonly RegistrySettings[]
  readonly problems: readonly Problem[]
}

/** Reads the files and environment variables that registries name. No problem has a secret in it. */
export function readRegistries(
  registries: ValidParts['registries'],
  surroundings: ConfigSurroundings,
): ReadRegistries {
  const problems: Problem[] = []
  const read = registries.flatMap((registry, at) => {
    if (registry === undefined) return []
    const reading = readingAt(`registries[${at}]`, surroundings)
    const settings = readRegistry(registry, reading)
    problems.push(...reading.problems)
    return [settings]
  })
  return { read, problems }
}

function readRegistry(raw: RawRegistry, reading: Reading): RegistrySettings {
  const { host, caFile, limits, tokenFrom, username, passwordFrom, dockerConfigFile, provider, ...rest } = raw
  const ca = readAuthorities(caFile, reading)
  return {
    ...rest,
    host: referenceHost(host) ?? host,
    ...(ca !== undefined && { ca }),
    ...(limits !== undefined && { limits: readLimits(limits) }),
    ...readAccess({ tokenFrom, username, passwordFrom, dockerConfigFile, provider }, reading),
  }
}

type Access = Pick<RegistrySettings, 'apiToken' | 'credentials' | 'dockerConfig' | 'provider'>

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
}: NonNullable<RawRegistry['limits']>): NonNullable<RegistrySettings['limits']> {
  return { ...rest, ...(timeoutSeconds !== undefined && { requestTimeout: timeoutSeconds * 1000 }) }
}

function readCredentials(
  { username, passwordFrom }: RawAccess,
  reading: Reading,
): RegistrySettings['credentials'] {
  const password = readSecret('passwordFrom', passwordFrom, reading)
  return username === undefined || password === undefined ? undefined : { username, password }
}

// A cloud's token opens more than its registries: it must not go to a host that only looks like one of them.
const hosts: Readonly<Record<ProviderKind, { readonly pattern: RegExp; readonly says: string }>> = {
  ecr: { pattern: ecrHost, says: 'ACCOUNT.dkr.ecr.REGION.amazonaws.com' },
  gar: {
    pattern: /^(?:[a-z]+\.)?gcr\.io$|^[a-z0-9-]+-docker\.pkg\.dev$/,
    says: 'gcr.io or LOCATION-docker.pkg.dev',
  },
  acr: { pattern: /^[a-z0-9-]+\.azurecr\.(?:io|cn|us)$/, says: 'NAME.azurecr.io' },
}

/** A cloud provider for a host that is not one of its registries. */
export function checkProvider({ provider, host }: RawRegistry, path: string): readonly Problem[] {
  if (provider === undefined || hosts[provider].pattern.test(referenceHost(host) ?? '')) return []
  return [
    { path: `${path}.provider`, message: `${provider} is for ${hosts[provider].says}, not for ${host}` },
  ]
}

// Reads the environment variables that the clouds' own programs read.
function readProvider(kind: ProviderKind, reading: Reading): RegistrySettings['provider'] {
  switch (kind) {
    case 'ecr':
      return { kind } // the SDK reads the environment itself
    case 'gar':
      return readGar(reading)
    case 'acr':
      return readAcr(reading)
  }
}

function readGar({ path, surroundings, problems, file }: Reading): RegistrySettings['provider'] {
  const { GCE_METADATA_HOST: metadataHost, GOOGLE_APPLICATION_CREDENTIALS: keyFile } =
    surroundings.environment
  const key = keyFile ? file('provider', keyFile) : undefined
  if (key !== undefined && member(jsonIn(key), 'type') !== 'service_account')
    problems.push({
      path: `${path}.provider`,
      message:
        'GOOGLE_APPLICATION_CREDENTIALS names no key of a service account; leave it out in the cluster',
    })
  return { kind: 'gar', ...(metadataHost && { metadataHost }), ...(key !== undefined && { key }) }
}

function readAcr({ path, surroundings, problems }: Reading): RegistrySettings['provider'] {
  const { environment, baseDirectory } = surroundings
  const {
    AZURE_CLIENT_ID: clientId,
    AZURE_TENANT_ID: tenantId,
    AZURE_FEDERATED_TOKEN_FILE: tokenFile,
    AZURE_AUTHORITY_HOST: authority,
  } = environment
  if (!clientId || !tenantId || !tokenFile) {
    const names = {
      AZURE_CLIENT_ID: clientId,
      AZURE_TENANT_ID: tenantId,
      AZURE_FEDERATED_TOKEN_FILE: tokenFile,
    }
    const unset = Object.entries(names).flatMap(([name, value]) => (value ? [] : [name]))
    problems.push({
      path: `${path}.provider`,
      message: `acr needs workload identity: ${unset.join(', ')} ${unset.length === 1 ? 'is' : 'are'} not set`,
    })
    return undefined
  }
  const host = authority && { authorityHost: authority.replace(/\/+$/, '') }
  return { kind: 'acr', clientId, tenantId, tokenFile: resolve(baseDirectory, tokenFile), ...host }
}
