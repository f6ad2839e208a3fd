import { coreClasses, equalRange, groupOf, type Groups } from './groups.ts'
import { keyOfEntry, wholeKey, wordBits, type Key, type PackedVersions } from './layout.ts'
import type { Placed } from './place-entries.ts'
import { isUnstable, type Shape } from './shapes.ts'
import { stages } from './version.ts'

/** To whom a tag may be offered; each is part of the one before it. */
export const audience = { everybody: 0, preReleaseUsers: 1, nobody: 2 } as const
export type Audience = (typeof audience)[keyof typeof audience]

/**
 * Whether tags of the shape with more numbers than `coreClass` start with the same numbers. A tag that says which build
 * it is (`16beta1`, `21_35`) does not float over other builds: only a longer spelling of the same one extends it.
 */
export function isExtended(
  versions: PackedVersions,
  byShape: Groups,
  { shape, coreClass, key, build }: { shape: number; coreClass: number; key: Key; build: boolean },
): boolean {
  for (let longer = coreClass + 1; longer <= coreClasses; longer++) {
    const range = equalRange(versions, byShape, {
      group: groupOf(shape, longer),
      key,
      depth: build ? wholeKey : coreClass,
    })
    if (range.end > range.start) return true
  }
  return false
}

const slicePlaces = 1_000

/** The audience of each place; a floating tag is offered to nobody. `stage` is the column of the stages. */
export function* audiencesOf(placed: Placed, stage: number): Generator<undefined, Uint8Array> {
  const { versions, groups } = placed
  const stageOf = columnReader(versions, stage)
  const audiences = new Uint8Array(versions.length)
  for (let place = 0; place < versions.length; place++)
    if (stageOf(place) < stages.release) audiences[place] = audience.preReleaseUsers
  for (let start = 0; start < versions.length; start += slicePlaces) {
    yield
    const end = Math.min(start + slicePlaces, versions.length)
    for (let place = start; place < end; place++)
      if (isShort(groups, place) && isExtendedPlace(placed, place)) audiences[place] = audience.nobody
  }
  return audiences
}

// Reads one column of every place without unpacking the others.
function columnReader({ length, widths, words }: PackedVersions, column: number): (place: number) => number {
  let from = -length
  let room = 0
  for (const width of widths.slice(0, column + 1)) {
    if (width > room) {
      from += length
      room = wordBits
    }
    room -= width
  }
  const mask = 2 ** (widths[column] ?? 0) - 1
  return place => ((words[from + place] ?? 0) >>> room) & mask
}

function isShort(groups: Uint32Array, place: number): boolean {
  return (groups[place] ?? 0) % coreClasses !== coreClasses - 1
}

function isExtendedPlace({ versions, starts, groups, builds }: Placed, place: number): boolean {
  const group = groups[place] ?? 0
  return isExtended(
    versions,
    { starts, entries: undefined },
    {
      shape: Math.floor(group / coreClasses),
      coreClass: (group % coreClasses) + 1,
      key: keyOfEntry(versions, place),
      build: builds[place] === 1,
    },
  )
}

/** The audiences for who comes from another shape: to them all behind a prefix such as `dev-` are pre-releases. */
export function withoutUnstable(
  audiences: Uint8Array,
  groups: Uint32Array,
  shapes: readonly Shape[],
): Uint8Array {
  const unstable = Uint8Array.from(shapes, shape => (isUnstable(shape) ? audience.preReleaseUsers : 0))
  if (!unstable.includes(audience.preReleaseUsers)) return audiences
  return audiences.map((own, place) =>
    Math.max(own, unstable[Math.floor((groups[place] ?? 0) / coreClasses)] ?? 0),
  )
}
