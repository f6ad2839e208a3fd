import type { Changes } from './changes.ts'
import { containerKeyOf, workloadKeyOf, type Finding, type Findings } from './findings.ts'

/** What is remembered of one finding. Times in epoch milliseconds. */
export interface Remembered {
  /** As last seen. */
  readonly finding: Finding
  readonly firstSeen: number
  /** When it was told in its present form; undefined while it is not: snoozed, or failing for a short time. */
  readonly toldAt: number | undefined
}

/** What has been found and told, by key. */
export type Memory = ReadonlyMap<string, Remembered>

/** When a look that fails is told; milliseconds. */
export interface Patience {
  /** For what passes by itself: a registry that is down or asks to wait, and any refusal as long as old lists give verdicts. */
  readonly failingAfter: number
}

/** The memory after a report, and what it changed. */
export interface Advanced {
  readonly memory: Memory
  readonly changes: Changes
}

/**
 * The next memory. The same finding is told once; what cannot be seen this time stays as it was, for a registry that
 * is down resolves nothing. Pure.
 */
export function advance(
  memory: Memory,
  findings: Findings,
  { now, patience }: { readonly now: number; readonly patience: Patience },
): Advanced {
  const next = new Map<string, Remembered>()
  const changes: { [Kind in keyof Changes]: Finding[] } = {
    appeared: [],
    changed: [],
    resolved: [],
    removed: [],
    failing: [],
    emergencies: [],
  }
  for (const finding of findings.findings) {
    const { remembered, change } = meet(memory.get(finding.key), finding, {
      now,
      patience,
      snoozed: findings.silenced.has(finding.key),
    })
    next.set(finding.key, remembered)
    if (change !== undefined) changes[change].push(finding)
  }
  for (const [key, remembered] of memory) {
    if (next.has(key)) continue
    const end = endOf(remembered.finding, findings)
    if (end === undefined) next.set(key, remembered)
    else if (remembered.toldAt !== undefined && !isToldWithImage(remembered.finding, memory, findings))
      changes[end].push(endedOf(remembered.finding, findings))
  }
  return { memory: next, changes }
}

/** How a finding has ended; undefined where it has not, as far as could be seen. */
function endOf(
  { key, kind, workload }: Finding,
  { settled, seen, workloads, complete }: Findings,
): 'resolved' | 'removed' | undefined {
  if (settled.has(key)) return 'resolved'
  // Only workloads of which it is not known to be over are seen.
  const isOver = kind === 'emergency' && !seen.has(key) && workloads.has(workloadKeyOf(workload))
  if (isOver) return 'resolved'
  if (!complete || seen.has(key)) return undefined
  // A container that was taken out of a workload that runs on is drift that was mended.
  return workloads.has(workloadKeyOf(workload)) ? 'resolved' : 'removed'
}

// A container that is gone is told once, though both its image and its lookups were. An emergency is another matter, often told elsewhere.
function isToldWithImage(finding: Finding, memory: Memory, { settled }: Findings): boolean {
  if (finding.kind !== 'failing' || settled.has(finding.key)) return false
  return memory.get(containerKeyOf(finding))?.toldAt !== undefined
}

function endedOf(finding: Finding, { settled }: Findings): Finding {
  const now = settled.get(finding.key)
  return now === undefined ? finding : { ...finding, now }
}

interface Meeting {
  readonly now: number
  readonly patience: Patience
  readonly snoozed: boolean
}

interface Met {
  readonly remembered: Remembered
  readonly change: keyof Changes | undefined
}

function meet(known: Remembered | undefined, finding: Finding, meeting: Meeting): Met {
  if (finding.kind === 'failing') return meetFailing(known, finding, meeting)
  if (finding.kind === 'emergency') return meetEmergency(known, finding, meeting)
  const { firstSeen, toldAt } = known ?? { firstSeen: meeting.now, toldAt: undefined }
  if (known !== undefined && toldAt !== undefined && isSame(known.finding, finding))
    return { remembered: { finding, firstSeen, toldAt }, change: undefined }
  if (meeting.snoozed) return { remembered: { finding, firstSeen, toldAt: undefined }, change: undefined }
  const change = toldAt === undefined ? 'appeared' : 'changed'
  return { remembered: { finding, firstSeen, toldAt: meeting.now }, change }
}

function meetFailing(
  known: Remembered | undefined,
  finding: Finding,
  { now, patience, snoozed }: Meeting,
): Met {
  const firstSeen = known?.firstSeen ?? now
  if (known?.toldAt !== undefined)
    return { remembered: { finding, firstSeen, toldAt: known.toldAt }, change: undefined }
  const due = !passing.has(finding.reason) || now - firstSeen >= patience.failingAfter
  return due && !snoozed
    ? { remembered: { finding, firstSeen, toldAt: now }, change: 'failing' }
    : { remembered: { finding, firstSeen, toldAt: undefined }, change: undefined }
}

function meetEmergency(known: Remembered | undefined, finding: Finding, { now }: Meeting): Met {
  if (known?.toldAt === undefined)
    return { remembered: { finding, firstSeen: known?.firstSeen ?? now, toldAt: now }, change: 'emergencies' }
  // As it was told: its end is told where its beginning was, by the same words.
  return { remembered: known, change: undefined }
}

// Reasons that pass by themselves; the others wait for a person.
const passing: ReadonlySet<string> = new Set(['unavailable', 'rate-limited', 'not-checked-yet', 'overdue'])

// The age, the number of versions between and how many pods there are change every day: that is no news.
function isSame(one: Finding, other: Finding): boolean {
  return one.kind === other.kind && one.image === other.image && one.newest === other.newest
}
