import { ecrHost } from '../../image/index.ts'
import { isJsonObject } from '../../json/index.ts'
import type { Token } from '../auth/token-server.ts'
import { invalidResponse, RegistryError } from '../response/registry-error.ts'
import type { RegistryResponse } from '../response/response.ts'
import type { Registry } from '../settings/registry.ts'
import type { CredentialProvider } from '../settings/settings.ts'
import {
  checkCloudStatus,
  cloudHost,
  heldCredentials,
  noCredentials,
  type CloudParts,
} from './cloud-token.ts'

/** Loads Amazon's SDK, which is not a dependency because few users need its 18 MB. */
export type LoadSdk = () => Promise<unknown>

const sdkName = '@aws-sdk/client-ecr'

/**
 * Credentials for Amazon's Elastic Container Registry, by its SDK, which finds the role of the process (IRSA, Pod Identity, the
 * node) by itself. What the SDK asks of ECR goes our way out; where it gets its own credentials it asks by itself.
 */
export function createEcrProvider(
  registry: Registry,
  parts: CloudParts,
  loadSdk: LoadSdk = () => import(sdkName),
): CredentialProvider {
  const handler = createHandler(registry, parts)
  return heldCredentials({ username: 'AWS', now: parts.now }, async signal => {
    const { ECRClient, GetAuthorizationTokenCommand } = await loaded(loadSdk)
    const client = new ECRClient({
      region: regionOf(registry.host),
      useFipsEndpoint: registry.host.includes('ecr-fips'),
      maxAttempts: 1, // what may be tried again is, on our way out
      requestHandler: handler,
    })
    try {
      const response = await client.send(new GetAuthorizationTokenCommand({}), { abortSignal: signal })
      return readAuthorization(response, parts.now())
    } catch (error) {
      signal.throwIfAborted()
      throw ecrError(error)
    } finally {
      client.destroy()
    }
  })
}

interface EcrSdk {
  readonly ECRClient: new (options: object) => {
    send(command: unknown, options: { readonly abortSignal: AbortSignal }): Promise<unknown>
    destroy(): void
  }
  readonly GetAuthorizationTokenCommand: new (input: object) => unknown
}

async function loaded(loadSdk: LoadSdk): Promise<EcrSdk> {
  const next = `npm install ${sdkName} beside patchline, or use a docker configuration file for this registry`
  const sdk = await loadSdk().catch(() => undefined)
  if (sdk === undefined) throw noCredentials(`the package ${sdkName} is not installed`, next)
  if (!isEcrSdk(sdk)) throw noCredentials(`the package ${sdkName} is not what it was`, next)
  return sdk
}

function isEcrSdk(sdk: unknown): sdk is EcrSdk {
  const classes = isJsonObject(sdk) ? [sdk['ECRClient'], sdk['GetAuthorizationTokenCommand']] : [undefined]
  return classes.every(each => typeof each === 'function')
}

function regionOf(host: string): string {
  const region = ecrHost.exec(host)?.[1]
  if (region !== undefined) return region
  throw noCredentials(`${host} names no region`, 'use provider ecr for ACCOUNT.dkr.ecr.REGION.amazonaws.com')
}

/** A request as the SDK has it. */
interface SdkRequest {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

interface SdkHandler {
  handle(
    request: SdkRequest,
    options?: { readonly abortSignal?: unknown },
  ): Promise<{ readonly response: object }>
  destroy(): void
}

// Names of Amazon's that only Amazon gives out: a region is text of the host, and the SDK may be told of other endpoints.
const amazonHosts = /^[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)$/

/** Lets the SDK ask by our way out: its limits, its proxy, its checked addresses. */
function createHandler({ proxy }: Registry, { send, maxBytes }: CloudParts): SdkHandler {
  const hosts = new Map<string, Registry>()
  const hostOf = (host: string): Registry => {
    // The endpoint of ECR in a private network has private addresses.
    const known = hosts.get(host) ?? cloudHost({ host, ...(proxy !== undefined && { proxy }) })
    hosts.set(host, known)
    return known
  }
  return {
    destroy() {}, // the connections are ours
    async handle(request, { abortSignal } = {}) {
      const { hostname, path, headers, body } = request
      if (request.protocol !== 'https:' || request.port !== undefined || !amazonHosts.test(hostname))
        throw noCredentials(
          `the SDK asks ${hostname}`,
          'check AWS_ENDPOINT_URL and the configuration of the SDK',
        )
      const { authorization, host: _host, 'content-length': _length, ...others } = headers
      const response = await send(
        {
          registry: hostOf(hostname),
          url: new URL(path, `https://${hostname}`),
          method: request.method === 'POST' ? 'POST' : 'GET',
          headers: others,
          authorization,
          urgency: 'admission',
          maxBytes,
          body: textOf(body),
        },
        abortSignal instanceof AbortSignal ? abortSignal : new AbortController().signal,
      )
      if (response.status >= 500) checkCloudStatus(response, reason => noCredentials(reason, ''))
      return { response: responseOf(response) }
    },
  }
}

// What the SDK signs is what must be sent, byte for byte; of what it has to say here nothing is a stream.
function textOf(body: unknown): string {
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : typeof body === 'string' ? body : ''
}

function responseOf({ status, headers, body }: RegistryResponse): object {
  const single = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ])
  return { statusCode: status, headers: Object.fromEntries(single), body: Uint8Array.from(body) }
}

// Tokens of ECR live for twelve hours.
const tokenLife = 43_200_000

function readAuthorization(response: unknown, now: number): Token {
  const data: unknown = isJsonObject(response) ? response['authorizationData'] : undefined
  const first: unknown = Array.isArray(data) ? data[0] : undefined
  const { authorizationToken: encoded, expiresAt } = isJsonObject(first) ? first : {}
  const text = typeof encoded === 'string' ? Buffer.from(encoded, 'base64').toString() : ''
  if (!/^AWS:[\x21-\x7e]+$/.test(text)) throw invalidResponse('ECR sent no authorization token')
  const expiresIn = expiresAt instanceof Date ? expiresAt.getTime() - now : tokenLife
  return { token: text.slice('AWS:'.length), expiresIn: Math.min(expiresIn, tokenLife) }
}

// The SDK's errors have names; their texts may quote requests.
function ecrError(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error
  const name = error instanceof Error ? error.name : 'Error'
  if (name === 'CredentialsProviderError')
    return noCredentials(
      'AWS has none for this process',
      'give the service account a role (IRSA or EKS Pod Identity) that may ecr:GetAuthorizationToken',
    )
  if (name === 'AccessDeniedException')
    return noCredentials(
      'AWS denies them to this role',
      'let it ecr:GetAuthorizationToken and ecr:ListImages',
    )
  return noCredentials(
    `ECR answered ${/^\w{1,60}$/.test(name) ? name : 'with an error'}`,
    'check the role of this process',
  )
}
