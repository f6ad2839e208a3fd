import t from 'tap'

import type { PlatformsQuery } from '../../src/evaluation/index.ts'
import { platformsIn } from '../../src/registry/manifest.ts'
import { startStandIn } from '../support/cloud-stand-in.ts'
import { digestOf, imageManifest } from '../support/memory-replies.ts'
import type { MemoryRegistry, Misbehaviour } from '../support/memory-registry.ts'
import { memoryRegistry, never, portError, registryClient } from '../support/registry-fixture.ts'

const child = (letter: string) => `sha256:${letter.repeat(64)}`
const index = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [
    { digest: child('a'), platform: { os: 'linux', architecture: 'amd64' } },
    { digest: child('b'), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
    { digest: child('c'), platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.1' } },
    { digest: child('d'), platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.2' } },
    { digest: child('e'), platform: { os: 'unknown', architecture: 'unknown' } },
  ],
})
const platforms = new Map([
  ['linux/amd64', child('a')],
  ['linux/arm64/v8', child('b')],
  ['windows/amd64', child('c')],
])
const chart = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.cncf.helm.config.v1+json', digest: child('f'), size: 2 },
})
const repositories = { 'team/app': ['1.0', 'index', 'chart'] }
const manifests = { 'team/app:index': index, 'team/app:chart': chart }
const check = 'check that this is an OCI registry and that no proxy changes its answers'

const query = ({ host }: MemoryRegistry, tag: string, digest: string): PlatformsQuery => ({
  registry: host,
  repository: 'team/app',
  tag,
  digest,
})

t.test('by one GET of the manifest, once for each digest', async t => {
  const registry = await memoryRegistry(t, { repositories, manifests })
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  for (let times = 0; times < 2; times++) {
    t.same(await client.platformsOf(query(registry, 'index', digestOf(index)), never), platforms)
    t.equal(await client.platformsOf(query(registry, 'chart', digestOf(chart)), never), 'none')
    const plain = digestOf(imageManifest('team/app', '1.0'))
    t.equal(await client.platformsOf(query(registry, '1.0', plain), never), 'one')
  }
  t.same(
    registry.requests.map(({ method, path }) => `${method} ${path}`),
    [index, chart, imageManifest('team/app', '1.0')].map(
      manifest => `GET /v2/team/app/manifests/${digestOf(manifest)}`,
    ),
  )
  t.equal(await client.platformsOf(query(registry, 'gone', child('f')), never), 'untold', 'it went meanwhile')
})

const entry = (platform: unknown, digest: unknown = child('a')) => ({ platform, digest })

t.test('what a manifest may hold', t => {
  const linux = { os: 'linux', architecture: 'amd64' }
  const rows: readonly (readonly [manifest: unknown, platforms: readonly string[] | string])[] = [
    [{}, 'one'],
    [{ manifests: {} }, 'one'],
    [{ config: { mediaType: 'application/vnd.oci.image.config.v1+json' } }, 'one'],
    [{ config: { mediaType: 'application/vnd.docker.container.image.v1+json' } }, 'one'],
    [{ config: { mediaType: 'application/vnd.cncf.helm.config.v1+json' } }, 'none'],
    [{ artifactType: 'application/vnd.example', config: null }, 'none'],
    [{ artifactType: 'application/vnd.example', manifests: [] }, 'none'],
    [{ mediaType: 'application/vnd.oci.artifact.manifest.v1+json', blobs: [] }, 'none'],
    [{ mediaType: 7 }, 'none'],
    [{ manifests: [] }, []],
    [{ manifests: [null, 1, {}, entry(null), entry({}), entry({ os: 'linux' })] }, []],
    [{ manifests: [entry(linux, 'sha256:1'), entry(linux, 1), entry(linux)] }, ['linux/amd64']],
    [{ manifests: [entry({ ...linux, variant: 8 })] }, ['linux/amd64']],
    [{ manifests: [entry({ ...linux, os: 'a/b' }), entry({ ...linux, os: '<b>' })] }, []],
    [
      { manifests: Array.from({ length: 1000 }, (_, n) => entry({ ...linux, os: `os${n}` })) },
      Array.from({ length: 64 }, (_, n) => `os${n}/amd64`),
    ],
  ]
  for (const [manifest, expected] of rows) {
    const found = platformsIn(Buffer.from(JSON.stringify(manifest)))
    t.same(typeof found === 'string' ? found : [...found.keys()], expected)
  }
  t.throws(() => platformsIn(Buffer.from('[]')), { message: 'its manifest is not a JSON object' })
  t.end()
})

t.test('errors', async t => {
  const registry = await memoryRegistry(t, { repositories, manifests })
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  const html = '<html>'
  const rows: readonly (readonly [string, Misbehaviour, string, string])[] = [
    ['an outage', { status: 500 }, child('1'), 'the registry answered 500; it is asked again later'],
    ['another manifest', { body: index }, child('2'), `its manifest is not the one of its digest; ${check}`],
    ['no JSON', { body: html }, digestOf(html), `its answer is not JSON but HTML; ${check}`],
    [
      'a huge one',
      { body: Buffer.alloc(4 * 1024 * 1024 + 1) },
      child('3'),
      `its manifest is larger than 4194304 bytes; ${check}`,
    ],
  ]
  for (const [name, answer, digest, message] of rows) {
    registry.misbehave(() => answer)
    const error = await portError(client.platformsOf(query(registry, '1.0', digest), never))
    t.equal(error.message, `${registry.host}/team/app: ${message}`, name)
  }
})

const image = (architecture: string, digest: unknown, variant: string | null = null) => ({
  architecture,
  digest,
  variant,
  os: 'linux',
  status: 'active',
})

t.test('on Docker Hub its own API tells, and nothing is asked for by GET of a manifest', async t => {
  const registry = await memoryRegistry(t, { repositories, manifests })
  const tags: Readonly<Record<string, object>> = {
    two: {
      digest: child('1'),
      content_type: 'image',
      images: [image('amd64', child('a')), image('arm64', undefined, 'v8'), image('unknown', child('c'))],
    },
    chart: { digest: child('2'), content_type: 'helm', images: [] },
    stale: { digest: child('9'), content_type: 'image', images: [image('amd64', child('a'))] },
    silent: { digest: child('4'), images: [] },
    odd: { digest: child('5') },
  }
  const hub = await startStandIn(t, ({ path }) => {
    const [, tag = ''] = /^\/v2\/repositories\/team\/app\/tags\/([^/]+)$/.exec(path) ?? []
    const body = tags[tag]
    return body === undefined ? { status: tag === 'down' ? 503 : 404, body: {} } : { body }
  })
  const settings = { host: registry.host, insecure: true, kind: 'docker-hub', apiUrl: hub.origin } as const
  const client = registryClient(t, [settings])
  const two = new Map([
    ['linux/amd64', child('a')],
    ['linux/arm64/v8', ''],
  ])
  const rows: readonly (readonly [tag: string, digit: string, expected: unknown])[] = [
    ['two', '1', two],
    ['chart', '2', 'none'],
    ['stale', '3', 'untold'],
    ['silent', '4', 'untold'],
    ['odd', '5', 'untold'],
    ['gone', '6', 'untold'],
    ['down', '7', 'untold'],
  ]
  for (const [tag, digit, expected] of rows)
    t.same(await client.platformsOf(query(registry, tag, child(digit)), never), expected, tag)
  t.equal(registry.requests.length, 0)
})
