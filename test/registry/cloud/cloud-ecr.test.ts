import t from 'tap'
import type { Test } from 'tap'

import { createEcrProvider, type LoadSdk } from '../../../src/registry/cloud/cloud-ecr.ts'
import { createCloudProviders } from '../../../src/registry/cloud/cloud-provider.ts'
import type { CloudParts } from '../../../src/registry/cloud/cloud-token.ts'
import type { CredentialProvider } from '../../../src/registry/settings/settings.ts'
import { diverted, startStandIn, wayOut, type StandIn } from '../../support/registry/cloud-stand-in.ts'
import { registryOf } from '../../support/registry/broker-fixture.ts'
import { never } from '../../support/registry/registry-fixture.ts'

const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const endpoint = 'https://api.ecr.eu-west-1.amazonaws.com'

interface SdkOptions {
  readonly region: string
  readonly useFipsEndpoint: boolean
  readonly requestHandler: {
    handle(request: object, options: object): Promise<{ response: { statusCode: number; body: Uint8Array } }>
  }
}

interface FakeSdk {
  readonly load: LoadSdk
  readonly clients: SdkOptions[]
  destroyed: number
}

// Asks as the SDK does (its own tests with the real one are of no use here: it is not installed).
function fakeSdk(request: object = {}): FakeSdk {
  const sdk: FakeSdk = { load, clients: [], destroyed: 0 }
  class GetAuthorizationTokenCommand {
    readonly input = {}
  }
  class ECRClient {
    readonly #options: SdkOptions
    constructor(options: SdkOptions) {
      this.#options = options
      sdk.clients.push(options)
    }
    async send(_command: unknown, { abortSignal }: { abortSignal: AbortSignal }): Promise<unknown> {
      const sent = {
        protocol: 'https:',
        hostname: `api.ecr.${this.#options.region}.amazonaws.com`,
        path: '/',
        method: 'POST',
        headers: {
          host: 'x',
          'content-length': '2',
          authorization: 'AWS4-HMAC-SHA256 signed',
          'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
          'content-type': 'application/x-amz-json-1.1',
        },
        body: Buffer.from('{}'),
        ...request,
      }
      const { response } = await this.#options.requestHandler.handle(sent, { abortSignal })
      const body = JSON.parse(Buffer.from(response.body).toString())
      if (response.statusCode === 200)
        return {
          authorizationData: body.authorizationData?.map((each: { expiresAt: number }) => ({
            ...each,
            expiresAt: new Date(each.expiresAt * 1000),
          })),
        }
      throw Object.assign(new Error('hunter2'), { name: body['__type'] })
    }
    destroy(): void {
      sdk.destroyed++
    }
  }
  async function load(): Promise<unknown> {
    return { ECRClient, GetAuthorizationTokenCommand }
  }
  return sdk
}

const expiresAt = 43_200

function ecr(t: Test): Promise<StandIn> {
  let given = 0
  return startStandIn(t, ({ headers, body }) => {
    if (
      headers['x-amz-target'] !== 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken' ||
      body !== '{}'
    )
      return { status: 400, body: { __type: 'UnknownOperationException' } }
    const authorizationToken = Buffer.from(`AWS:password-${++given}`).toString('base64')
    return {
      body: { authorizationData: [{ authorizationToken, expiresAt, proxyEndpoint: `https://${host}` }] },
    }
  })
}

function partsOf(t: Test, server: StandIn, clock = { now: 0 }): CloudParts & ReturnType<typeof diverted> {
  return {
    ...diverted(wayOut(t), { [endpoint]: server.origin }),
    now: () => clock.now,
    maxBytes: 65_536,
  }
}

t.test('a token for the region of the host, held for its twelve hours', async t => {
  const server = await ecr(t)
  const clock = { now: 0 }
  const sdk = fakeSdk()
  const parts = partsOf(t, server, clock)
  const provider = createEcrProvider(registryOf({ host }), parts, sdk.load)
  t.same(await provider.credentials(never), { username: 'AWS', password: 'password-1' })
  clock.now = 43_000_000
  t.match(await provider.credentials(never), { password: 'password-1' })
  clock.now = 43_150_000
  t.match(await provider.credentials(never), { password: 'password-2' })
  t.match(sdk.clients[0], { region: 'eu-west-1', useFipsEndpoint: false })
  t.equal(sdk.destroyed, 2)
  t.match(parts.meant[0], {
    authorization: 'AWS4-HMAC-SHA256 signed',
    registry: { addresses: 'named' },
  })
  t.match(server.requests[0]?.headers, { host: server.host, authorization: 'AWS4-HMAC-SHA256 signed' })
  t.equal(parts.meant[0]?.registry, parts.meant[1]?.registry, 'connections are kept')
})

t.test('which region', async t => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1', false],
    ['123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1', true],
    ['123456789012.dkr-ecr.eu-central-1.on.aws', 'eu-central-1', false],
  ]
  for (const [host, region, useFipsEndpoint] of rows) {
    const sdk = fakeSdk({ hostname: 'api.ecr.eu-west-1.amazonaws.com' })
    const provider = createEcrProvider(registryOf({ host }), partsOf(t, await ecr(t)), sdk.load)
    await provider.credentials(never)
    t.match(sdk.clients[0], { region, useFipsEndpoint }, host)
  }
})

async function messageOf(provider: CredentialProvider): Promise<unknown> {
  return provider.credentials(never).then(
    () => 'credentials',
    (error: unknown) =>
      error instanceof Error ? `${error.name}: ${error.message}; ${Object(error)['next']}` : error,
  )
}

t.test('what goes wrong says what to do', async t => {
  const server = await ecr(t)
  const registry = registryOf({ host })
  const role = 'give the service account a role (IRSA or EKS Pod Identity) that may ecr:GetAuthorizationToken'
  const rows: readonly (readonly [string, string])[] = [
    ['CredentialsProviderError', `AWS has none for this process; ${role}`],
    [
      'AccessDeniedException',
      'AWS denies them to this role; let it ecr:GetAuthorizationToken and ecr:ListImages',
    ],
    ['ServerException', 'ECR answered ServerException; check the role of this process'],
    ['hunter 2\n', 'ECR answered with an error; check the role of this process'],
  ]
  for (const [__type, text] of rows) {
    server.misbehave(() => ({ status: 400, body: { __type } }))
    const provider = createEcrProvider(registry, partsOf(t, server), fakeSdk().load)
    t.equal(await messageOf(provider), `RegistryError: there are no credentials: ${text}`)
  }
  server.misbehave(() => ({ status: 503 }))
  const away = createEcrProvider(registry, partsOf(t, server), fakeSdk().load)
  await t.rejects(away.credentials(never), { code: 'unavailable', message: /answered 503$/ })
  const answers: readonly object[] = [
    {},
    { authorizationData: [] },
    { authorizationData: [{ authorizationToken: 'eA==' }] },
  ]
  for (const body of answers) {
    server.misbehave(() => ({ body }))
    const provider = createEcrProvider(registry, partsOf(t, server), fakeSdk().load)
    t.match(await messageOf(provider), /^RegistryError: ECR sent no authorization token/)
  }
  const elsewhere = createEcrProvider(registryOf({ host: 'a.example' }), partsOf(t, server), fakeSdk().load)
  t.match(await messageOf(elsewhere), /a\.example names no region/)
})

t.test('the SDK reaches Amazon and nobody else by our way out', async t => {
  const server = await ecr(t)
  const requests: readonly object[] = [
    { hostname: 'evil.example', body: '{}' },
    { hostname: 'api.ecr.eu-west-1.amazonaws.com.evil.example' },
    { hostname: '169.254.169.254', protocol: 'http:' },
    { protocol: 'http:' },
    { port: 8443 },
  ]
  for (const request of requests) {
    const parts = partsOf(t, server)
    t.match(
      await messageOf(createEcrProvider(registryOf({ host }), parts, fakeSdk(request).load)),
      /the SDK asks/,
    )
    t.equal(parts.meant.length, 0)
  }
})

t.test('an SDK that is not there, or another one', async t => {
  const parts = partsOf(t, await ecr(t))
  const registry = registryOf({ host })
  const next =
    'npm install @aws-sdk/client-ecr beside patchline, or use a docker configuration file for this registry'
  const missing = `RegistryError: there are no credentials: the package @aws-sdk/client-ecr is not installed; ${next}`
  t.equal(await messageOf(createEcrProvider(registry, parts, () => Promise.reject(new Error('x')))), missing)
  t.equal(await messageOf(createCloudProviders(parts)({ kind: 'ecr' }, registry)), missing, 'as it is here')
  t.match(
    await messageOf(createEcrProvider(registry, parts, async () => ({ ECRClient: 1 }))),
    /is not what it was/,
  )
  t.match(await messageOf(createEcrProvider(registry, parts, async () => 'x')), /is not what it was/)
})

t.test('a cloud is loaded when it is wanted', async t => {
  const server = await startStandIn(t, () => ({
    headers: { 'metadata-flavor': 'Google' },
    body: { access_token: 'x', expires_in: 100 },
  }))
  const make = createCloudProviders({ send: wayOut(t), now: Date.now, maxBytes: 65_536 })
  const gar = make({ kind: 'gar', metadataHost: server.host }, registryOf({ host: 'gcr.io' }))
  t.match(await gar.credentials(never), { password: 'x' })
  const settings = { kind: 'acr', clientId: 'c', tenantId: 't', tokenFile: '/absent' } as const
  await t.rejects(make(settings, registryOf({ host: 'a.azurecr.io' })).credentials(never), {
    message: /cannot be read/,
  })
})

t.test('a stop stops it', async t => {
  const server = await ecr(t)
  const stop = new AbortController()
  server.misbehave(() => {
    stop.abort(new Error('stopped'))
    return { status: 400, body: { __type: 'X' } }
  })
  const provider = createEcrProvider(registryOf({ host }), partsOf(t, server), fakeSdk().load)
  await t.rejects(provider.credentials(stop.signal), { message: 'stopped' })
})
