import type { Suffix, Version } from './version.ts'

/** What must be equal for two tags to be comparable, with the two wider groups in which a line may go on elsewhere. */
export interface Shape {
  readonly id: number
  readonly prefix: string
  readonly variant: string
  readonly revisionKinds: string
  /** Shapes that differ only in numbers and commits inside the variant, or in a `v`: `-alpine3.17` and `-alpine3.18`. */
  readonly family: number
  /** Shapes of the same prefix, but for a `v`. */
  readonly base: number
  /** See {@link isUnstable}. */
  readonly unstable: boolean
}

/** The shapes of one repository, in the order in which they were met. */
export interface Shapes {
  readonly all: readonly Shape[]
  find(version: Version): Shape | undefined
  /** The id of the version's shape, given to it at the first meeting. */
  intern(version: Version): number
  family(version: Version): number | undefined
  base(version: Version): number | undefined
}

/** An empty set of shapes. */
export function createShapes(): Shapes {
  const all: Shape[] = []
  const byKey = new Map<string, Shape>()
  const families = createNumbering()
  const bases = createNumbering()
  // Suffixes are shared objects (see the suffix cache of the index), so nearly every tag ends here, without a new string.
  const ids = new Map<string, Map<Suffix, number>>()
  function add(version: Version, key: string): Shape {
    const { prefix, suffix } = version
    const shape: Shape = {
      id: all.length,
      prefix,
      variant: suffix.variant,
      revisionKinds: suffix.revisionKinds,
      family: families.number(familyKey(version)),
      base: bases.number(baseKey(version)),
      unstable: isUnstable(version),
    }
    all.push(shape)
    byKey.set(key, shape)
    return shape
  }
  return {
    all,
    find: version => byKey.get(shapeKey(version)),
    family: version => families.find(familyKey(version)),
    base: version => bases.find(baseKey(version)),
    intern(version) {
      let known = ids.get(version.prefix)
      if (known === undefined) ids.set(version.prefix, (known = new Map()))
      const id = known.get(version.suffix)
      if (id !== undefined) return id
      const key = shapeKey(version)
      const shape = byKey.get(key) ?? add(version, key)
      known.set(version.suffix, shape.id)
      return shape.id
    },
  }
}

/** Whether a prefix or a variant says that these are no releases: `dev-1.2.3`, `3.27.0-0.dev-12`, `10.2.0-62263pre`. */
export function isUnstable({ prefix, suffix }: Version): boolean {
  return unstable.test(prefix) || unstable.test(suffix.variant)
}

const unstable =
  /(?:^|[-_.\d])(?:alpha|beta|rc|pre|preview|dev|develop|snapshot|nightly|canary|edge|ea|head|unstable|test|testing|main|master|pr|ci)(?:[-_.\d]|$)/i

function shapeKey({ prefix, suffix }: Version): string {
  return `${prefix} ${suffix.variant} ${suffix.revisionKinds}` // no tag holds a space
}

function familyKey(version: Version): string {
  return `${baseKey(version)} ${skeleton(version.suffix.variant)} ${version.suffix.revisionKinds}`
}

// `v`, `release-` and their like say "a version follows" and nothing else; they come and go within one line.
function baseKey({ prefix }: Version): string {
  return prefix.replace(/(?<![A-Za-z])v$/i, '').replace(/^(?:release|rel|version|ver)[-_]?$/i, '')
}

function skeleton(variant: string): string {
  return withoutCommits(variant).replace(/\d+/g, '#')
}

/** The variant with a `*` for each commit: seven or more hexadecimal digits with a letter and a digit among them. */
export function withoutCommits(variant: string): string {
  return variant.replace(/(?<=[-_.]|^)g?(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,}(?=[-_.]|$)/g, '*')
}

function createNumbering(): { number(key: string): number; find(key: string): number | undefined } {
  const numbers = new Map<string, number>()
  return {
    find: key => numbers.get(key),
    number(key) {
      const known = numbers.get(key)
      if (known !== undefined) return known
      numbers.set(key, numbers.size)
      return numbers.size - 1
    },
  }
}
