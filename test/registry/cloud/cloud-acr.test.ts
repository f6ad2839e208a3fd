import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import t from 'tap'
import type { Test } from 'tap'

import { createAcrProvider } from '../../../src/registry/cloud/cloud-acr.ts'
import type { CredentialProvider } from '../../../src/registry/settings/settings.ts'
import {
  diverted,
  startStandIn,
  wayOut,
  type StandIn,
  type StandInAnswer,
} from '../../support/registry/cloud-stand-in.ts'
import { registryOf } from '../../support/registry/broker-fixture.ts'
import { never } from '../../support/registry/registry-fixture.ts'

const hour = 3_600

interface Azure {
  readonly authority: StandIn
  readonly registry: StandIn
  readonly tokenFile: string
  readonly clock: { now: number }
  readonly provider: CredentialProvider
}

// learn.microsoft.com/entra (client credentials with a federated credential) and azure.github.io/acr/AAD-OAuth.html
async function startAzure(t: Test): Promise<Azure> {
  const tokenFile = join(t.testdir({ token: 'projected-1\n' }), 'token')
  const authority = await startStandIn(t, ({ path, body, method }): StandInAnswer => {
    const form = Object.fromEntries(new URLSearchParams(body))
    const isKnown =
      method === 'POST' && path === '/tenant/oauth2/v2.0/token' && form['client_id'] === 'client'
    if (!isKnown || form['grant_type'] !== 'client_credentials')
      return { status: 400, body: { error: 'invalid_request' } }
    if (!form['client_assertion']?.startsWith('projected-'))
      return {
        status: 401,
        body: { error: 'invalid_client', error_description: 'AADSTS70021: No matching ...' },
      }
    t.equal(form['scope'], 'https://containerregistry.azure.net/.default')
    t.equal(form['client_assertion_type'], 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    return {
      body: { token_type: 'Bearer', expires_in: 3599, access_token: `aad-${form['client_assertion']}` },
    }
  })
  let exchanged = 0
  const registry = await startStandIn(t, ({ path, body, method }): StandInAnswer => {
    const form = Object.fromEntries(new URLSearchParams(body))
    if (method !== 'POST' || path !== '/oauth2/exchange') return { status: 404 }
    if (!(form['access_token'] ?? '').startsWith('aad-'))
      return { status: 401, body: { errors: [{ code: 'UNAUTHORIZED', message: 'hunter2' }] } }
    t.match(form, { grant_type: 'access_token', service: registry.host, tenant: 'tenant' })
    const claims = Buffer.from(JSON.stringify({ iat: 1000, exp: 1000 + 3 * hour, n: ++exchanged })).toString(
      'base64url',
    )
    return { body: { refresh_token: `e30.${claims}.x` } }
  })
  const clock = { now: 0 }
  const settings = {
    kind: 'acr',
    clientId: 'client',
    tenantId: 'tenant',
    tokenFile,
    authorityHost: authority.origin,
  } as const
  const parts = { send: wayOut(t), now: () => clock.now, maxBytes: 65_536 }
  const provider = createAcrProvider(settings, registryOf({ host: registry.host, insecure: true }), parts)
  return { authority, registry, tokenFile, clock, provider }
}

t.test('the projected token is exchanged twice, and the outcome held', async t => {
  const { provider, clock, authority, registry, tokenFile } = await startAzure(t)
  const [first] = await Promise.all([provider.credentials(never), provider.credentials(never)])
  t.match(first, { username: '00000000-0000-0000-0000-000000000000', password: /^e30\./ })
  clock.now = 2.9 * hour * 1000
  t.same(await provider.credentials(never), first)
  t.equal(authority.requests.length, 1)
  t.equal(registry.requests.length, 1)
  writeFileSync(tokenFile, 'projected-2')
  clock.now = 3 * hour * 1000
  t.not((await provider.credentials(never)).password, first?.password)
  t.match(authority.requests[1]?.body, /client_assertion=projected-2/, 'the file is read anew')
})

t.test('what goes wrong says what to do', async t => {
  const rows: readonly (readonly [(azure: Azure) => void, object])[] = [
    [
      ({ tokenFile }) => writeFileSync(tokenFile, 'other'),
      {
        code: 'unauthorized',
        message:
          /^there are no credentials: 127.0.0.1:\d+ answered 401 invalid_client AADSTS70021 to the service account's token$/,
        next: 'check the federated credential of client: its issuer, and namespace and name of the service account',
      },
    ],
    [
      ({ tokenFile }) => writeFileSync(tokenFile, '\n'),
      { message: /is empty$/, next: 'check that the pod is labelled azure.workload.identity/use: "true"' },
    ],
    [
      ({ registry }) =>
        registry.misbehave(() => ({ status: 401, body: { errors: [{ code: 'UNAUTHORIZED' }] } })),
      {
        code: 'unauthorized',
        message: /^there are no credentials: 127.0.0.1:\d+ answered 401 UNAUTHORIZED to the token of client$/,
        next: 'give that identity the role AcrPull on the registry',
      },
    ],
    [
      ({ registry }) => registry.misbehave(() => ({ body: {} })),
      { code: 'invalid-answer', message: /sent no refresh_token$/ },
    ],
    [
      ({ authority }) => authority.misbehave(() => ({ body: [] })),
      { code: 'invalid-answer', message: /sent no access_token$/ },
    ],
    [({ authority }) => authority.misbehave(() => ({ status: 500 })), { code: 'unavailable' }],
    [
      ({ registry }) =>
        registry.misbehave(() => ({ status: 307, headers: { location: 'https://evil.example' } })),
      { code: 'unauthorized' },
    ],
  ]
  for (const [spoil, error] of rows) {
    const azure = await startAzure(t)
    spoil(azure)
    await t.rejects(azure.provider.credentials(never), { name: 'RegistryError', ...error })
  }
})

t.test('a file that is not there', async t => {
  const settings = { kind: 'acr', clientId: 'c', tenantId: 't', tokenFile: '/absent' } as const
  const parts = { send: wayOut(t), now: Date.now, maxBytes: 65_536 }
  await t.rejects(
    createAcrProvider(settings, registryOf({ host: 'a.azurecr.io' }), parts).credentials(never),
    {
      message: 'there are no credentials: /absent cannot be read',
    },
  )
})

t.test('the public authority is asked over https at public addresses', async t => {
  const { authority, registry, tokenFile } = await startAzure(t)
  const origins = {
    'https://login.microsoftonline.com': authority.origin,
    'https://acme.azurecr.io': registry.origin,
  }
  const diversion = diverted(wayOut(t), origins)
  registry.misbehave(() => ({ body: { refresh_token: 'r' } }))
  const settings = { kind: 'acr', clientId: 'client', tenantId: 'tenant', tokenFile } as const
  const parts = { send: diversion.send, now: Date.now, maxBytes: 65_536 }
  const provider = createAcrProvider(settings, registryOf({ host: 'acme.azurecr.io' }), parts)
  t.match(await provider.credentials(never), { password: 'r' })
  t.match(diversion.meant[0]?.registry, { addresses: 'public', insecure: false })
  t.equal(diversion.meant[1]?.url.href, 'https://acme.azurecr.io/oauth2/exchange')
})
