import { isTag } from '../../image/index.ts'
import { instantOf, shorten } from '../../text/index.ts'
import { valueOf } from '../match/selector.ts'

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
  const until = valueOf(annotations, snoozeAnnotation)
  const end = until === undefined ? undefined : instantOf(until)
  return end !== undefined && now < end ? 'snoozed' : undefined
}

/** What is invalid in these annotations, as sentences that say what would be valid. */
export function silenceProblems(annotations: Annotations): readonly string[] {
  const until = valueOf(annotations, snoozeAnnotation)
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

function skippedTags(annotations: Annotations): readonly string[] {
  const text = valueOf(annotations, skipAnnotation) ?? ''
  return text.split(/[\s,]+/).filter(part => part !== '')
}

const longestShown = 21

/** The beginning of a value, which may be any text, for a message: enough to find the mistake. */
export function shortValue(value: string): string {
  return shorten(value, longestShown)
}
