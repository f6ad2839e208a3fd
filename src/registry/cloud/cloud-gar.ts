import { createSign } from 'node:crypto'

import { isJsonObject, jsonIn } from '../../json/index.ts'
import type { Token } from '../auth/token-server.ts'
import { headerOf } from '../response/response.ts'
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

type GarSettings = Extract<ProviderSettings, { kind: 'gar' }>

// The name under which Google's registries take an access token for a password.
const username = 'oauth2accesstoken'
// By its address, as Google's own libraries ask: a name could be made to lead elsewhere.
const metadataAddress = '169.254.169.254'
const metadataName = 'metadata.google.internal'
// "expires_in" is always there; were it not, a token lives an hour.
const tokenLife = 3_600_000

/**
 * Credentials for Artifact Registry and Container Registry: the access token of a service account, by its key, else from the
 * metadata server of the node (Workload Identity answers there for the pod's own account).
 */
export function createGarProvider(
  settings: GarSettings,
  registry: Registry,
  parts: CloudParts,
): CredentialProvider {
  const { key } = settings
  const requestToken = key === undefined ? fromMetadata(settings, parts) : fromKey(key, registry, parts)
  return heldCredentials({ username, now: parts.now }, requestToken)
}

type RequestToken = (signal: AbortSignal) => Promise<Token>

function fromMetadata({ metadataHost = metadataName }: GarSettings, parts: CloudParts): RequestToken {
  const host = metadataHost === metadataName ? metadataAddress : metadataHost
  const registry = cloudHost({ host, insecure: true })
  const path = '/computeMetadata/v1/instance/service-accounts/default/token'
  return async signal => {
    const response = await sendToCloud(
      parts,
      { registry, path, headers: { 'metadata-flavor': 'Google' } },
      signal,
    )
    checkCloudStatus(response, reason =>
      noCredentials(
        `the metadata server answered ${reason}`,
        'bind the service account of the pod to one of Google that has the role Artifact Registry Reader',
      ),
    )
    // Whatever else answers at the address would be asked for nothing, but must not be believed either.
    if (headerOf(response, 'metadata-flavor') !== 'Google')
      throw noCredentials(
        `the server at ${registry.origin} is not a metadata server`,
        'check GCE_METADATA_HOST',
      )
    return tokenOf(response, 'access_token', tokenLife)
  }
}

const tokenOrigin = 'https://oauth2.googleapis.com'
const scope = 'https://www.googleapis.com/auth/cloud-platform.read-only'

function fromKey(text: string, { proxy }: Registry, parts: CloudParts): RequestToken {
  const key = readKey(text)
  const registry = cloudHost({
    host: 'oauth2.googleapis.com',
    addresses: 'public',
    ...(proxy !== undefined && { proxy }),
  })
  return async signal => {
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: assertionOf(key, Math.floor(parts.now() / 1000)),
    }
    const response = await sendToCloud(parts, { registry, path: '/token', form }, signal)
    checkCloudStatus(response, reason =>
      noCredentials(
        `Google answered ${reason} to the key of ${key.email}`,
        'check that the key still exists, and the clock of this machine',
      ),
    )
    return tokenOf(response, 'access_token', tokenLife)
  }
}

interface ServiceAccountKey {
  readonly email: string
  readonly id: string
  readonly pem: string
}

function readKey(text: string): ServiceAccountKey {
  const key = jsonIn(text)
  const { client_email: email, private_key_id: id, private_key: pem } = isJsonObject(key) ? key : {}
  if (typeof email === 'string' && typeof id === 'string' && typeof pem === 'string')
    return { email, id, pem }
  throw noCredentials(
    'the service account key is not valid',
    'create a new key, and set GOOGLE_APPLICATION_CREDENTIALS to its file',
  )
}

// RFC 7523; an hour is the longest that Google takes.
function assertionOf({ email, id, pem }: ServiceAccountKey, seconds: number): string {
  const header = encoded({ alg: 'RS256', typ: 'JWT', kid: id })
  const claims = { iss: email, scope, aud: `${tokenOrigin}/token`, iat: seconds, exp: seconds + 3600 }
  const unsigned = `${header}.${encoded(claims)}`
  try {
    return `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(pem, 'base64url')}`
  } catch {
    throw noCredentials('the service account key cannot sign', 'create a new key')
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
