import t from 'tap'

import type { ManifestQuery } from '../../src/evaluation/index.ts'
import { readManifest } from '../../src/registry/manifest/manifest.ts'
import { startStandIn } from '../support/registry/cloud-stand-in.ts'
import { childDigest, digestOf, imageManifest, platformIndex } from '../support/registry/memory-replies.ts'
import type { MemoryRegistry, Misbehaviour } from '../support/registry/memory-registry.ts'
import { memoryRegistry, never, portError, registryClient } from '../support/registry/registry-fixture.ts'

const platforms = new Map([
  ['linux/amd64', childDigest('a')],
  ['linux/arm64/v8', childDigest('b')],
  ['windows/amd64', childDigest('c')],
])
const chart = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.cncf.helm.config.v1+json', digest: childDigest('f'), size: 2 },
})
const sourceKey = 'org.opencontainers.image.source'
const annotated = JSON.stringify({
  manifests: [],
  annotations: { [sourceKey]: 'https://github.com/acme/web.git#main' },
})
const repositories = { 'team/app': ['1.0', 'index', 'chart', 'annotated'] }
const manifests = {
  'team/app:index': platformIndex,
  'team/app:chart': chart,
  'team/app:annotated': annotated,
}
const check = 'check that this is an OCI registry and that no proxy changes its answers'

const query = ({ host }: MemoryRegistry, tag: string, digest: string): ManifestQuery => ({
  registry: host,
  repository: 'team/app',
  tag,
  digest,
})

t.test('by one GET of the manifest, once for each digest', async t => {
  const registry = await memoryRegistry(t, { repositories, manifests })
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  for (let times = 0; times < 2; times++) {
    t.same(await client.manifestOf(query(registry, 'index', digestOf(platformIndex)), never), {
      platforms,
      source: undefined,
    })
    t.match(await client.manifestOf(query(registry, 'chart', digestOf(chart)), never), { platforms: 'none' })
    t.same(await client.manifestOf(query(registry, 'annotated', digestOf(annotated)), never), {
      platforms: new Map(),
      source: 'https://github.com/acme/web',
    })
    const plain = digestOf(imageManifest('team/app', '1.0'))
    t.match(await client.manifestOf(query(registry, '1.0', plain), never), { platforms: 'one' })
  }
  t.same(
    registry.requests.map(({ method, path }) => `${method} ${path}`),
    [platformIndex, chart, annotated, imageManifest('team/app', '1.0')].map(
      manifest => `GET /v2/team/app/manifests/${digestOf(manifest)}`,
    ),
  )
  t.same(
    await client.manifestOf(query(registry, 'gone', childDigest('f')), never),
    { platforms: 'untold', source: undefined },
    'it went meanwhile',
  )
})

const entry = (platform: unknown, digest: unknown = childDigest('a')) => ({ platform, digest })

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
    const { platforms: found } = readManifest(Buffer.from(JSON.stringify(manifest)))
    t.same(typeof found === 'string' ? found : [...found.keys()], expected)
  }
  t.throws(() => readManifest(Buffer.from('[]')), { message: 'its manifest is not a JSON object' })
  t.end()
})

t.test('the source that a manifest names', t => {
  const from = (source: unknown): object => ({ annotations: { [sourceKey]: source } })
  const [web, shop] = ['https://github.com/acme/web', 'https://github.com/acme/shop']
  const rows: readonly (readonly [manifest: unknown, source: string | undefined])[] = [
    [{}, undefined],
    [from(web), web],
    [from(`${web}.git#main`), web],
    [{ manifests: [], ...from(web) }, web],
    [{ manifests: [from(shop)], ...from(web) }, web],
    [{ manifests: [{}, from(shop), from(web)] }, shop],
    [{ manifests: [from(shop)], ...from('git@github.com:acme/web.git') }, shop],
    [{ manifests: [null, 1, [], { annotations: [] }, from(7), from('http://a.test'), from(shop)] }, shop],
    [{ manifests: { 0: from(shop) } }, undefined],
    [{ annotations: { 'org.opencontainers.image.url': web } }, undefined],
    [{ annotations: [web] }, undefined],
    [from([web]), undefined],
    [from('javascript:alert(1)'), undefined],
    [from('https://user:secret@github.com/acme/web'), undefined],
    [{ labels: { [sourceKey]: web } }, undefined],
    [{ manifests: Array.from({ length: 10_000 }, () => from('no address')) }, undefined],
  ]
  for (const [manifest, source] of rows)
    t.equal(
      readManifest(Buffer.from(JSON.stringify(manifest))).source,
      source,
      JSON.stringify(manifest).slice(0, 200),
    )
  const inherited = `{"annotations":{"__proto__":{"${sourceKey}":"${web}"}}}`
  t.equal(readManifest(Buffer.from(inherited)).source, undefined, 'no more than its own annotations')
  t.end()
})

t.test('errors', async t => {
  const registry = await memoryRegistry(t, { repositories, manifests })
  const client = registryClient(t, [{ host: registry.host, insecure: true }])
  const html = '<html>'
  const rows: readonly (readonly [string, Misbehaviour, string, string])[] = [
    ['an outage', { status: 500 }, childDigest('1'), 'the registry answered 500; it is asked again later'],
    [
      'another manifest',
      { body: platformIndex },
      childDigest('2'),
      `its manifest is not the one of its digest; ${check}`,
    ],
    ['no JSON', { body: html }, digestOf(html), `its answer is not JSON but HTML; ${check}`],
    [
      'a huge one',
      { body: Buffer.alloc(4 * 1024 * 1024 + 1) },
      childDigest('3'),
      `its manifest is larger than 4194304 bytes; ${check}`,
    ],
  ]
  for (const [name, answer, digest, message] of rows) {
    registry.misbehave(() => answer)
    const error = await portError(client.manifestOf(query(registry, '1.0', digest), never))
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
      digest: childDigest('1'),
      content_type: 'image',
      images: [
        image('amd64', childDigest('a')),
        image('arm64', undefined, 'v8'),
        image('unknown', childDigest('c')),
      ],
    },
    chart: { digest: childDigest('2'), content_type: 'helm', images: [] },
    stale: { digest: childDigest('9'), content_type: 'image', images: [image('amd64', childDigest('a'))] },
    silent: { digest: childDigest('4'), images: [] },
    odd: { digest: childDigest('5') },
  }
  const hub = await startStandIn(t, ({ path }) => {
    const [, tag = ''] = /^\/v2\/repositories\/team\/app\/tags\/([^/]+)$/.exec(path) ?? []
    const body = tags[tag]
    return body === undefined ? { status: tag === 'down' ? 503 : 404, body: {} } : { body }
  })
  const settings = { host: registry.host, insecure: true, kind: 'docker-hub', apiUrl: hub.origin } as const
  const client = registryClient(t, [settings])
  const two = new Map([
    ['linux/amd64', childDigest('a')],
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
    t.same(
      await client.manifestOf(query(registry, tag, childDigest(digit)), never),
      { platforms: expected, source: undefined },
      tag,
    )
  t.equal(registry.requests.length, 0)
})
