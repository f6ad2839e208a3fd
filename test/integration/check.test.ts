import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'

import { startHubServer } from '../support/registry/docker-hub-server.ts'
import { execute } from '../support/program/execute.ts'
import { startGitlabServer } from '../support/registry/gitlab-server.ts'
import { startMemoryRegistry } from '../support/registry/memory-registry.ts'
import { imageManifest } from '../support/registry/memory-replies.ts'
import { startDistribution } from '../support/registry/registry-process.ts'
import { storeTags } from '../support/registry/registry-storage.ts'
import { startTokenServer } from '../support/registry/token-server.ts'

const main = join(import.meta.dirname, '../../src/main.ts')
const account = { username: 'robot', password: 'hunter2-s3cret' }
// Of that password, made once: Node has no bcrypt.
const hash = '$2y$05$PatchlineTestSaltAAAAOT9NZ6/FA/qBCk5hGAYu6T4HVqzVT6K6'
const auth = Buffer.from(`${account.username}:${account.password}`).toString('base64')
const tags = ['1.25.1', '1.25.5', '1.26.0']

/** `patchline check` as a person runs it, with a home of its own and the credentials of a docker configuration. */
async function personIn(t: Test) {
  // A short path: messages cut what is long.
  const home = await mkdtemp(join(tmpdir(), 'patchline-'))
  t.teardown(() => rm(home, { recursive: true }))
  return {
    home,
    check: async (args: readonly string[], dockerConfig: unknown): Promise<Seen> => {
      const file = join(home, 'docker.json')
      await writeFile(file, typeof dockerConfig === 'string' ? dockerConfig : JSON.stringify(dockerConfig))
      const run = ['check', '-o', 'json', '--docker-config', file, ...args]
      const environment = { HOME: home, PATH: `${home}:${process.env['PATH'] ?? ''}` }
      const { code, stdout, stderr } = await execute(process.execPath, [main, ...run], { environment })
      const text = stdout.replaceAll(file, 'FILE')
      t.notMatch(`${stdout}${stderr}`, account.password, 'no secret is shown')
      const { verdict, newest, detail = '' } = text === '' ? {} : JSON.parse(text)
      return { code, seen: [verdict, newest ?? detail], stderr: stderr.replaceAll(file, 'FILE') }
    },
  }
}

interface Seen {
  readonly code: number
  /** The verdict, and the newest tag or else the reason. */
  readonly seen: readonly [unknown, unknown]
  readonly stderr: string
}

const found = { code: 2, seen: ['outdated', '1.25.5'], stderr: '' }
const refused = (image: string, detail: string): Seen => ({
  code: 3,
  seen: ['unknown', `${image}: ${detail}`],
  stderr: '',
})
const login = 'docker login, or a file that --docker-config names'
const wrong = { auth: Buffer.from('robot:nonsense').toString('base64') }

t.test('registries that want a name and a password', async t => {
  const memory = await startMemoryRegistry({
    repositories: { 'team/app': tags },
    authentication: { kind: 'basic', ...account },
  })
  t.teardown(() => memory.close())
  const authentication = { kind: 'htpasswd', username: account.username, hash } as const
  const debian = await startDistribution({ version: 'v2', authentication })
  t.teardown(() => debian.close())
  for (const tag of tags)
    await storeTags(debian.storage, 'team/app', { manifest: imageManifest('team/app', tag), tags: [tag] })

  for (const host of [memory.host, new URL(debian.origin).host]) {
    const { check } = await personIn(t)
    const app = `${host}/team/app`
    const args = ['--insecure-registry', host, `${app}:1.25.1`]
    t.same(await check(args, { auths: { [host]: { auth } } }), found, host)
    t.same(
      await check(args, {}),
      refused(app, `the registry wants a name and a password; give credentials: ${login}`),
    )
    t.same(
      await check(args, { auths: { [host]: wrong } }),
      refused(
        app,
        'the registry answered 401 UNAUTHORIZED to the docker configuration FILE; check that they hold and may pull this repository',
      ),
    )
    t.match(await check(args, '{ "auths": { "hunter2-s3cret'), {
      code: 1,
      stderr:
        'patchline: registries cannot be asked: the docker configuration FILE cannot be used: it is not JSON\n',
    })
    t.same(
      await check([`${app}:1.25.1`], {}),
      refused(
        app,
        'no TLS connection could be made; if it speaks plain HTTP, name its host by --insecure-registry',
      ),
    )
  }
})

t.test('a registry with a token server, which a configuration names', async t => {
  const service = 'registry.test'
  const tokens = await startTokenServer({ service, ...account })
  t.teardown(() => tokens.close())
  const { realm, issuer, certificates } = tokens
  const authentication = { kind: 'token', realm, service, issuer, certificates } as const
  const distribution = await startDistribution({ version: 'v3', authentication })
  t.teardown(() => distribution.close())
  for (const tag of tags)
    await storeTags(distribution.storage, 'team/app', {
      manifest: imageManifest('team/app', tag),
      tags: [tag],
    })
  const { host } = new URL(distribution.origin)
  const app = `${host}/team/app`
  const { check, home } = await personIn(t)
  const auths = { [host]: { auth } }
  const elsewhere = `it sends to ${tokens.host} for a token, which is not its own host`
  t.same(
    await check(['--insecure-registry', host, `${app}:1.25.1`], { auths }),
    refused(
      app,
      `${elsewhere}; if that is its token server, say so as tokenHost under registries in a file that --config names`,
    ),
  )
  const config = join(home, 'patchline.yaml')
  await writeFile(config, `registries: [{ host: '${host}', insecure: true, tokenHost: '${tokens.host}' }]`)
  t.same(await check(['-c', config, `${app}:1.25.1`], { auths }), found)
  t.same(tokens.asked, [['repository:team/app:pull', account.username]])
})

t.test('an alias, with a credential helper of where its tags really are', async t => {
  const memory = await startMemoryRegistry({
    repositories: { 'team/app': tags },
    authentication: { kind: 'bearer', credentials: account },
  })
  t.teardown(() => memory.close())
  const { check, home } = await personIn(t)
  const helper = join(home, 'docker-credential-test')
  const answer = JSON.stringify({ Username: account.username, Secret: account.password })
  await writeFile(helper, `#!/bin/sh\necho '${answer}'\n`)
  await chmod(helper, 0o755)
  const config = join(home, 'patchline.yaml')
  const registry = { host: memory.host, insecure: true, aliases: ['mirror.local/hub'] }
  await writeFile(config, JSON.stringify({ registries: [registry] }))
  t.same(
    await check(['-c', config, 'mirror.local/hub/team/app:1.25.1'], {
      credHelpers: { [memory.host]: 'test' },
    }),
    found,
  )
})

t.test('Docker Hub and GitLab by their own APIs', async t => {
  const memory = await startMemoryRegistry({
    repositories: { 'library/nginx': tags, 'group/app': tags },
    authentication: { kind: 'bearer', credentials: account },
  })
  t.teardown(() => memory.close())
  const hub = await startHubServer(t, {
    repositories: { 'library/nginx': tags.map((name, at) => ({ name, pushed: 1_700_000_000_000 + at })) },
    accounts: { [account.username]: account.password },
  })
  const gitlab = await startGitlabServer(t, {
    projects: { 'group/app': { 'group/app': tags } },
    token: account.password,
  })
  const { check, home } = await personIn(t)
  const config = join(home, 'patchline.yaml')
  await writeFile(join(home, 'token'), `${account.password}\n`)
  await writeFile(
    config,
    `registries:
  - { host: docker.io, kind: docker-hub, endpoint: '${memory.origin}', insecure: true, apiUrl: '${hub.origin}' }
  - { host: '${memory.host}', insecure: true, kind: gitlab, apiUrl: '${gitlab.origin}', tokenFrom: { file: token } }
`,
  )
  const dockerConfig = { auths: { 'https://index.docker.io/v1/': { auth }, [memory.host]: { auth } } }
  for (const image of ['nginx:1.25.1', `${memory.host}/group/app:1.25.1`])
    t.same(await check(['-c', config, image], dockerConfig), found, image)
  t.notOk(
    memory.requests.some(({ path }) => path.includes('tags/list')),
    'the lists came from elsewhere',
  )
  t.ok(
    memory.requests.every(({ headers }) => headers['private-token'] === undefined),
    'the token goes to the API alone',
  )
})
