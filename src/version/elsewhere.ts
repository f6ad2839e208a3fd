import { lastBit } from './bits.ts'
import { candidatesIn } from './candidates.ts'
import { coreClasses, entryAt, equalEnd, equalRange, groupOf } from './groups.ts'
import { compareEntries, keyOfEntry, stageKey, wholeKey, type Key } from './layout.ts'
import { compareLikeness, type Candidate } from './likeness.ts'
import type { Ask } from './offer.ts'
import { findBase, findFamily } from './shape-table.ts'
import { isUnstable } from './shapes.ts'
import type { OfferedGroups, TagIndex } from './tag-index.ts'
import type { ElsewhereReason } from './verdict.ts'

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
  const { shapes } = index
  const audience = ask.preRelease || isUnstable(ask.shape) ? 'toPreReleases' : 'toReleases'
  const family = ask.id === undefined ? findFamily(shapes, ask.shape) : shapes.families[ask.id]
  const base = ask.id === undefined ? findBase(shapes, ask.shape) : shapes.bases[ask.id]
  const scope = { index, ask, depth, audience } as const
  return (
    newestIn(index.byFamily, family, { ...scope, compared: wholeKey }) ??
    newestIn(index.byBase, base, { ...scope, compared: stageKey })
  )
}

interface Scope {
  readonly index: TagIndex
  readonly ask: Ask
  readonly depth: number
  readonly audience: 'toReleases' | 'toPreReleases'
  /** How many columns mean the same in all tags of the group: revisions of different kinds do not. */
  readonly compared: number
}

function newestIn(groups: OfferedGroups, id: number | undefined, scope: Scope): Elsewhere | undefined {
  const { versions } = scope.index
  let newest: number | undefined
  for (const group of groupsFor(id, scope.ask)) {
    const entry = newestEntry(groups, group, scope)
    if (entry !== undefined && (newest === undefined || compareEntries(versions, entry, newest) > 0))
      newest = entry
  }
  if (newest === undefined) return undefined
  return mostAlike(groups, id, { ...scope, newest: keyOfEntry(versions, newest) })
}

// A core of two numbers may be complete (`3.11` behind `3.10.1`); one of a single number says too little beside longer ones.
function groupsFor(id: number | undefined, { coreClass }: Ask): readonly number[] {
  const shortest = Math.min(coreClass, 2)
  return Array.from({ length: coreClasses - shortest + 1 }, (_, at) => groupOf(id, shortest + at))
}

function newestEntry(groups: OfferedGroups, group: number, scope: Scope): number | undefined {
  const { index, ask, depth, compared, audience } = scope
  const start = equalEnd(index.versions, groups, { group, key: ask.key, depth: compared })
  const end = equalEnd(index.versions, groups, { group, key: ask.key, depth })
  const place = lastBit(groups[audience], start, end)
  return place < 0 ? undefined : entryAt(groups, place)
}

// Of the tags with that version, the one most like the asker's.
function mostAlike(
  groups: OfferedGroups,
  id: number | undefined,
  scope: Scope & { readonly newest: Key },
): Elsewhere | undefined {
  const { index, ask, compared, newest } = scope
  const isSame = newest.slice(0, stageKey).every((value, column) => value === ask.key[column])
  let best: Candidate | undefined
  for (const group of groupsFor(id, ask)) {
    const range = equalRange(index.versions, groups, { group, key: newest, depth: compared })
    for (const candidate of candidatesIn(
      { index, ask, groups, offered: groups[scope.audience], isSame },
      range,
    ))
      if (best === undefined || compareLikeness(candidate, best, ask.shape) < 0) best = candidate
  }
  return best === undefined ? undefined : { tag: best.tag, reason: difference(best, ask) }
}

function difference({ id, shape }: Candidate, ask: Ask): ElsewhereReason {
  if (id === ask.id) return 'fewer-numbers'
  if (shape.prefix !== ask.shape.prefix) return 'other-prefix'
  return shape.variant !== ask.shape.variant ? 'other-variant' : 'other-revision'
}
