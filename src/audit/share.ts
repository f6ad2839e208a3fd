import type { ContainerImage, PodAccess } from '../workload/index.ts'
import type { Workload } from './inventory.ts'
import type { Manager } from './manager.ts'

/** Gives for equal values one and the same: a hundred pods of one workload differ in little but their names. */
export interface Share {
  text(text: string): string
  images(images: readonly ContainerImage[]): readonly ContainerImage[]
  digests(digests: ReadonlyMap<string, string>): ReadonlyMap<string, string>
  access(access: PodAccess): PodAccess
  annotations(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>>
  owner(owner: Workload): Workload
  manager(manager: Manager): Manager
}

/** A share that remembers up to `most` values of each sort. */
export function createShare(most = mostRemembered): Share {
  const image = pool<ContainerImage>(most, JSON.stringify)
  const images = pool<readonly ContainerImage[]>(most, JSON.stringify)
  return {
    text: pool<string>(most, text => text),
    images: list => images(list.map(image)),
    digests: pool<ReadonlyMap<string, string>>(most, map => JSON.stringify([...map])),
    access: pool<PodAccess>(most, JSON.stringify),
    annotations: pool<Readonly<Record<string, string>>>(most, JSON.stringify),
    owner: pool<Workload>(most, ({ uid }) => uid, isSameOwner),
    manager: pool<Manager>(most, JSON.stringify),
  }
}

// Lists come in the order of names, so that pods of one workload follow one another; what is remembered costs memory
// too. When it is more, all is forgotten: what lives keeps its values.
const mostRemembered = 10_000

function pool<T>(
  most: number,
  keyOf: (value: T) => string,
  isSame: (one: T, other: T) => boolean = () => true,
): (value: T) => T {
  const known = new Map<string, T>()
  return value => {
    const key = keyOf(value)
    const same = known.get(key)
    if (same !== undefined && isSame(same, value)) return same
    if (known.size >= most) known.clear()
    known.set(key, value)
    return value
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
