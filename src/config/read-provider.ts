import { resolve } from 'node:path'

import { ecrHost } from '../image/index.ts'
import type { ConfiguredProvider, ConfigSurroundings, ProviderKind } from './config.ts'
import { referenceHost } from './formats.ts'
import type { Problem, RawRegistry } from './validate.ts'

// A token of a cloud is good for more than its registries: it must not go to a host that only looks like one of them.
const hosts: Readonly<Record<ProviderKind, { readonly pattern: RegExp; readonly says: string }>> = {
  ecr: { pattern: ecrHost, says: 'ACCOUNT.dkr.ecr.REGION.amazonaws.com' },
  gar: {
    pattern: /^(?:[a-z]+\.)?gcr\.io$|^[a-z0-9-]+-docker\.pkg\.dev$/,
    says: 'gcr.io or LOCATION-docker.pkg.dev',
  },
  acr: { pattern: /^[a-z0-9-]+\.azurecr\.(?:io|cn|us)$/, says: 'NAME.azurecr.io' },
}

/** What is wrong with the host of a registry whose credentials a cloud gives out. */
export function checkProvider({ provider, host }: RawRegistry, path: string): readonly Problem[] {
  if (provider === undefined || hosts[provider].pattern.test(referenceHost(host) ?? '')) return []
  return [
    { path: `${path}.provider`, message: `${provider} is for ${hosts[provider].says}, not for ${host}` },
  ]
}

interface Reading {
  readonly path: string
  readonly surroundings: ConfigSurroundings
  readonly problems: Problem[]
  readonly file: (key: string, name: string) => string | undefined
}

/** A provider with what the environment says about it: the same variables that the clouds' own programs read. */
export function readProvider(kind: ProviderKind, reading: Reading): ConfiguredProvider | undefined {
  switch (kind) {
    case 'ecr':
      return { kind } // the SDK reads the environment itself
    case 'gar':
      return readGar(reading)
    case 'acr':
      return readAcr(reading)
  }
}

function readGar({ path, surroundings, problems, file }: Reading): ConfiguredProvider {
  const { GCE_METADATA_HOST: metadataHost, GOOGLE_APPLICATION_CREDENTIALS: keyFile } =
    surroundings.environment
  const key = keyFile ? file('provider', keyFile) : undefined
  if (key !== undefined && !isServiceAccountKey(key))
    problems.push({
      path: `${path}.provider`,
      message:
        'GOOGLE_APPLICATION_CREDENTIALS names no key of a service account; leave it out in the cluster',
    })
  return { kind: 'gar', ...(metadataHost && { metadataHost }), ...(key !== undefined && { key }) }
}

function isServiceAccountKey(text: string): boolean {
  try {
    const key: unknown = JSON.parse(text)
    return typeof key === 'object' && key !== null && 'type' in key && key.type === 'service_account'
  } catch {
    return false
  }
}

function readAcr({ path, surroundings, problems }: Reading): ConfiguredProvider | undefined {
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
