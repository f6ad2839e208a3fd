import { createHash } from 'node:crypto'

/** How a registry pages its tag lists, right and wrong. */
export interface Paging {
  /** `sorted` if not given; GHCR lists the oldest first. */
  readonly order?: 'sorted' | 'oldest-first'
  /** Whether it says where the next page is; Nexus does not. True if not given. */
  readonly link?: boolean
  /** What it does with a `last` that it does not have: go on behind where it would be (if not given), or something else. */
  readonly unknownLast?: 'leaves-one-out' | 'nothing' | 'error'
  /** Takes `last` for nothing. */
  readonly ignoresLast?: boolean
  /** Gives an entity tag with each page, and 304 for it. */
  readonly etag?: boolean
}

/** An answer. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Uint8Array
}

interface Listed {
  readonly name: string
  readonly tags: readonly string[]
  readonly pageSize?: number
  readonly paging?: Paging
}

/** A page of tags. */
export function tagsReply(
  { url, etag }: { readonly url: URL; readonly etag: string | undefined },
  listed: Listed,
): Reply {
  const { pageSize = 1000, paging = {} } = listed
  const rest = tagsBehind(url.searchParams.get('last'), listed)
  if (rest === undefined) return problem(400, 'TAG_LAST_UNKNOWN')
  const wanted = Number(url.searchParams.get('n') ?? pageSize)
  const tags = rest.slice(0, Math.min(wanted, pageSize))
  const reply = json(200, { name: listed.name, tags })
  const headers = {
    ...reply.headers,
    ...linkHeader({ url, wanted, isLast: tags.length === rest.length }, tags, paging),
  }
  if (paging.etag !== true) return { ...reply, headers }
  const own = `"${createHash('md5').update(reply.body).digest('hex')}"`
  return own === etag
    ? { status: 304, headers: { etag: own }, body: '' }
    : { ...reply, headers: { ...headers, etag: own } }
}

function linkHeader(
  page: { readonly url: URL; readonly wanted: number; readonly isLast: boolean },
  tags: readonly string[],
  { link = true }: Paging,
): Readonly<Record<string, string>> {
  const last = tags.at(-1)
  if (!link || page.isLast || last === undefined) return {}
  const next = `${page.url.pathname}?n=${String(page.wanted)}&last=${encodeURIComponent(last)}`
  return { link: `<${next}>; rel="next"` }
}

function tagsBehind(last: string | null, { tags, paging = {} }: Listed): readonly string[] | undefined {
  const ordered = paging.order === 'oldest-first' ? tags : tags.toSorted()
  if (last === null || paging.ignoresLast === true) return ordered
  const place = ordered.indexOf(last)
  if (place >= 0) return ordered.slice(place + 1)
  if (paging.unknownLast === 'error') return undefined
  if (paging.unknownLast === 'nothing' || paging.order === 'oldest-first') return []
  const behind = ordered.filter(tag => tag > last)
  return paging.unknownLast === 'leaves-one-out' ? behind.slice(1) : behind
}

interface Stored {
  readonly repository: string
  readonly tags: readonly string[]
  readonly manifests: Readonly<Record<string, string>> | undefined
}

/** The manifest of a tag or a digest. */
export function manifestReply({ repository, tags, manifests }: Stored, reference: string): Reply {
  const bodies = tags.map(
    tag => [tag, manifests?.[`${repository}:${tag}`] ?? imageManifest(repository, tag)] as const,
  )
  const [, body] = bodies.find(([tag, text]) => tag === reference || digestOf(text) === reference) ?? []
  if (body === undefined) return problem(404, 'MANIFEST_UNKNOWN')
  const type = /"mediaType":"([^"]*)"/.exec(body)?.[1] ?? 'application/vnd.oci.image.manifest.v1+json'
  return { status: 200, headers: { 'content-type': type, 'docker-content-digest': digestOf(body) }, body }
}

/** The manifest that a tag has unless another was given. */
export function imageManifest(repository: string, tag: string): string {
  return JSON.stringify({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    schemaVersion: 2,
    annotations: { of: `${repository}:${tag}` },
  })
}

/** The digest of a text. */
export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

/** An error as the distribution specification has it. */
export function problem(status: number, code: string): Reply {
  return json(status, { errors: [{ code, message: code.toLowerCase(), detail: null }] })
}

/** Any answer in JSON. */
export function json(status: number, body: unknown): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** A digest of one character: for manifests that are only named. */
export function childDigest(character: string): string {
  return `sha256:${character.repeat(64)}`
}

/** An OCI index with images for Linux on two processors, for two versions of Windows, and an attestation. */
export const platformIndex = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [
    { digest: childDigest('a'), platform: { os: 'linux', architecture: 'amd64' } },
    { digest: childDigest('b'), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
    { digest: childDigest('c'), platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.1' } },
    { digest: childDigest('d'), platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.2' } },
    { digest: childDigest('e'), platform: { os: 'unknown', architecture: 'unknown' } },
  ],
})
