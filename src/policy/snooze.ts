import { shortValue } from './short-value.ts'

/** The annotation until when nothing is told of a workload: a date or an RFC 3339 instant. */
export const snoozeAnnotation = 'patchline.dev/snooze-until'
/** The annotation with tags that are not told of: `1.25.5,1.25.6`. */
export const skipAnnotation = 'patchline.dev/skip'

/** Why a finding is not told: for a time, or because its newest tag is not wanted. */
export type Silence = 'snoozed' | 'skipped'

type Annotations = Readonly<Record<string, string>>

/** Whether a newer tag is not to be told, by the annotations of its workload, at an instant in epoch milliseconds. */
export function silenceOf(
  annotations: Annotations,
  newest: string | undefined,
  now: number,
): Silence | undefined {
  if (newest !== undefined && skippedTags(annotations).includes(newest)) return 'skipped'
  const until = own(annotations, snoozeAnnotation)
  const end = until === undefined ? undefined : instantOf(until)
  return end !== undefined && now < end ? 'snoozed' : undefined
}

/** What cannot be read in these annotations, as sentences that say what would be right. */
export function silenceProblems(annotations: Annotations): readonly string[] {
  const until = own(annotations, snoozeAnnotation)
  const isUnread = until !== undefined && instantOf(until) === undefined
  const wrong = skippedTags(annotations).find(text => !tag.test(text))
  return [
    ...(isUnread
      ? [
          `annotation ${snoozeAnnotation}=${shortValue(until)} is no date; write 2026-12-24 or 2026-12-24T08:00Z`,
        ]
      : []),
    ...(wrong === undefined
      ? []
      : [`annotation ${skipAnnotation}: ${shortValue(wrong)} is no tag; write 1.25.5,1.25.6`]),
  ]
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d))?$/
const tag = /^\w[\w.-]{0,127}$/

// A day that a month does not have is taken for one of the next: who wrote it meant something else.
function instantOf(text: string): number | undefined {
  const day = rfc3339.exec(text)?.[1]
  if (day === undefined) return undefined
  // oxlint-disable eslint/no-restricted-globals -- reads a text and no clock
  const midnight = new Date(`${day}T00:00:00Z`)
  const instant = Date.parse(text)
  // oxlint-enable eslint/no-restricted-globals
  if (Number.isNaN(midnight.getTime()) || Number.isNaN(instant)) return undefined
  return midnight.toISOString().startsWith(day) ? instant : undefined
}

function skippedTags(annotations: Annotations): readonly string[] {
  const text = own(annotations, skipAnnotation) ?? ''
  return text.split(/[\s,]+/).filter(part => part !== '')
}

function own(annotations: Annotations, key: string): string | undefined {
  return Object.hasOwn(annotations, key) ? annotations[key] : undefined
}
