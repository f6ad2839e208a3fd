import { sameJson } from '../json/index.ts'
import { type Annotated, type ContainerImage, type PodAccess } from '../workload/index.ts'
import type { Workload } from './inventory.ts'
import type { Manager } from './manager.ts'

/** What an object runs, and as whom. Pods of one workload say the same. */
export interface RecordContents {
  readonly images: readonly ContainerImage[]
  /** Of a pod: the digest that the container of each image runs, where it is known; else empty. */
  readonly digests: readonly (string | undefined)[]
  readonly access: PodAccess
  /** Of an object without a controller; else empty. */
  readonly labels: Readonly<Record<string, string>>
  /** Those under `patchline.dev/`, but for what reviews wrote. */
  readonly annotations: Readonly<Record<string, string>>
  /** What reviews wrote. */
  readonly annotated: Annotated
  readonly manager: Manager | undefined
}

/** Interns equal values: a hundred pods of one workload differ in little but their names. */
export interface Interner {
  text(text: string): string
  contents(contents: RecordContents): RecordContents
  owner(owner: Workload): Workload
}

/**
 * Creates an interner that remembers up to `most` values that come one after the other (lists have the order of names, so that pods of one
 * workload do), and a hundred times as many of the parts that a template, its replica set and its pods have in common: those are
 * listed at different times. When there are more, all are forgotten: what lives keeps its values.
 */
export function createInterner(most = mostRemembered): Interner {
  const far = most * 100
  const text = createPool<string>({ most: far, keyOf: one => one, kept: whole })
  const images = createPool<RecordContents['images']>({
    ...byJson,
    most: far,
    kept: list =>
      list.map(({ container, field, image }) => ({ container: text(container), field, image: text(image) })),
  })
  const access = createPool<PodAccess>({ ...byJson, most: far })
  const texts = createPool<RecordContents['annotations']>({ ...byJson, most: far })
  const manager = createPool<Manager>({ ...byJson, most: far })
  return {
    text,
    contents: createPool<RecordContents>({
      ...byJson,
      most,
      kept: contents => ({
        images: images(contents.images),
        digests: contents.digests.map(digest => (digest === undefined ? undefined : text(digest))),
        access: access(contents.access),
        labels: texts(contents.labels),
        annotations: texts(contents.annotations),
        annotated: contents.annotated,
        manager: contents.manager && manager(contents.manager),
      }),
    }),
    owner: createPool<Workload>({ most, keyOf: ({ uid }) => uid, isSame: isSameOwner }),
  }
}

const mostRemembered = 1_000

// A text that was cut out of another one holds on to all of it, for as long as it lives: a digest to its whole `imageID`.
function whole(text: string): string {
  return text.split('').join('')
}

interface PoolOptions<T> {
  readonly most: number
  readonly keyOf: (value: T) => string | number
  readonly isSame?: (one: T, other: T) => boolean
  /** What is kept of a value that was not known. */
  readonly kept?: (value: T) => T
}

function createPool<T>(options: PoolOptions<T>): (value: T) => T {
  const { most, keyOf, isSame = () => true, kept = value => value } = options
  const known = new Map<string | number, T>()
  return value => {
    const same = known.get(keyOf(value))
    if (same !== undefined && isSame(same, value)) return same
    if (known.size >= most) known.clear()
    const one = kept(value)
    known.set(keyOf(one), one)
    return one
  }
}

// A number for a key takes no memory of its own, where its text would take more than the value.
const byJson = { keyOf: (value: unknown) => hashOf(JSON.stringify(value)), isSame: sameJson } as const

/** FNV-1a, in as many bits as V8 keeps without an object for the number. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 2
}

// Any client can write an owner reference with the uid of another object.
function isSameOwner(one: Workload, other: Workload): boolean {
  return (
    one.name === other.name &&
    one.namespace === other.namespace &&
    one.kind === other.kind &&
    one.apiVersion === other.apiVersion
  )
}
