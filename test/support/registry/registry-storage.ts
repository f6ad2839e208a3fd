import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const linksAtOnce = 64

/**
 * Puts a manifest under each of the tags into the storage of a Distribution registry, past its API: a push of 20,000 tags takes
 * minutes. The layout is that of its registry/storage/paths.go.
 * @returns the digest of the manifest.
 */
export async function storeTags(
  storage: string,
  repository: string,
  { manifest, tags }: { readonly manifest: string; readonly tags: readonly string[] },
): Promise<string> {
  const root = join(storage, 'docker', 'registry', 'v2')
  const hex = createHash('sha256').update(manifest).digest('hex')
  const manifests = join(root, 'repositories', repository, '_manifests')
  await put(join(root, 'blobs', 'sha256', hex.slice(0, 2), hex, 'data'), manifest)
  await put(join(manifests, 'revisions', 'sha256', hex, 'link'), `sha256:${hex}`)
  const rest = tags.values()
  async function putRest(): Promise<void> {
    for (const tag of rest) await put(join(manifests, 'tags', tag, 'current', 'link'), `sha256:${hex}`)
  }
  await Promise.all(Array.from({ length: linksAtOnce }, putRest))
  return `sha256:${hex}`
}

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}
