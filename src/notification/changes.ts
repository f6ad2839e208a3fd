import type { Finding } from './findings.ts'

/** What is new since the last report, to be told once. */
export interface Changes {
  readonly appeared: readonly Finding[]
  readonly changed: readonly Finding[]
  /** Looked at, and in order now; with what the container has now. */
  readonly resolved: readonly Finding[]
  /** Their workloads were deleted, not patched. */
  readonly removed: readonly Finding[]
  readonly failing: readonly Finding[]
  /** Only an annotation keeps their workloads from being refused. */
  readonly emergencies: readonly Finding[]
}

/** No changes. */
export const noChanges: Changes = {
  appeared: [],
  changed: [],
  resolved: [],
  removed: [],
  failing: [],
  emergencies: [],
}

/** Whether there is nothing to tell. */
export function isEmpty(changes: Changes): boolean {
  return kinds.every(kind => changes[kind].length === 0)
}

const kinds = ['appeared', 'changed', 'resolved', 'removed', 'failing', 'emergencies'] as const

/** The changes whose findings are wanted. */
export function selectChanges(changes: Changes, isWanted: (finding: Finding) => boolean): Changes {
  return {
    appeared: changes.appeared.filter(isWanted),
    changed: changes.changed.filter(isWanted),
    resolved: changes.resolved.filter(isWanted),
    removed: changes.removed.filter(isWanted),
    failing: changes.failing.filter(isWanted),
    emergencies: changes.emergencies.filter(isWanted),
  }
}

/**
 * Undelivered changes and later ones as one message that says how things are now: what appeared and was resolved before
 * it was delivered is left out, and of several news about one container the last is told.
 */
export function mergeChanges(earlier: Changes, later: Changes): Changes {
  const was = kindByKey(earlier)
  const merged = new Map<string, readonly [kind: keyof Changes, finding: Finding]>()
  for (const kind of kinds) for (const finding of earlier[kind]) merged.set(finding.key, [kind, finding])
  for (const kind of kinds)
    for (const finding of later[kind]) {
      const together = kindOf(was.get(finding.key), kind)
      if (together === undefined) merged.delete(finding.key)
      else merged.set(finding.key, [together, finding])
    }
  const of = (wanted: keyof Changes): readonly Finding[] =>
    [...merged.values()].flatMap(([kind, finding]) => (kind === wanted ? [finding] : []))
  return {
    appeared: of('appeared'),
    changed: of('changed'),
    resolved: of('resolved'),
    removed: of('removed'),
    failing: of('failing'),
    emergencies: of('emergencies'),
  }
}

function kindByKey(changes: Changes): ReadonlyMap<string, keyof Changes> {
  return new Map(kinds.flatMap(kind => changes[kind].map(finding => [finding.key, kind] as const)))
}

function kindOf(earlier: keyof Changes | undefined, later: keyof Changes): keyof Changes | undefined {
  if (earlier === undefined) return later
  const isUnheard = earlier === 'appeared' || earlier === 'failing' || earlier === 'emergencies'
  if (later === 'resolved' || later === 'removed') return isUnheard ? undefined : later
  if (later === 'failing' || later === 'emergencies') return later
  // Resolved and back again before the message went out: to the reader it only changed.
  return isUnheard ? 'appeared' : 'changed'
}
