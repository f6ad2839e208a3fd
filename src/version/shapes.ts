import { compareNaturally } from './natural.ts'
import type { Suffix, Version } from './version.ts'

/** What must be equal for two tags to be comparable. */
export interface Shape {
  readonly prefix: string
  readonly variant: string
  readonly revisionKinds: string
}

/** The shapes of one repository while its tags are read, numbered as they are met. */
export interface Shapes {
  readonly all: readonly Shape[]
  /** The number of the version's shape, given to it at the first meeting. */
  intern(version: Version): number
}

/** An empty set of shapes. */
export function createShapes(): Shapes {
  const all: Shape[] = []
  const byKey = new Map<string, number>()
  // Suffixes are shared objects (see the suffix cache of the reader), so nearly every tag ends here, without a new string.
  const ids = new Map<string, Map<Suffix, number>>()
  function add(shape: Shape, key: string): number {
    byKey.set(key, all.length)
    return all.push(shape) - 1
  }
  return {
    all,
    intern(version) {
      let known = ids.get(version.prefix)
      if (known === undefined) ids.set(version.prefix, (known = new Map()))
      const id = known.get(version.suffix)
      if (id !== undefined) return id
      const shape = shapeOf(version)
      const key = `${shape.prefix} ${shape.variant} ${shape.revisionKinds}` // no tag holds a space
      const found = byKey.get(key) ?? add(shape, key)
      known.set(version.suffix, found)
      return found
    },
  }
}

/** The shape of a version. */
export function shapeOf({ prefix, suffix }: Version): Shape {
  return { prefix, variant: suffix.variant, revisionKinds: suffix.revisionKinds }
}

/**
 * The order of shapes in an index: the same prefix together, in it the plain variant first, then those with the highest
 * numbers (`-alpine3.19` before `-alpine3.18`). 0 means equal shapes.
 */
export function compareShapes(a: Shape, b: Shape): -1 | 0 | 1 {
  return (
    compareTexts(a.prefix, b.prefix) ||
    compareVariants(a.variant, b.variant) ||
    compareTexts(a.revisionKinds, b.revisionKinds)
  )
}

/** The plain variant first, then the highest first. */
export function compareVariants(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0
  if (a === '' || b === '') return a === '' ? -1 : 1
  return compareNaturally(b, a)
}

/** -1, 0 or 1 by code units. */
export function compareTexts(a: string, b: string): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Whether a prefix or a variant says that these are no releases: `dev-1.2.3`, `3.27.0-0.dev-12`, `10.2.0-62263pre`. */
export function isUnstable({ prefix, variant }: Shape): boolean {
  return unstable.test(prefix) || unstable.test(variant)
}

const unstable =
  /(?:^|[-_.\d])(?:alpha|beta|rc|pre|preview|dev|develop|snapshot|nightly|canary|edge|ea|head|unstable|test|testing|main|master|pr|ci)(?:[-_.\d]|$)/i

/** Equal for shapes that differ only in numbers and commits inside the variant, or in a `v`: `-alpine3.17`, `-alpine3.18`. */
export function familyKey(shape: Shape): string {
  return `${baseKey(shape)} ${skeleton(shape.variant)} ${shape.revisionKinds}`
}

/**
 * Equal for shapes of the same prefix, but for a `v`. `v`, `release-` and their like say "a version follows" and nothing
 * else; they come and go within one line.
 */
export function baseKey({ prefix }: Shape): string {
  return prefix.replace(/(?<![A-Za-z])v$/i, '').replace(/^(?:release|rel|version|ver)[-_]?$/i, '')
}

function skeleton(variant: string): string {
  return withoutCommits(variant).replace(/\d+/g, '#')
}

/** The variant with a `*` for each commit: seven or more hexadecimal digits with a letter and a digit among them. */
export function withoutCommits(variant: string): string {
  return variant.replace(/(?<=[-_.]|^)g?(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,}(?=[-_.]|$)/g, '*')
}
