import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import t from 'tap'
import type { Test } from 'tap'

import { createHelperRunner, type RunHelper } from '../../../src/registry/credentials/local-credentials.ts'
import { createLocalCredentials } from '../../../src/registry/index.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const config = (user: string): string =>
  JSON.stringify({ auths: { 'ghcr.io': { auth: base64(`${user}:p`) } } })
const app = { registry: 'ghcr.io', repository: 'team/app' }

const script = (body: string): string => `#!/bin/sh\n${body}\n`
const origin = (name: string): string => `the credential helper docker-credential-${name}`

/** A folder with files, as a path. */
function folder(t: Test, files: Readonly<Record<string, string>>): string {
  const root = t.testdir()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

t.test('where it is looked for', async t => {
  const files = {
    'home/.docker/config.json': config('home'),
    'docker/config.json': config('docker'),
    'run/containers/auth.json': config('podman'),
    'named.json': config('named'),
    'empty/x': '',
  }
  const rows = [
    ['home', {}, undefined, 'home'],
    ['home', { DOCKER_CONFIG: 'docker' }, undefined, 'docker'],
    ['home', { DOCKER_CONFIG: '' }, undefined, 'home'],
    ['empty', { XDG_RUNTIME_DIR: 'run' }, undefined, 'podman'],
    ['home', { XDG_RUNTIME_DIR: 'run' }, undefined, 'home'],
    ['empty', { DOCKER_CONFIG: 'nowhere', XDG_RUNTIME_DIR: 'run' }, undefined, 'podman'],
    ['empty', { XDG_RUNTIME_DIR: '' }, undefined, undefined],
    ['empty/x', {}, undefined, undefined],
    ['home', { DOCKER_CONFIG: 'docker' }, 'named.json', 'named'],
  ] as const
  const root = folder(t, files)
  for (const [home, variables, path, expected] of rows) {
    const environment = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, value === '' ? '' : join(root, value)]),
    )
    const access = await createLocalCredentials({
      environment,
      home: join(root, home),
      registries: ['ghcr.io'],
      path: path === undefined ? undefined : join(root, path),
    })
    t.equal(access.namespace, '')
    t.equal(access.credentialsFor(app)[0]?.username, expected)
    t.same(access.problems, [])
  }
})

t.test('a file that was named must be there, and one that is there must be readable', async t => {
  const root = folder(t, { 'dir/config.json/x': '' })
  const places = { environment: { DOCKER_CONFIG: join(root, 'dir') }, home: root, registries: [] }
  const path = join(root, 'none.json')
  await t.rejects(createLocalCredentials({ ...places, path }), {
    code: 'unreadable-docker-config',
    message: `the docker configuration ${path} cannot be read: there is no such file`,
  })
  await t.rejects(createLocalCredentials(places), {
    code: 'unreadable-docker-config',
    message: /config\.json cannot be read: EISDIR/,
  })
})

t.test('helpers go before the file, and are asked for nothing else', async t => {
  const text = JSON.stringify({
    auths: { 'ghcr.io': { auth: base64('file:p') }, 'https://index.docker.io/v1/': {}, bad: 7 },
    credsStore: 'store',
    credHelpers: { 'a.example': 'own', 'b.example': 'broken' },
  })
  const root = folder(t, { 'config.json': text })
  const asked: string[] = []
  const runHelper: RunHelper = async (name, address) => {
    asked.push(`${name} ${address}`)
    if (name === 'broken') return { problem: 'docker-credential-broken failed with 1' }
    if (address === 'ghcr.io') return {}
    return { credentials: { username: name, password: address, origin: 'test' } }
  }
  const access = await createLocalCredentials({
    environment: {},
    home: root,
    path: join(root, 'config.json'),
    registries: ['docker.io', 'ghcr.io', 'a.example', 'b.example', 'ghcr.io'],
    runHelper,
  })
  t.same(asked.toSorted(), [
    'broken b.example',
    'own a.example',
    'store ghcr.io',
    'store https://index.docker.io/v1/',
  ])
  const users = (registry: string) =>
    access.credentialsFor({ registry, repository: 'a/b' }).map(({ username }) => username)
  t.same(users('docker.io'), ['store'])
  t.same(users('ghcr.io'), ['file'])
  t.same(users('a.example'), ['own'])
  t.same(users('c.example'), [])
  const path = join(root, 'config.json')
  t.same(access.problems, [
    `docker configuration ${path}: the entry whose key is not a host is not an object`,
    `docker configuration ${path}: docker-credential-broken failed with 1`,
  ])
})

t.test('programs that keep credentials', async t => {
  const root = folder(t, {
    'docker-credential-good': script(
      'read address; echo "{\\"Username\\":\\"$address\\",\\"Secret\\":\\"s3cret\\"}"',
    ),
    'docker-credential-token': script('echo \'{"Username":"<token>","Secret":"refresh"}\''),
    'docker-credential-none': script('echo "credentials not found in native keychain"; exit 1'),
    'docker-credential-nobody': script('echo \'{"Username":"","Secret":""}\''),
    'docker-credential-bad': script('echo "s3cret is wrong"; echo s3cret >&2; exit 3'),
    'docker-credential-text': script('echo s3cret'),
    'docker-credential-slow': script('exec sleep 60'),
    'docker-credential-long': script('head -c 100000 /dev/zero'),
  })
  for (const name of ['good', 'token', 'none', 'nobody', 'bad', 'text', 'slow', 'long'])
    chmodSync(join(root, `docker-credential-${name}`), 0o755)
  const environment = { PATH: `${root}:/usr/bin:/bin` }
  const ask = createHelperRunner(environment)
  const rows = [
    ['good', { credentials: { username: 'ghcr.io', password: 's3cret', origin: origin('good') } }],
    [
      'token',
      { credentials: { username: '', password: '', identityToken: 'refresh', origin: origin('token') } },
    ],
    ['none', {}],
    ['nobody', {}],
    ['bad', { problem: 'docker-credential-bad failed with 3; run it by hand to see why' }],
    ['text', { problem: 'docker-credential-text answered something else than a name and a secret' }],
    [
      'long',
      {
        problem:
          'docker-credential-long failed with ERR_CHILD_PROCESS_STDIO_MAXBUFFER; run it by hand to see why',
      },
    ],
    ['missing', { problem: 'docker-credential-missing is not installed, or not in PATH' }],
    ['../good', { problem: '"../good" is not the name of a credential helper' }],
    ['good; touch x', { problem: '"good; touch x" is not the name of a credential helper' }],
    ['Good', { problem: '"Good" is not the name of a credential helper' }],
    ['', { problem: '"" is not the name of a credential helper' }],
  ] as const
  for (const [name, expected] of rows) t.same(await ask(name, 'ghcr.io'), expected, name)
  const problem = 'docker-credential-slow did not answer within 0.05 s'
  t.same(await createHelperRunner(environment, 50)('slow', 'ghcr.io'), { problem })
})
