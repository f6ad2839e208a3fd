import type { Annotated, ContainerImage, PodAccess } from '../workload/index.ts'
import type { Workload } from './inventory.ts'
import type { Manager } from './manager.ts'

/** What an object runs, and as whom. Pods of one workload say the same. */
export interface RecordContents {
  readonly images: readonly ContainerImage[]
  /** Of a pod: the digest that the container of each image runs, where it is known; else empty. */
  readonly digests: readonly (string | undefined)[]
  readonly access: PodAccess
  /** Those under `patchline.dev/`, but for what reviews wrote. */
  readonly annotations: Readonly<Record<string, string>>
  /** What reviews wrote. */
  readonly annotated: Annotated
  readonly manager: Manager | undefined
}

/** Gives for equal values one and the same: a hundred pods of one workload differ in little but their names. */
export interface Share {
  text(text: string): string
  contents(contents: RecordContents): RecordContents
  owner(owner: Workload): Workload
}

/** A share that remembers up to `most` values of each sort, and of texts ten times as many. */
export function createShare(most = mostRemembered): Share {
  const text = pool<string>({ most: 10 * most, keyOf: one => one, kept: whole })
  const images = pool<RecordContents['images']>({
    most,
    keyOf: JSON.stringify,
    kept: list =>
      list.map(({ container, field, image }) => ({ container: text(container), field, image: text(image) })),
  })
  return {
    text,
    contents: pool<RecordContents>({
      most,
      keyOf: JSON.stringify,
      kept: contents => ({
        ...contents,
        images: images(contents.images),
        digests: contents.digests.map(digest => (digest === undefined ? undefined : text(digest))),
      }),
    }),
    owner: pool<Workload>({ most, keyOf: ({ uid }) => uid, isSame: isSameOwner }),
  }
}

// A text that was cut out of another one holds on to all of it, for as long as it lives: a digest to its whole `imageID`.
function whole(text: string): string {
  return text.split('').join('')
}

// Lists come in the order of names, so that pods of one workload follow one another, and after them come those of a rollout: what
// is remembered costs memory too. When it is more, all is forgotten: what lives keeps its values.
const mostRemembered = 1_000

interface PoolOptions<T> {
  readonly most: number
  readonly keyOf: (value: T) => string
  readonly isSame?: (one: T, other: T) => boolean
  /** What is kept of a value that was not known. */
  readonly kept?: (value: T) => T
}

function pool<T>({
  most,
  keyOf,
  isSame = () => true,
  kept = value => value,
}: PoolOptions<T>): (value: T) => T {
  const known = new Map<string, T>()
  return value => {
    const key = keyOf(value)
    const same = known.get(key)
    if (same !== undefined && isSame(same, value)) return same
    if (known.size >= most) known.clear()
    const one = kept(value)
    known.set(keyOf(one), one)
    return one
  }
}

// Anybody can write a reference with the uid of another.
function isSameOwner(one: Workload, other: Workload): boolean {
  return (
    one.name === other.name &&
    one.namespace === other.namespace &&
    one.kind === other.kind &&
    one.apiVersion === other.apiVersion
  )
}
