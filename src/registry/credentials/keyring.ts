import type { Access, PullCredentials } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import type { DockerConfigEntry } from './docker-config.ts'

/** The credentials that may be sent for a repository, in the order in which the kubelet would try them. */
export type Keyring = (repository: Repository) => readonly PullCredentials[]

/** A key of a docker configuration, taken apart. */
export interface KeyringKey {
  /** Host, port and path as one text: by it keys are put in order. */
  readonly text: string
  /** Labels of the host; a `*` in one stands for any characters but dots. */
  readonly labels: readonly string[]
  readonly port: string
  /** Empty, or with a `/` at its beginning. */
  readonly path: string
}

/**
 * A keyring of docker configuration entries by the kubelet's rules (kubernetes, pkg/credentialprovider/keyring.go): all that match, the
 * reverse of alphabetical order by key, so that a longer path comes before a shorter one and a name before a `*`; of one key in
 * the order given. For Docker Hub, where nothing matches, those of `index.docker.io`.
 * Stricter than the kubelet in one thing: `host/team` is for `host/team/app`, and is never sent for `host/teammate/app`.
 */
export function createKeyring(entries: readonly DockerConfigEntry[]): Keyring {
  const keyed = entries.flatMap(({ key, credentials }) => {
    const read = readKey(key)
    return read === undefined ? [] : [{ key: read, credentials }]
  })
  const sorted = keyed.toSorted((one, other) => compareReversed(one.key.text, other.key.text))
  return repository => {
    const image = `${repository.registry}/${repository.repository}`
    const matching = sorted.filter(({ key }) => keyMatches(key, image))
    const isHub = matching.length === 0 && repository.registry === 'docker.io'
    const found = isHub ? sorted.filter(({ key }) => key.text === hubKey) : matching
    return found.filter(({ key }) => endsAtBoundary(key, image)).map(({ credentials }) => credentials)
  }
}

// Under this name docker keeps the credentials of Docker Hub: https://index.docker.io/v1/.
const hubKey = 'index.docker.io'

/** Takes a key apart: without its scheme, and without the version of the API; undefined where it is no address. */
export function readKey(key: string): KeyringKey | undefined {
  const [address = ''] = key.replace(/^https?:\/\//, '').split(/[?#]/, 1)
  const slash = address.indexOf('/')
  const [authority, rest] = slash < 0 ? [address, ''] : [address.slice(0, slash), address.slice(slash)]
  const host = withoutDefaultPort(authority.slice(authority.lastIndexOf('@') + 1).toLowerCase())
  const path = decoded(rest)
  if (host === '' || path === undefined) return undefined
  const effective = /^\/v[12]\//.test(path) ? path.slice('/v1'.length) : path
  const kept = effective === '/' ? '' : effective
  return { text: `${host}${kept}`, ...splitHost(host), path: kept }
}

/** Whether the kubelet would use the key for an image (without tag): host by labels, the same port, the path as its beginning. */
export function keyMatches(key: KeyringKey, image: string): boolean {
  const target = readTarget(image)
  if (key.port !== target.port || key.labels.length !== target.labels.length) return false
  if (!target.path.startsWith(key.path)) return false
  return key.labels.every((glob, at) => globMatches(glob, target.labels[at] ?? ''))
}

function endsAtBoundary({ path }: KeyringKey, image: string): boolean {
  const target = readTarget(image).path
  return path === '' || path.endsWith('/') || target.length === path.length || target[path.length] === '/'
}

function readTarget(image: string): Pick<KeyringKey, 'labels' | 'port' | 'path'> {
  const slash = image.indexOf('/')
  const host = slash < 0 ? image : image.slice(0, slash)
  return { ...splitHost(host), path: slash < 0 ? '' : image.slice(slash) }
}

function splitHost(host: string): Pick<KeyringKey, 'labels' | 'port'> {
  const [, name = host, port = ''] = /^([^:]*|\[.*\]):([^:\]]*)$/.exec(host) ?? []
  return { labels: name.split('.'), port }
}

// A reference to host:443 is read as one to the host: that is what https means.
function withoutDefaultPort(host: string): string {
  return host.endsWith(':443') ? host.slice(0, -':443'.length) : host
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

// Piece after piece from the left, each as early as it can be: linear, whatever stands in the key.
function globMatches(glob: string, label: string): boolean {
  const [first = '', ...pieces] = glob.split('*')
  const last = pieces.pop()
  if (last === undefined) return glob === label
  if (label.length < first.length + last.length || !label.startsWith(first) || !label.endsWith(last))
    return false
  let at = first.length
  for (const piece of pieces) {
    const found = label.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  // What the last piece matches must not have been taken by one before.
  return at + last.length <= label.length
}

function compareReversed(one: string, other: string): -1 | 0 | 1 {
  if (one === other) return 0
  return one > other ? -1 : 1
}

// More images than a namespace runs; names beyond that, made up or not, are looked up again.
const mostRepositories = 1_000

/** An access that looks into several keyrings, one after the other. */
export function createCredentials(
  namespace: string,
  keyrings: readonly Keyring[],
  problems: readonly string[],
): Access {
  // A plain map: there is one for each workload of a large cluster, and an LRU cache takes kilobytes before it holds anything.
  const found = new Map<string, readonly PullCredentials[]>()
  return {
    namespace,
    problems,
    credentialsFor({ registry, repository }: Repository) {
      const key = `${registry}/${repository}`
      const known = found.get(key)
      if (known !== undefined) return known
      const credentials = keyrings.flatMap(keyring => keyring({ registry, repository }))
      if (found.size === mostRepositories) found.clear()
      found.set(key, credentials)
      return credentials
    },
  }
}
