// What the cluster of the benchmark runs: which image each workload has, and which tags each repository has.
import { createHash } from 'node:crypto'

/** How large it is. */
export interface WorldSize {
  readonly workloads: number
  readonly repositories: number
  /** Of each repository. */
  readonly tags: number
}

export type Owner = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'CronJob'

export const podsPerWorkload = 5
export const registryHosts = 5
/** Of every ten workloads of a namespace of forty. */
const workloadsPerNamespace = 40

/** Of what kind a workload is: four of five are deployments. */
export function ownerOf(workload: number): Owner {
  const place = workload % 25
  if (place === 0) return 'CronJob'
  if (place === 1) return 'DaemonSet'
  return place < 5 ? 'StatefulSet' : 'Deployment'
}

export function namespaceOf(workload: number): string {
  return `team-${String(Math.floor(workload / workloadsPerNamespace)).padStart(4, '0')}`
}

export function namespaceCount({ workloads }: WorldSize): number {
  return Math.ceil(workloads / workloadsPerNamespace)
}

/** As images name it; where it really listens is the endpoint of the configuration. */
export const hostName = (host: number): string => `registry-${host}.example.com`

export const repositoryName = (repository: number): string => `team-${repository % 97}/app-${repository}`

const generations = 24
const kept = new Map<string, readonly string[]>()
const patches = 8
/** Lines in use: every repository has these, whatever else it has. */
const lines = 10

/** The tags of a repository in the order of text, alike for every 24th repository: versions, each plain and of a variant, and commits. */
export function tagsOfRepository(
  repository: number,
  { tags: count }: Pick<WorldSize, 'tags'>,
): readonly string[] {
  const generation = repository % generations
  const key = `${generation} ${count}`
  const known = kept.get(key)
  if (known !== undefined) return known
  const versions = Array.from({ length: Math.floor(count * 0.4) }, (_, at) =>
    versionOf(generation, Math.floor(at / patches), at % patches),
  )
  const named = ['latest', 'edge', ...versions, ...versions.map(version => `${version}-alpine`)]
  const commits = Array.from({ length: Math.max(0, count - named.length) }, (_, at) =>
    hashOf(`${generation}/${at}`).slice(0, 7),
  )
  const all = [...new Set([...named, ...commits])].toSorted((one, other) => (one < other ? -1 : 1))
  kept.set(key, all)
  return all
}

function versionOf(generation: number, line: number, patch: number): string {
  return `${1 + (generation % 7) + Math.floor(line / 20)}.${line % 20}.${patch}`
}

/** A container of a workload: its image, and the digest that its pods run. */
export interface RunImage {
  readonly image: string
  readonly digest: string
  /** Tags of which a digest is needed: of one that moves, and of one that is behind with the newest of its line. */
  readonly digestsOf: readonly string[]
  /** Whether its tag has moved on: then the digest is looked at again with what its index holds. */
  readonly moved: boolean
}

const sidecars = 20

/** What the container runs: of ten workloads one runs `latest`, of which one in five is old; of the rest half are behind. */
export function imageOf(workload: number, { repositories }: WorldSize): RunImage {
  const repository = workload % repositories
  const round = Math.floor(workload / repositories) + repository
  const isFloating = round % 10 === 3
  const patch = round % 2 === 0 ? patches - 1 : round % 7
  const line = (workload * 7) % lines
  if (!isFloating) return versionImage(repository, line, patch)
  const isOld = round % 50 === 3
  const runs = ownerOf(workload) !== 'CronJob'
  return {
    image: imageText(repository, 'latest'),
    digest: isOld ? hashed('old') : digestOf(repository, 'latest'),
    // Of what does not run now there is nothing to compare with.
    digestsOf: runs ? ['latest'] : [],
    moved: runs && isOld,
  }
}

/** The second container that every fourth workload has, of a few repositories that many share. */
export function sidecarOf(workload: number, { repositories }: WorldSize): RunImage | undefined {
  if (workload % 4 !== 0) return undefined
  const repository = (workload / 4) % Math.min(sidecars, repositories)
  return versionImage(repository, 5, workload % 8 === 0 ? patches - 1 : 3)
}

function versionImage(repository: number, line: number, patch: number): RunImage {
  const tag = versionOf(repository % generations, line, patch)
  const newest = versionOf(repository % generations, line, patches - 1)
  const digestsOf = tag === newest ? [] : [tag, newest]
  return { image: imageText(repository, tag), digest: digestOf(repository, tag), digestsOf, moved: false }
}

/** The index that a tag stands for. */
export function indexOf(repository: number, tag: string): string {
  const platforms = ['amd64', 'arm64'].map(architecture => {
    const digest = hashed(`${repository}:${tag} ${architecture}`)
    return {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest,
      size: 1_234,
      platform: { os: 'linux', architecture },
    }
  })
  return JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: platforms })
}

export const indexType = 'application/vnd.oci.image.index.v1+json'

export const digestOf = (repository: number, tag: string): string => hashed(indexOf(repository, tag))

/** A UUID, always the same for the same text. */
export function uidOf(text: string): string {
  const hash = hashOf(text)
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `4${hash.slice(13, 16)}`,
    hash.slice(16, 20),
    hash.slice(20, 32),
  ].join('-')
}

function imageText(repository: number, tag: string): string {
  return `${hostName(repository % registryHosts)}/${repositoryName(repository)}:${tag}`
}

const hashed = (text: string): string => `sha256:${hashOf(text)}`
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
