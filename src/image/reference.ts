import { shorten } from '../text/index.ts'

/** The repository of an image: a registry host (with port, if any) and a path in it. */
export interface Repository {
  readonly registry: string
  readonly repository: string
}

/** An image reference with Docker Hub's defaults filled in; `tag` and `digest` only where they were written. */
export interface Reference extends Repository {
  readonly tag: string | undefined
  readonly digest: string | undefined
}

/** The text is not an image reference. */
export class InvalidReferenceError extends Error {
  override readonly name = 'InvalidReferenceError'
  readonly code = 'invalid-reference'
  readonly text: string

  constructor(text: string, why: string) {
    super(`image ${quoted(text)} is not a reference: ${why}`)
    this.text = text
  }
}

// The grammar of github.com/distribution/reference (reference.go, regexp.go), part by part. The API server checks next
// to nothing of an image, so every rule here meets hostile text: each pattern is linear, and the length comes first.
const longestName = 255 // NameTotalLengthMax
const longestText = longestName + 1 + 128 + 1 + 32 + 1 + 128 // name:tag@algorithm:hex, the longest legal text
const pathComponent = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,128}$/
const hostPattern =
  /^(?:\[[0-9a-fA-F:]+\]|(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])(?:\.(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]))*)(?::[0-9]+)?$/
const hexLength: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }

/**
 * The reference that an image text names, by the grammar of distribution/reference with Docker Hub's defaults
 * (`nginx` is `docker.io/library/nginx`). A missing tag stays undefined: see {@link impliedTag}.
 * @throws InvalidReferenceError if the text is not a reference; never anything else.
 */
export function parseReference(text: string): Reference {
  if (text === '') throw new InvalidReferenceError(text, 'it is empty')
  if (text.length > longestText) throw new InvalidReferenceError(text, 'it is too long')
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : checkedDigest(text, text.slice(at + 1))
  const named = at < 0 ? text : text.slice(0, at)
  const colon = named.lastIndexOf(':')
  const hasTag = colon > named.lastIndexOf('/')
  const tag = hasTag ? checkedTag(text, named.slice(colon + 1)) : undefined
  return { ...checkedName(text, hasTag ? named.slice(0, colon) : named), tag, digest }
}

/** The reference that an image text names; undefined where the text is not one. */
export function referenceOf(text: string): Reference | undefined {
  try {
    return parseReference(text)
  } catch (error) {
    if (error instanceof InvalidReferenceError) return undefined
    throw error
  }
}

/** The references among image texts; other texts are left out. */
export function parseReferences(texts: readonly string[]): readonly Reference[] {
  return texts.flatMap(text => referenceOf(text) ?? [])
}

/** Whether a text is a tag by the grammar of the distribution specification. */
export function isTag(text: string): boolean {
  return tagPattern.test(text)
}

/** The tag that a reference stands for: its own, `latest` without tag and digest, else none. */
export function impliedTag(reference: Reference): string | undefined {
  return reference.tag ?? (reference.digest === undefined ? 'latest' : undefined)
}

/** The repository as a person writes it: without `docker.io/` and `library/` if it still means the same. */
export function familiarRepository({ registry, repository }: Repository): string {
  if (registry !== dockerHub) return `${registry}/${repository}`
  const [first = '', second, third] = repository.split('/')
  if (first === 'library' && second !== undefined && third === undefined) return second
  return looksLikeHost(first) || second === undefined ? `${dockerHub}/${repository}` : repository
}

const dockerHub = 'docker.io'
// One registry under several names: distribution/reference knows the first, container runtimes the second.
const dockerHubAliases = new Set(['index.docker.io', 'registry-1.docker.io'])

function checkedTag(text: string, tag: string): string {
  if (tag === '') throw new InvalidReferenceError(text, 'nothing follows the colon')
  if (!tagPattern.test(tag))
    throw new InvalidReferenceError(text, 'the tag is not [A-Za-z0-9_][A-Za-z0-9._-]{0,127}')
  return tag
}

function checkedDigest(text: string, digest: string): string {
  if (digest === '') throw new InvalidReferenceError(text, 'nothing follows the @')
  if (!digestPattern.test(digest)) throw new InvalidReferenceError(text, 'the digest is not algorithm:hex')
  const [algorithm = '', hex = ''] = digest.split(':')
  const wanted = hexLength[algorithm]
  if (wanted !== undefined && (hex.length !== wanted || hex !== hex.toLowerCase()))
    throw new InvalidReferenceError(text, `a ${algorithm} digest has ${wanted} lower-case hex digits`)
  return digest
}

function checkedName(text: string, name: string): Repository {
  const { registry, repository } = splitName(name)
  if (!hostPattern.test(registry)) throw new InvalidReferenceError(text, whyNoHost(text))
  if (repository.length + registry.length + 1 > longestName)
    throw new InvalidReferenceError(text, `the name is longer than ${longestName} characters`)
  if (/^[0-9a-f]{64}$/.test(name)) throw new InvalidReferenceError(text, 'the name is a bare image id')
  for (const component of repository.split('/')) checkedComponent(text, component)
  return { registry: normalHost(registry), repository }
}

function whyNoHost(text: string): string {
  const scheme = /^[A-Za-z][A-Za-z+]*:\/\//.exec(text)?.[0]
  return scheme === undefined ? 'the registry is not a host' : `leave out ${scheme}`
}

function checkedComponent(text: string, component: string): void {
  if (component === '') throw new InvalidReferenceError(text, 'a part of the repository is empty')
  if (component !== component.toLowerCase())
    throw new InvalidReferenceError(text, 'the repository must be lower case')
  if (!pathComponent.test(component))
    throw new InvalidReferenceError(text, `${quoted(component)} is not a repository name`)
}

function splitName(name: string): Repository {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  if (slash >= 0 && looksLikeHost(first)) {
    const repository = name.slice(slash + 1)
    const official = isDockerHub(first) && repository !== '' && !repository.includes('/')
    return { registry: first, repository: official ? `library/${repository}` : repository }
  }
  return { registry: dockerHub, repository: slash < 0 ? `library/${name}` : name }
}

// splitDockerDomain of distribution/reference: a first part is a host if it has a dot or a colon, is localhost, or is
// not lower case (which no repository may be).
function looksLikeHost(part: string): boolean {
  return /[.:]/.test(part) || part === 'localhost' || part !== part.toLowerCase()
}

function isDockerHub(host: string): boolean {
  return host === dockerHub || dockerHubAliases.has(host)
}

// Host names are case-insensitive (RFC 4343), a port is a number however many zeros are before it, and :443 is what https
// means, so one registry must not look like two. As text, for the grammar lets a port have more digits than a number holds.
function normalHost(host: string): string {
  const lower = host.toLowerCase().replace(/:0+(?=[0-9]+$)/, ':')
  const plain = lower.endsWith(':443') ? lower.slice(0, -':443'.length) : lower
  return dockerHubAliases.has(plain) ? dockerHub : plain
}

function quoted(text: string): string {
  const longestShown = 121 // an error must stay readable whatever the text is
  return JSON.stringify(shorten(text, longestShown))
}
