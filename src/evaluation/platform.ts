import type { Platforms } from './tag-source.ts'

/** Whether what is told of runs where the image of the asker runs; undefined where only its manifest would tell. */
export type Fitness = 'runs' | 'other-platform' | 'no-image' | undefined

/** What a reference names, as far as it decides where that runs. */
export interface OwnPlatforms {
  /** Undefined where that is not known: what cannot be asked of an image is no way past the list of tags. */
  readonly platforms: Platforms | undefined
  /** What the reference is pinned to: it may be the manifest of one of the platforms. */
  readonly digest: string | undefined
}

/**
 * Whether a manifest runs where another one does. A manifest for `one` platform does not say for which: that of a repository is
 * mostly the same throughout, so it is taken for the only one that is wanted.
 */
export function fitnessOf(told: Platforms | undefined, own: OwnPlatforms): Fitness {
  if (told === undefined || told === 'untold') return undefined
  if (own.platforms === 'none') return 'runs' // an artefact, mounted as an image volume
  if (told === 'none') return 'no-image'
  const wanted = wantedPlatforms(own)
  if (told === 'one' || told.size === 0) return wanted.length > 1 ? 'other-platform' : 'runs'
  return wanted.every(platform => runsOn(told.keys(), platform)) ? 'runs' : 'other-platform'
}

/*
 * The platforms that Kubernetes releases a kubelet for, and arm/v7, which k3s does. A publisher who gives up another one
 * (mips64le, 386, arm/v5), or whose build for it lags, ends no line: no node runs it.
 */
const nodePlatforms = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/ppc64le',
  'linux/s390x',
  'windows/amd64',
] as const

function wantedPlatforms({ platforms, digest }: OwnPlatforms): readonly string[] {
  if (platforms === undefined || typeof platforms === 'string') return []
  const pinned = [...platforms].filter(([, its]) => its === digest).map(([platform]) => platform)
  const own = pinned.length > 0 ? pinned : [...platforms.keys()]
  const ofNodes = nodePlatforms.filter(node => runsOn(own, node))
  return ofNodes.length > 0 ? ofNodes : own
}

function runsOn(platforms: Iterable<string>, node: string): boolean {
  for (const platform of platforms) if (isRunOn(platform, node)) return true
  return false
}

// A later variant of an architecture runs what was built for an earlier one.
function isRunOn(platform: string, node: string): boolean {
  const [os, architecture, variant] = platform.split('/')
  const [nodeOs, nodeArchitecture, nodeVariant] = node.split('/')
  if (os !== nodeOs || architecture !== nodeArchitecture) return false
  const usual = usualVariants.get(architecture ?? '')
  const [built, has] = [variant ?? usual, nodeVariant ?? usual]
  return built === has || levelOf(built) <= levelOf(has)
}

// What containerd takes an architecture without a variant for (platforms/database.go).
const usualVariants: ReadonlyMap<string, string> = new Map([
  ['amd64', 'v1'],
  ['arm64', 'v8'],
  ['arm', 'v7'],
])

function levelOf(variant: string | undefined): number {
  const level = /^v(\d{1,3})$/.exec(variant ?? '')?.[1]
  return level === undefined ? Number.NaN : Number(level)
}
