import {
  compareToKey,
  equalEnd,
  equalRange,
  keyOfEntry,
  stageKey,
  wholeKey,
  type Key,
  type Range,
} from './groups.ts'
import { compareNaturally } from './natural.ts'
import type { Ask } from './offer.ts'
import { isUnstable, withoutCommits, type Shape } from './shapes.ts'
import type { OfferedGroups, TagIndex } from './tag-index.ts'
import { classOfEntry, coreClasses, groupOf, shapeOf } from './tag-table.ts'
import type { ElsewhereReason } from './verdict.ts'
import type { Version } from './version.ts'

/** A tag of another shape in which a line goes on, and how its shape differs. */
export interface Elsewhere {
  readonly tag: string
  readonly reason: ElsewhereReason
}

/**
 * The newest tag of another shape that is newer: first among shapes that differ only in numbers, commits or a `v`, then
 * among all with the same prefix. Nothing that the asker's own shape would not be offered as a pre-release.
 */
export function findElsewhere(index: TagIndex, ask: Ask, depth: number): Elsewhere | undefined {
  const { byFamily, byBase, shapes } = index
  const { version } = ask
  const toPreReleases = ask.preRelease || isUnstable(version)
  const own = { index, ask, depth, toPreReleases }
  return (
    newestIn(byFamily, shapes.family(version), { ...own, compared: wholeKey }) ??
    newestIn(byBase, shapes.base(version), { ...own, compared: stageKey })
  )
}

interface Scope {
  readonly index: TagIndex
  readonly ask: Ask
  readonly depth: number
  readonly toPreReleases: boolean
  /** How many columns mean the same in all tags of the group: revisions of different kinds do not. */
  readonly compared: number
}

function newestIn(groups: OfferedGroups, id: number | undefined, scope: Scope): Elsewhere | undefined {
  const { table } = scope.index
  let newest: Key | undefined
  for (const group of groupsFor(id, scope.ask)) {
    const entry = newestEntry(groups, group, scope)
    if (
      entry !== undefined &&
      (newest === undefined || compareToKey(table, entry, { key: newest, depth: wholeKey }) > 0)
    )
      newest = keyOfEntry(table, entry)
  }
  return newest === undefined ? undefined : mostAlike(groups, id, { ...scope, newest })
}

// A core of two numbers may be complete (`3.11` behind `3.10.1`); one of a single number says too little beside longer ones.
function groupsFor(id: number | undefined, { coreClass }: Ask): readonly number[] {
  const shortest = Math.min(coreClass, 2)
  return Array.from({ length: coreClasses - shortest + 1 }, (_, at) => groupOf(id, shortest + at))
}

function newestEntry(groups: OfferedGroups, group: number, scope: Scope): number | undefined {
  const { index, ask, depth, compared } = scope
  const places = scope.toPreReleases ? groups.toPreReleases : groups.toReleases
  const newer = equalEnd(index.table, groups, { group, key: ask.key, depth: compared })
  const place = places[equalEnd(index.table, groups, { group, key: ask.key, depth }) - 1] ?? -1
  return place < newer ? undefined : groups.entries[place]
}

// Of the tags with that version, the one most like the asker's.
function mostAlike(
  groups: OfferedGroups,
  id: number | undefined,
  scope: Scope & { readonly newest: Key },
): Elsewhere | undefined {
  const { index, ask, compared, newest } = scope
  const { version } = ask
  let best: Candidate | undefined
  for (const group of groupsFor(id, ask)) {
    const range = equalRange(index.table, groups, { group, key: newest, depth: compared })
    for (const candidate of candidatesIn(groups, range, scope))
      if (best === undefined || compareLikeness(candidate, best, version) < 0) best = candidate
  }
  return best === undefined ? undefined : { tag: best.tag(), reason: difference(best.shape, ask) }
}

interface Candidate {
  readonly shape: Shape
  tag(): string
}

function* candidatesIn(groups: OfferedGroups, { start, end }: Range, scope: Scope): Generator<Candidate> {
  const { table, shapes } = scope.index
  const { key, shape: own, coreClass, version } = scope.ask
  const places = scope.toPreReleases ? groups.toPreReleases : groups.toReleases
  for (let place = start; place < end; place++) {
    const entry = groups.entries[place] ?? 0
    const shape = shapes.all[shapeOf(table, entry)]
    if (places[place] !== place || shape === undefined) continue
    if (shape.id === own && classOfEntry(table, entry) >= coreClass) continue
    if (compareToKey(table, entry, { key, depth: stageKey }) === 0 && !sameButForCommits(shape, version))
      continue
    yield { shape, tag: () => table.textOf(entry) }
  }
}

// The revisions of two variants count different things (`-debian-11-r40`, `-debian-12-r2`), unless the variants differ
// in a commit only: `1.2.3-4-g4f3a9c1`.
function sameButForCommits({ variant }: Shape, { suffix }: Version): boolean {
  return withoutCommits(variant) === withoutCommits(suffix.variant)
}

// The same prefix first, then the same variant, then the plain tag; of variants that differ in numbers the highest
// (`-alpine3.19` over `-alpine3.18`); at last by code units, so that the order of the list decides nothing.
function compareLikeness(a: Candidate, b: Candidate, version: Version): number {
  return (
    before(a.shape.prefix === version.prefix, b.shape.prefix === version.prefix) ||
    before(a.shape.variant === version.suffix.variant, b.shape.variant === version.suffix.variant) ||
    before(a.shape.variant === '', b.shape.variant === '') ||
    -compareNaturally(a.shape.variant, b.shape.variant) ||
    compareNaturally(a.tag(), b.tag())
  )
}

function before(a: boolean, b: boolean): number {
  return a === b ? 0 : a ? -1 : 1
}

function difference(shape: Shape, { shape: own, version }: Ask): ElsewhereReason {
  if (shape.id === own) return 'fewer-numbers'
  if (shape.prefix !== version.prefix) return 'other-prefix'
  return shape.variant !== version.suffix.variant ? 'other-variant' : 'other-revision'
}
