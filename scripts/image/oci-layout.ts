import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { sha256, tarOf } from '../archive.ts'
import type { Step } from './dockerfile.ts'

/** What an image is made of. */
export interface ImageParts {
  /** Folders, each the content of one layer from `/` on, the lowest first. */
  readonly layers: readonly string[]
  /** The steps of the last stage. */
  readonly steps: readonly Step[]
  readonly architecture: string
  /** How the layout names it: a tag. */
  readonly name: string
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

// A layer of Node's size would take a minute at the best compression, for a tenth less.
const gzipLevel = 6

/**
 * Writes an OCI image layout (image-spec 1.1, image-layout.md) into a new folder; returns the digest of the image's manifest. The same
 * content gives the same digest: files are sorted, belong to root and are of 1970, and nothing says when it was made.
 */
export function writeLayout(directory: string, parts: ImageParts): string {
  rmSync(directory, { recursive: true, force: true })
  const blobs = join(directory, 'blobs/sha256')
  mkdirSync(blobs, { recursive: true })
  const put = (mediaType: string, content: Buffer): Descriptor => {
    const hash = sha256(content)
    writeFileSync(join(blobs, hash), content)
    return { mediaType, digest: `sha256:${hash}`, size: content.length }
  }
  const tars = parts.layers.map(tarOf)
  const layers = tars.map(tar =>
    put('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(tar, { level: gzipLevel })),
  )
  const diffIds = tars.map(tar => `sha256:${sha256(tar)}`)
  const config = put('application/vnd.oci.image.config.v1+json', json(configOf(parts, diffIds)))
  const manifest = put(
    manifestType,
    json({
      schemaVersion: 2,
      mediaType: manifestType,
      config,
      layers,
      annotations: pairsOf(parts.steps, 'labels'),
    }),
  )
  writeFileSync(join(directory, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }))
  writeFileSync(join(directory, 'index.json'), json(indexOf(manifest, parts)))
  return manifest.digest
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

function indexOf(manifest: Descriptor, { architecture, name }: ImageParts): object {
  const platform = { os: 'linux', architecture }
  const annotations = { 'org.opencontainers.image.ref.name': name }
  return {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ ...manifest, platform, annotations }],
  }
}

/** The configuration of the image (config.md), as its last stage says it. */
function configOf({ steps, architecture }: ImageParts, diffIds: readonly string[]): object {
  const environment = pairsOf(steps, 'environment')
  const ports = steps.flatMap(step => (step.kind === 'ports' ? step.ports : []))
  return {
    architecture,
    os: 'linux',
    config: {
      User: steps.flatMap(step => (step.kind === 'user' ? step.name : [])).at(-1),
      ExposedPorts: Object.fromEntries(ports.map(port => [port, {}])),
      Env: [searchPath, ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)],
      Entrypoint: steps.flatMap(step => (step.kind === 'entrypoint' ? step.words : [])),
      Cmd: steps.flatMap(step => (step.kind === 'command' ? step.words : [])),
      WorkingDir: steps.flatMap(step => (step.kind === 'workdir' ? step.path : [])).at(-1),
      Labels: pairsOf(steps, 'labels'),
    },
    rootfs: { type: 'layers', diff_ids: diffIds },
  }
}

const searchPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

function pairsOf(steps: readonly Step[], kind: 'environment' | 'labels'): Readonly<Record<string, string>> {
  return Object.fromEntries(
    steps.flatMap(step => (step.kind === kind && 'pairs' in step ? Object.entries(step.pairs) : [])),
  )
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}
