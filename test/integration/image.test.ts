import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { stagesOf } from '../../scripts/image/dockerfile.ts'
import { writeLayout } from '../../scripts/image/oci-layout.ts'
import { version } from '../../src/app/process/version.ts'
import { execute, type Execution } from '../support/program/execute.ts'
import { pushBlob, pushManifest, startDistribution } from '../support/registry/registry-process.ts'

// The image as the Dockerfile makes it, without an engine: its layout, in a registry and back, and the program in it.

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

interface Manifest {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

const root = join(import.meta.dirname, '../..')
const place = mkdtempSync(join(tmpdir(), 'patchline-image-test-'))
t.teardown(() => rmSync(place, { recursive: true, force: true }))
const layout = join(place, 'layout')
const rootfs = join(place, 'rootfs')
const made = await execute(execPath, [join(root, 'scripts/image.ts'), place])
const digest = /@(sha256:[0-9a-f]{64})\n/.exec(made.stdout)?.[1] ?? ''

const blob = (name: string): Buffer<ArrayBuffer> =>
  readFileSync(join(layout, 'blobs', name.replace(':', '/')))
const sha256 = (content: Uint8Array): string => `sha256:${createHash('sha256').update(content).digest('hex')}`
const manifestOf = (): Manifest => JSON.parse(blob(digest).toString())

t.test('the layout is as the image specification has it', async t => {
  t.equal(made.code, 0, made.stderr)
  t.strictSame(JSON.parse(readFileSync(join(layout, 'oci-layout'), 'utf8')), { imageLayoutVersion: '1.0.0' })
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'))
  t.match(index, {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest,
        size: blob(digest).length,
        platform: { os: 'linux' },
        annotations: { 'org.opencontainers.image.ref.name': version },
      },
    ],
  })
  const { config, layers } = manifestOf()
  for (const { digest: name, size } of [config, ...layers])
    t.strictSame([sha256(blob(name)), blob(name).length], [name, size])
  const { rootfs: listed } = JSON.parse(blob(config.digest).toString())
  t.strictSame(
    listed.diff_ids,
    layers.map(layer => sha256(gunzipSync(blob(layer.digest)))),
  )
  t.strictSame(
    readdirSync(join(layout, 'blobs/sha256')).toSorted(),
    [digest, config.digest, ...layers.map(layer => layer.digest)].map(name => name.slice(7)).toSorted(),
  )
})

t.test('the configuration is what the Dockerfile says', async t => {
  const { config } = JSON.parse(blob(manifestOf().config.digest).toString())
  t.strictSame(config, {
    User: '65532:65532',
    ExposedPorts: { '8443/tcp': {}, '8080/tcp': {} },
    Env: [
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'NODE_ENV=production',
      'MALLOC_ARENA_MAX=1',
      'MALLOC_MMAP_THRESHOLD_=131072',
      'MALLOC_TRIM_THRESHOLD_=131072',
    ],
    Entrypoint: ['/nodejs/bin/node', '--disable-sigusr1', '--max-semi-space-size=4', '/app/main.js'],
    Cmd: ['serve', '--config', '/etc/patchline/config/patchline.yaml'],
    WorkingDir: '/app',
    Labels: config.Labels,
  })
  const { stdout: revision } = await execute('git', ['-C', root, 'rev-parse', 'HEAD'])
  t.match(config.Labels, {
    'org.opencontainers.image.title': 'patchline',
    'org.opencontainers.image.description': /newer patch/,
    'org.opencontainers.image.source': 'https://github.com/patchline/patchline',
    'org.opencontainers.image.licenses': 'Apache-2.0',
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.revision': revision.trim(),
  })
})

t.test('it holds the program, its licences and its SBOM, and neither a shell nor packages', async t => {
  const files = readdirSync(join(rootfs, 'app')).toSorted()
  t.strictSame(files, [
    'LICENSE',
    'THIRD-PARTY-LICENSES.txt',
    'chunks',
    'main.js',
    'package.json',
    'sbom.cdx.json',
  ])
  for (const absent of ['bin/sh', 'usr/bin/sh', 'bin/bash', 'app/node_modules', 'usr/bin/apt'])
    t.notOk(existsSync(join(rootfs, absent)), absent)
})

t.test('the same content gives the same image', async t => {
  const layers = ['base', 'program'].map(name => join(place, name))
  for (const layer of layers) await execute('cp', ['-r', join(rootfs, 'app'), layer])
  const steps = stagesOf(readFileSync(join(root, 'Dockerfile'), 'utf8')).at(-1)?.steps ?? []
  const parts = { layers, steps, architecture: 'amd64', name: version }
  t.equal(writeLayout(join(place, 'one'), parts), writeLayout(join(place, 'other'), parts))
  copyFileSync(join(root, 'README.md'), join(place, 'base/more'))
  t.not(writeLayout(join(place, 'one'), parts), writeLayout(join(place, 'other'), { ...parts, layers: [] }))
})

t.test('a registry takes it, and gives it back byte for byte', async t => {
  const registry = await startDistribution({ version: 'v3' })
  t.teardown(() => registry.close())
  const { config, layers } = manifestOf()
  for (const { digest: name } of [config, ...layers]) await pushBlob(registry.origin, 'patchline', blob(name))
  const address = `${registry.origin}/v2/patchline`
  await pushManifest(`${address}/manifests/${version}`, blob(digest))

  const headers = { accept: 'application/vnd.oci.image.manifest.v1+json' }
  const pulled = await fetch(`${address}/manifests/${version}`, { headers })
  t.equal(pulled.headers.get('docker-content-digest'), digest)
  t.ok(Buffer.from(await pulled.arrayBuffer()).equals(blob(digest)))
  for (const { digest: name } of [config, ...layers]) {
    const answer = await fetch(`${address}/blobs/${name}`)
    t.ok(Buffer.from(await answer.arrayBuffer()).equals(blob(name)), name)
  }
  const { host } = new URL(registry.origin)
  const check = ['check', '--insecure-registry', host, `${host}/patchline:${version}`]
  t.match(await inContainer(check), { code: 0, stdout: /^current .* newest in line 0\.1$/m })
})

t.test('its program runs as the user of the image, with nothing else beside it', async t => {
  t.strictSame(await inContainer(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
  t.match(await inContainer([]), {
    code: 1,
    stderr: /\/etc\/patchline\/config\/patchline\.yaml: no such file/,
  })
})

/** Runs the image's command with its own root and user; without arguments those of the image. */
async function inContainer(args: readonly string[]): Promise<Execution> {
  const { config } = JSON.parse(blob(manifestOf().config.digest).toString())
  const words: readonly string[] = [...config.Entrypoint, ...(args.length === 0 ? config.Cmd : args)]
  const user =
    process.getuid?.() === 0 ? ['chroot', `--userspec=${config.User}`] : ['unshare', '-r', 'chroot']
  const command = [...user, rootfs, ...words]
  return execute('env', ['-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', ...config.Env.slice(1), ...command])
}
