import { createServer } from 'node:net'
import t from 'tap'
import { runCommand } from '../../../src/cli/index.ts'
import { startMemoryRegistry } from '../../support/registry/memory-registry.ts'

async function check(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly out: string }> {
  let out = ''
  const code = await runCommand(['check', ...args], {
    environment: {},
    out: text => void (out += text),
    err: text => void (out += text),
    readFile: path => files[path] ?? '',
  })
  return { code, out }
}

const child = (digit: string): string => `sha256:${digit.repeat(64)}`

t.test('--registry leaves what the configuration says of the same registry', async t => {
  const registry = await startMemoryRegistry({ repositories: { 'team/app': ['1.0.0', '1.0.1'] } })
  t.teardown(() => registry.close())
  const image = `${registry.host}/team/app:1.0.0`
  const config = { 'c.yaml': `registries: [{ host: '${registry.host}', insecure: true }]` }
  const { code, out } = await check([image, '-c', 'c.yaml', '--registry', registry.host], config)
  t.equal(code, 2, out)
})

t.test('an image that is pinned to a platform of the newest tag is current', async t => {
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ digest: child('b'), size: 2, platform: { os: 'linux', architecture: 'amd64' } }],
  }
  const registry = await startMemoryRegistry({
    repositories: { 'team/app': ['1.0.0', '1.0.1'] },
    manifests: { 'team/app:1.0.1': JSON.stringify(index) },
  })
  t.teardown(() => registry.close())
  const images = ['b', 'c'].map(digit => `${registry.host}/team/app:1.0.0@${child(digit)}`)
  const { out } = await check([...images, '--insecure-registry', registry.host, '-o', 'json'])
  const [pinned = '', other = ''] = out.split('\n')
  t.match(JSON.parse(pinned), { verdict: 'current', reason: 'same-digest' })
  t.match(JSON.parse(other), { verdict: 'outdated', newest: '1.0.1' })
})

t.test(
  'a tag that does not exist ends with a code of its own; one that is only not listed does not',
  async t => {
    const registry = await startMemoryRegistry({ repositories: { 'team/app': ['1.0.0', '1.0.1'] } })
    t.teardown(() => registry.close())
    registry.misbehave(({ path }) => (path.endsWith('/manifests/1.0.7') ? pushed : undefined))
    const app = (tag: string) => `${registry.host}/team/app:${tag}`
    const run = (...tags: readonly string[]) =>
      check([...tags.map(app), '--insecure-registry', registry.host])
    const missing = await run('1.0.9')
    t.equal(missing.code, 4)
    t.match(missing.out, /current .* - +-\s+not-listed: there is no such tag\n/)
    const both = await run('1.0.1', '1.0.9', '1.0.0')
    t.match(both, { code: 2, out: /outdated[^]*1\.0\.9[^]*1\.0\.1 / }, 'what is outdated is said first')
    t.match(await run('1.0.9', 'latest', '1.0.1'), { code: 4 })
    t.match(await run('1.0.7'), { code: 0, out: /unlisted in line 1\.0\n/ }, 'pushed since it was listed')
  },
)

const pushed = {
  headers: {
    'docker-content-digest': child('d'),
    'content-type': 'application/vnd.oci.image.manifest.v1+json',
  },
}

t.test('advice is what a person can do on the command line', async t => {
  const registry = await startMemoryRegistry({
    repositories: { 'team/app': ['1.0.0'] },
    authentication: { kind: 'basic', username: 'u', password: 'p' },
  })
  t.teardown(() => registry.close())
  const image = `${registry.host}/team/app:1.0.0`
  const wants = 'the registry wants a name and a password; give credentials'
  t.match(
    (await check([image, '--insecure-registry', registry.host])).out,
    `${wants}: docker login, or a file that --docker-config names\n`,
  )
  const config = { 'c.yaml': `registries: [{ host: '${registry.host}', insecure: true }]` }
  t.match((await check([image, '-c', 'c.yaml'], config)).out, `${wants} under registries\n`)
  registry.misbehave(() => ({ status: 503 }))
  t.match((await check([image, '-c', 'c.yaml'], config)).out, 'the registry answered 503; try again later\n')
})

t.test('a server of plain HTTP that closes in the handshake', async t => {
  const server = createServer(socket => void socket.once('data', () => socket.end()))
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise(resolve => server.close(resolve)))
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const { code, out } = await check([`${host}/app:1.0.0`])
  t.equal(code, 3)
  t.match(out, `${host}/app: it closes the connection in the TLS handshake; check that this port speaks TLS`)
  t.match(out, 'if it speaks plain HTTP, name its host by --insecure-registry\n')
})

t.test('several repositories of one host that cannot be reached are one line', async t => {
  const images = ['a', 'b', 'c'].map(name => `127.0.0.1:9/${name}:1.0.0`)
  const { out } = await check(images)
  t.match(
    out,
    '\n\n127.0.0.1:9 (3 repositories): it refuses connections; check the host and that this process may reach it\n3 images: 3 unknown\n',
  )
})

t.test('a newest tag that is listed and gone is passed over, as by the webhook', async t => {
  const tags = ['1.2.0', '1.2.1', '1.2.2', '1.2.10', '1.3.0']
  const registry = await startMemoryRegistry({ repositories: { 'team/app': tags } })
  t.teardown(() => registry.close())
  const image = `${registry.host}/team/app:1.2.0`
  const run = async (gone: readonly string[], ...args: readonly string[]) => {
    registry.misbehave(({ path }) =>
      gone.some(tag => path.endsWith(`/manifests/${tag}`)) ? { status: 404 } : undefined,
    )
    return check([image, '--insecure-registry', registry.host, ...args])
  }
  const { code, out } = await run(['1.2.10'], '-o', 'json', '--explain')
  t.equal(code, 2)
  t.match(JSON.parse(out), {
    verdict: 'outdated',
    newest: '1.2.2',
    behind: 2,
    rejected: [
      { tag: '1.2.0', reason: 'itself' },
      { tag: '1.2.1', reason: 'not-newest' },
      { tag: '1.3.0', reason: 'outside-strategy' },
      { tag: '1.2.10', reason: 'gone' },
    ],
  })
  t.match(await run(['1.2.1', '1.2.2', '1.2.10']), { code: 0, out: /current .* newest in line 1\.2\n/ })
  t.match(
    (await run(['1.2.10'], '--explain')).out,
    '  gone: listed, but its registry does not have it\n    1.2.10\n',
  )
})

t.test('several references of one repository cost one walk, and one tag one request', async t => {
  const registry = await startMemoryRegistry({ repositories: { 'team/app': ['1.0.0', '1.0.1', '1.0.2'] } })
  t.teardown(() => registry.close())
  const images = ['1.0.0', '1.0.1', '1.0.2', '1.0.0'].map(tag => `${registry.host}/team/app:${tag}`)
  t.match(await check([...images, '--insecure-registry', registry.host]), { code: 2 })
  const asked = registry.requests.map(({ path }) => path.replace(/\?.*/, ''))
  t.same(asked.toSorted(), [...new Set(asked)].toSorted())
})

t.test('what is offered is an image for all platforms of the old one', async t => {
  const index = (...architectures: readonly string[]): string =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: architectures.map((architecture, at) => ({
        digest: child(String(at + 1)),
        size: architectures.length,
        platform: { os: 'linux', architecture },
      })),
    })
  const chart = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.cncf.helm.config.v1+json', digest: child('3'), size: 2 },
  })
  const registry = await startMemoryRegistry({
    repositories: { 'team/app': ['1.2.0', '1.2.1', '1.2.2', '1.2.10', '1.2.11'] },
    manifests: {
      'team/app:1.2.0': index('amd64', 'arm64'),
      'team/app:1.2.1': index('amd64'),
      'team/app:1.2.2': index('amd64', 'arm64', 's390x'),
      'team/app:1.2.10': index('arm64'),
      'team/app:1.2.11': chart,
    },
  })
  t.teardown(() => registry.close())
  const run = (tag: string, ...args: readonly string[]) =>
    check([`${registry.host}/team/app:${tag}`, '--insecure-registry', registry.host, ...args])
  const { code, out } = await run('1.2.0', '-o', 'json', '--explain')
  t.equal(code, 2)
  t.match(JSON.parse(out), {
    verdict: 'outdated',
    newest: '1.2.2',
    behind: 2,
    rejected: [
      { tag: '1.2.0', reason: 'itself' },
      { tag: '1.2.1', reason: 'not-newest' },
      { tag: '1.2.11', reason: 'no-image' },
      { tag: '1.2.10', reason: 'other-platform' },
    ],
  })
  const last = await run('1.2.2', '-o', 'wide')
  t.equal(last.code, 0)
  t.match(last.out, /current .* other-platform: the line goes on as 1\.2\.10\n/)
  t.match(await run('1.2.1'), { code: 2, out: /outdated .* 1\.2\.2 / })
})
