import { isTag } from '../image/index.ts'
import { shorten } from '../text/index.ts'

/** The annotation that silences a workload until then: a date or an RFC 3339 instant. */
export const snoozeAnnotation = 'patchline.dev/snooze-until'
/** The annotation with the tags that are not reported: `1.25.5,1.25.6`. */
export const skipAnnotation = 'patchline.dev/skip'

/** Why a finding is not reported: for a time, or because its newest tag is to be skipped. */
export type Silence = 'snoozed' | 'skipped'

type Annotations = Readonly<Record<string, string>>

/** Why a newer tag is not to be reported at an instant (epoch milliseconds), by the annotations of its workload. */
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

/** What is invalid in these annotations, as sentences that say what would be valid. */
export function silenceProblems(annotations: Annotations): readonly string[] {
  const until = own(annotations, snoozeAnnotation)
  const isUnread = until !== undefined && instantOf(until) === undefined
  const wrong = skippedTags(annotations).find(text => !isTag(text))
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

// Date takes a day that a month does not have for one of the next month, which is not what the text means.
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

/** The value of a label or annotation, never an inherited one. */
export function own(values: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined
}

const longestShown = 21

/** The beginning of a value, which may be any text, for a message: enough to find the mistake. */
export function shortValue(value: string): string {
  return shorten(value, longestShown)
}
