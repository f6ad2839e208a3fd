import { shortLine } from '../text/index.ts'
import type { Workload } from '../inventory/index.ts'
import { byWorkload, type Changes, type Finding } from '../notification/index.ts'

/** The reasons of Events. */
export const noticeReasons = ['NewerPatchAvailable', 'RegistryLookupFailed', 'PatchResolved'] as const

/** The content of an Event about one workload. */
export interface DriftNotice {
  readonly reason: (typeof noticeReasons)[number]
  readonly type: 'Normal' | 'Warning'
  readonly workload: Workload
  readonly note: string
}

/**
 * The notices of changes: one for each workload and reason, the most important reason first, what has waited longest before the
 * rest. There is none for a removed workload, whose object is gone.
 */
export function noticesOf({ appeared, changed, resolved, failing }: Changes): readonly DriftNotice[] {
  return [
    ...noticesFor('NewerPatchAvailable', [...appeared, ...changed]),
    ...noticesFor('RegistryLookupFailed', failing),
    ...noticesFor('PatchResolved', resolved),
  ]
}

function noticesFor(reason: DriftNotice['reason'], findings: readonly Finding[]): readonly DriftNotice[] {
  return byWorkload(findings).flatMap(({ findings: own }) => {
    const [first] = own
    if (first === undefined) return []
    const type = reason === 'RegistryLookupFailed' ? 'Warning' : 'Normal'
    const note = noteOf(own.map(finding => sentenceOf(reason, finding)))
    return [{ reason, type, workload: first.workload, note }]
  })
}

/** The API server refuses a longer note; in bytes of UTF-8. */
const longestNote = 1024
/** `; and 1234 more` */
const roomForRest = 24

function noteOf(sentences: readonly string[]): string {
  const kept: string[] = []
  let room = longestNote - roomForRest
  for (const sentence of sentences) {
    room -= Buffer.byteLength(sentence) + 2
    if (room < 0) break
    kept.push(sentence)
  }
  const rest = sentences.length - kept.length
  return rest === 0 ? kept.join('; ') : `${kept.join('; ')}; and ${rest} more`
}

function sentenceOf(reason: DriftNotice['reason'], finding: Finding): string {
  // One sentence always has room: three times these many bytes, should every character take three.
  const image = `${shortLine(finding.container, 63)}: ${shortLine(finding.image, 120)}`
  switch (reason) {
    case 'NewerPatchAvailable':
      return `${image} ${behindText(finding)}`
    case 'RegistryLookupFailed':
      return finding.reason === 'overdue'
        ? `${image} is judged by an old list of tags, for no newer one can be had`
        : `${image} could not be checked (${shortLine(finding.reason, 40)})`
    case 'PatchResolved':
      return `${image} ${endOf(finding)}`
  }
}

function behindText({ newest, distance }: Finding): string {
  if (newest === undefined) return 'stands for another digest than what runs'
  return `is ${distance} behind ${shortLine(newest, 100)}`
}

function endOf({ kind, image, now }: Finding): string {
  if (kind === 'failing') return 'can be checked again'
  return now === undefined || now === image ? 'is resolved' : `is resolved: now ${shortLine(now, 120)}`
}
