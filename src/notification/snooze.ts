import type { RunningImage } from '../audit/index.ts'

/** Until when nothing is told of a workload: RFC 3339. */
export const snoozeAnnotation = 'patchline.dev/snooze-until'
/** Tags that are not told of: `1.25.5,1.25.6`. */
export const skipAnnotation = 'patchline.dev/skip'

/** Why a finding is not told: for a time, or because its newest tag is not wanted. */
export type Silence = 'snoozed' | 'skipped'

/** Whether a finding is not to be told, and what is wrong with the annotation that says so. */
export interface Snooze {
  readonly silence: Silence | undefined
  readonly problem: string | undefined
}

/** What the annotations of a workload say about telling of a newer tag, at an instant in epoch milliseconds. */
export function snoozeOf(
  { annotations, workload }: RunningImage,
  newest: string | undefined,
  now: number,
): Snooze {
  const skipped = own(annotations, skipAnnotation)?.split(/[\s,]+/) ?? []
  if (newest !== undefined && skipped.includes(newest)) return { silence: 'skipped', problem: undefined }
  const until = own(annotations, snoozeAnnotation)
  if (until === undefined) return { silence: undefined, problem: undefined }
  // oxlint-disable-next-line eslint/no-restricted-globals -- reads a text and no clock
  const instant = rfc3339.test(until) ? Date.parse(until) : Number.NaN
  if (!Number.isNaN(instant)) return { silence: now < instant ? 'snoozed' : undefined, problem: undefined }
  const { kind, namespace, name } = workload
  const shown = JSON.stringify(until.slice(0, 40))
  return {
    silence: undefined,
    problem: `${kind} ${namespace}/${name}: annotation ${snoozeAnnotation}=${shown} is no RFC 3339 instant (2026-12-24T00:00:00Z): it is not snoozed`,
  }
}

const rfc3339 = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d))?$/

function own(values: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined
}
