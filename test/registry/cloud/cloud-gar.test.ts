import { createVerify, generateKeyPairSync } from 'node:crypto'

import t, { type Test } from 'tap'

import { createGarProvider } from '../../../src/registry/cloud/cloud-gar.ts'
import type { CloudParts } from '../../../src/registry/cloud/cloud-token.ts'
import {
  diverted,
  startStandIn,
  wayOut,
  type StandIn,
  type StandInAnswer,
} from '../../support/registry/cloud-stand-in.ts'
import { registryOf } from '../../support/registry/broker-fixture.ts'
import { never } from '../../support/registry/registry-fixture.ts'

const registry = registryOf({ host: 'europe-docker.pkg.dev' })

function partsOf(t: Test, clock = { now: 0 }): CloudParts {
  return { send: wayOut(t), now: () => clock.now, maxBytes: 65_536 }
}

// What cloud.google.com/compute/docs/metadata says: the header is wanted and given back.
function metadataServer(t: Test, expiresIn = 3600): Promise<StandIn> {
  let given = 0
  return startStandIn(t, ({ path, headers }): StandInAnswer => {
    if (headers['metadata-flavor'] !== 'Google')
      return { status: 403, body: 'Missing Metadata-Flavor:Google header.' }
    if (path !== '/computeMetadata/v1/instance/service-accounts/default/token') return { status: 404 }
    return {
      headers: { 'metadata-flavor': 'Google' },
      body: { access_token: `ya29.${++given}`, expires_in: expiresIn, token_type: 'Bearer' },
    }
  })
}

t.test('a token of the metadata server, held until shortly before it expires', async t => {
  const server = await metadataServer(t)
  const clock = { now: 0 }
  const provider = createGarProvider({ kind: 'gar', metadataHost: server.host }, registry, partsOf(t, clock))
  t.same(await Promise.all([provider.credentials(never), provider.credentials(never)]), [
    { username: 'oauth2accesstoken', password: 'ya29.1' },
    { username: 'oauth2accesstoken', password: 'ya29.1' },
  ])
  clock.now = 3_500_000
  t.match(await provider.credentials(never), { password: 'ya29.1' })
  clock.now = 3_541_000
  t.match(await provider.credentials(never), { password: 'ya29.2' })
  t.equal(server.requests.length, 2)
})

t.test('the metadata server is asked by its address', async t => {
  const server = await metadataServer(t)
  const diversion = diverted(wayOut(t), { 'http://169.254.169.254': server.origin })
  for (const metadataHost of [undefined, 'metadata.google.internal']) {
    const settings = { kind: 'gar', ...(metadataHost !== undefined && { metadataHost }) } as const
    const provider = createGarProvider(settings, registry, {
      send: diversion.send,
      now: Date.now,
      maxBytes: 65_536,
    })
    t.match(await provider.credentials(never), { username: 'oauth2accesstoken' })
  }
  t.match(diversion.meant[0], {
    url: new URL('http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token'),
    registry: { addresses: 'named', origin: 'http://169.254.169.254' },
  })
})

t.test('what the metadata server says besides', async t => {
  const next =
    'bind the service account of the pod to one of Google that has the role Artifact Registry Reader'
  const flavor = { 'metadata-flavor': 'Google' }
  const rows: readonly (readonly [StandInAnswer, object])[] = [
    [
      { status: 404, headers: flavor },
      { code: 'unauthorized', message: 'there are no credentials: the metadata server answered 404', next },
    ],
    [
      { status: 403, body: { error: 'access_denied', secret: 'hunter2' } },
      {
        code: 'unauthorized',
        message: 'there are no credentials: the metadata server answered 403 access_denied',
        next,
      },
    ],
    [
      { body: { access_token: 'x', expires_in: 1 } },
      {
        code: 'unauthorized',
        message: /^there are no credentials: the server at http:.* is not a metadata server$/,
      },
    ],
    [
      { headers: flavor, body: { token: 'x' } },
      { code: 'invalid-answer', message: /sent no access_token$/ },
    ],
    [
      { headers: flavor, body: { access_token: 'a\nb' } },
      { code: 'invalid-answer', message: /sent no access_token$/ },
    ],
    [{ headers: flavor, body: '<html>' }, { code: 'invalid-answer' }],
    [{ status: 503 }, { code: 'unavailable', message: /^there are no credentials: .* answered 503$/ }],
  ]
  for (const [answer, error] of rows) {
    const server = await startStandIn(t, () => answer)
    const provider = createGarProvider({ kind: 'gar', metadataHost: server.host }, registry, partsOf(t))
    await t.rejects(provider.credentials(never), { name: 'RegistryError', ...error }, JSON.stringify(answer))
  }
})

t.test('a fault is not held', async t => {
  const server = await metadataServer(t)
  const provider = createGarProvider({ kind: 'gar', metadataHost: server.host }, registry, partsOf(t))
  server.misbehave(() => ({ status: 404 }))
  await t.rejects(provider.credentials(never))
  server.misbehave(undefined)
  t.match(await provider.credentials(never), { password: 'ya29.1' })
})

t.test('a token by the key of a service account', async t => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const key = JSON.stringify({
    type: 'service_account',
    client_email: 'reader@project.iam.gserviceaccount.com',
    private_key_id: 'abc',
    private_key: pem,
    token_uri: 'https://evil.example/token',
  })
  const server = await startStandIn(t, ({ body, headers }) => {
    const form = new URLSearchParams(body)
    const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.')
    const verified = createVerify('RSA-SHA256')
      .update(`${header}.${claims}`)
      .verify(publicKey, signature, 'base64url')
    if (!verified || headers['content-type'] !== 'application/x-www-form-urlencoded')
      return { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } }
    t.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    t.same(JSON.parse(Buffer.from(header, 'base64url').toString()), { alg: 'RS256', typ: 'JWT', kid: 'abc' })
    t.same(JSON.parse(Buffer.from(claims, 'base64url').toString()), {
      iss: 'reader@project.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/cloud-platform.read-only',
      aud: 'https://oauth2.googleapis.com/token',
      iat: 1_700_000_000,
      exp: 1_700_003_600,
    })
    return { body: { access_token: 'ya29.key', expires_in: 3599, token_type: 'Bearer' } }
  })
  const diversion = diverted(wayOut(t), { 'https://oauth2.googleapis.com': server.origin })
  const parts = { send: diversion.send, now: () => 1_700_000_000_000, maxBytes: 65_536 }
  const provider = createGarProvider({ kind: 'gar', key }, registry, parts)
  t.same(await provider.credentials(never), { username: 'oauth2accesstoken', password: 'ya29.key' })
  t.match(diversion.meant[0]?.registry, { addresses: 'public', insecure: false })

  server.misbehave(() => ({ status: 400, body: { error: 'invalid_grant' } }))
  await t.rejects(createGarProvider({ kind: 'gar', key }, registry, parts).credentials(never), {
    code: 'unauthorized',
    message:
      'there are no credentials: Google answered 400 invalid_grant to the key of reader@project.iam.gserviceaccount.com',
    next: 'check that the key still exists, and the clock of this machine',
  })
})

t.test('keys that are none, and stay secret', async t => {
  const rows: readonly (readonly [string, string])[] = [
    ['{"private_key": "hunter2"', 'there are no credentials: the service account key is not valid'],
    ['{"private_key": "hunter2"}', 'there are no credentials: the service account key is not valid'],
    [
      '{"client_email": "a", "private_key_id": "b", "private_key": "hunter2"}',
      'there are no credentials: the service account key cannot sign',
    ],
  ]
  for (const [key, message] of rows) {
    const made = async (): Promise<unknown> =>
      createGarProvider({ kind: 'gar', key }, registry, partsOf(t)).credentials(never)
    const error = await made().catch((error: unknown) => error)
    t.match(error, { name: 'RegistryError', message })
    t.equal(error instanceof Error ? error.cause : '', undefined)
  }
})
