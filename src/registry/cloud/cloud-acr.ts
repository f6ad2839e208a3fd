import { readFile } from 'node:fs/promises'

import type { Registry } from '../settings/registry.ts'
import type { CredentialProvider, ProviderSettings } from '../settings/settings.ts'
import {
  checkCloudStatus,
  cloudHost,
  heldCredentials,
  noCredentials,
  sendToCloud,
  tokenOf,
  type CloudParts,
} from './cloud-token.ts'

type AcrSettings = Extract<ProviderSettings, { kind: 'acr' }>

// The name under which Azure's registries take a refresh token for a password (azure.github.io/acr/AAD-OAuth.html).
const username = '00000000-0000-0000-0000-000000000000'
const publicAuthority = 'https://login.microsoftonline.com'
// "Valid for 3 hours" where the token itself does not say; half of it, for then it is asked for anew.
const tokenLife = 5_400_000

/**
 * Credentials for Azure Container Registry by workload identity: the pod's projected token is exchanged for one of Entra ID,
 * and that at the registry for a refresh token.
 */
export function createAcrProvider(
  settings: AcrSettings,
  registry: Registry,
  parts: CloudParts,
): CredentialProvider {
  const authority = authorityOf(settings, registry)
  return heldCredentials({ username, now: parts.now }, async signal => {
    const access_token = await accessToken(settings, { authority, parts }, signal)
    const form = {
      grant_type: 'access_token',
      service: registry.host,
      tenant: settings.tenantId,
      access_token,
    }
    const response = await sendToCloud(parts, { registry, path: '/oauth2/exchange', form }, signal)
    checkCloudStatus(response, reason =>
      noCredentials(
        `${registry.host} answered ${reason} to the token of ${settings.clientId}`,
        'give that identity the role AcrPull on the registry',
      ),
    )
    return tokenOf(response, 'refresh_token', tokenLife)
  })
}

async function accessToken(
  { clientId, tenantId, tokenFile }: AcrSettings,
  { authority, parts }: { readonly authority: Registry; readonly parts: CloudParts },
  signal: AbortSignal,
): Promise<string> {
  const form = {
    client_id: clientId,
    grant_type: 'client_credentials',
    scope: 'https://containerregistry.azure.net/.default',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await projectedToken(tokenFile),
  }
  const path = `/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`
  const response = await sendToCloud(parts, { registry: authority, path, form }, signal)
  checkCloudStatus(response, reason =>
    noCredentials(
      `${response.url.host} answered ${reason} to the service account's token`,
      `check the federated credential of ${clientId}: its issuer, and namespace and name of the service account`,
    ),
  )
  return tokenOf(response, 'access_token', tokenLife).token
}

async function projectedToken(path: string): Promise<string> {
  const next = 'check that the pod is labelled azure.workload.identity/use: "true"'
  try {
    const token = (await readFile(path, 'utf8')).trim()
    if (token !== '') return token
  } catch {
    throw noCredentials(`${path} cannot be read`, next)
  }
  throw noCredentials(`${path} is empty`, next)
}

// A cloud of its own has an authority of its own, which a person has named; it may only be plain http where the registry is.
function authorityOf(
  { authorityHost = publicAuthority }: AcrSettings,
  { insecure, proxy }: Registry,
): Registry {
  const addresses = authorityHost === publicAuthority ? 'public' : 'named'
  return cloudHost({
    host: URL.parse(authorityHost)?.host ?? authorityHost,
    endpoint: authorityHost,
    insecure,
    addresses,
    ...(proxy !== undefined && { proxy }),
  })
}
