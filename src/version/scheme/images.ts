/** Where an image lies; the same words as a reference has. */
export interface ImageRepository {
  readonly registry: string
  readonly repository: string
}

const dockerHub = 'docker.io'
const dockerHubAliases = new Set(['index.docker.io', 'registry-1.docker.io'])
const legalHost = /^(?:\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::[0-9]{1,5})?$/
const legalPath = /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/
const longestImages = 255 // as long as the name of an image may be

/**
 * The prefixes of `registry/repository` that the beginning of an image, as people write it, stands for; undefined where
 * no image begins so. A single word may be an official image of Docker Hub (`postgres`) or the name of a user there.
 */
export function prefixesOf(images: string): readonly string[] | undefined {
  if (images.length > longestImages) return undefined
  const { registry, path } = partsOf(images.replace(/\/$/, ''))
  if (!legalHost.test(registry)) return undefined
  if (path === undefined) return [registry]
  if (!legalPath.test(path)) return undefined
  const official = registry === dockerHub && !path.includes('/') && path !== 'library'
  return official ? [`${registry}/library/${path}`, `${registry}/${path}`] : [`${registry}/${path}`]
}

// No path: a whole registry.
function partsOf(images: string): { readonly registry: string; readonly path: string | undefined } {
  const slash = images.indexOf('/')
  const host = hostOf(slash < 0 ? images : images.slice(0, slash))
  if (host === undefined) return { registry: dockerHub, path: images }
  return { registry: host, path: slash < 0 ? undefined : images.slice(slash + 1) }
}

/** The prefixes of a repository that end where a part of its path does, the longest first. */
export function prefixesOfRepository({ registry, repository }: ImageRepository): readonly string[] {
  const whole = `${registry}/${repository}`
  const prefixes: string[] = []
  for (let end = whole.length; end > 0; end = whole.lastIndexOf('/', end - 1))
    prefixes.push(whole.slice(0, end))
  return prefixes
}

/**
 * What a repository is by its path, where that is not what it says itself: behind a proxy (`proxy.example.com/docker.io/x/y`,
 * `harbor.example.com/proxy/library/postgres`), or the official image for one processor (`arm64v8/postgres`). Undefined
 * where nothing tells.
 */
export function originOf({ registry, repository }: ImageRepository): ImageRepository | undefined {
  const path = repository.split('/')
  return proxiedOrigin(path) ?? officialOrigin(registry, path)
}

function proxiedOrigin(path: readonly string[]): ImageRepository | undefined {
  const at = path.findLastIndex(part => hostOf(part) !== undefined)
  const host = hostOf(path[at] ?? '')
  const rest = path.slice(at + 1)
  if (host === undefined || rest.length === 0) return undefined
  const isOfficial = host === dockerHub && rest.length === 1
  return { registry: host, repository: [...(isOfficial ? ['library'] : []), ...rest].join('/') }
}

function officialOrigin(registry: string, path: readonly string[]): ImageRepository | undefined {
  const [owner, name] = path.slice(-2)
  if (owner === undefined || name === undefined) return undefined
  const isOfProcessor = registry === dockerHub && path.length === 2 && officialProcessors.has(owner)
  return owner === 'library' || isOfProcessor
    ? { registry: dockerHub, repository: `library/${name}` }
    : undefined
}

// Where Docker Hub has the official images of one processor (docker-library/official-images, "Architectures other than amd64").
const officialProcessors = new Set(
  'amd64 arm32v5 arm32v6 arm32v7 arm64v8 i386 mips64le ppc64le riscv64 s390x winamd64'.split(' '),
)

// A first part is a host if it has a dot or a colon or is localhost (distribution/reference, splitDockerDomain).
function hostOf(first: string): string | undefined {
  if (!/[.:]/.test(first) && first !== 'localhost') return undefined
  const host = first.toLowerCase().replace(/:443$/, '')
  return dockerHubAliases.has(host) ? dockerHub : host
}
