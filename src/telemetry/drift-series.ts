import type { Drift } from '../audit/index.ts'
import { shownVerdict } from '../report/index.ts'

/** The level of detail of the drift report as metrics: a series for each container, for each namespace and verdict, or none. */
export type MetricsLevel = 'workload' | 'namespace' | 'off'

/** A metric family of gauges over the rows of a report. */
export interface Family {
  readonly name: string
  readonly help: string
  /** The series of a row as text without the family's name, or undefined where it has none. */
  series(row: LabelledRow): string | undefined
}

/** A row with the labels and values that all families share. */
export interface LabelledRow {
  readonly row: Drift
  readonly verdict: ReturnType<typeof shownVerdict>
  /** The labels that identify the container, as they are written between the braces. */
  readonly labels: string
  /** Epoch milliseconds. */
  readonly checkedAt: number
}

/** A row as the families read it; `finishedAt` is that of its report. */
export function labelledRow(row: Drift, finishedAt: number): LabelledRow {
  return { row, verdict: shownVerdict(row), labels: labelsOf(row), checkedAt: finishedAt }
}

// Without versions: a new tag must not begin a new series.
function labelsOf({ image: { workload, container }, evaluation: { reference } }: Drift): string {
  return labelText({
    namespace: workload.namespace,
    workload_kind: workload.kind,
    workload: workload.name,
    container,
    registry: reference?.registry ?? '',
    repository: reference?.repository ?? '',
  })
}

/** A metric family of gauges that count containers. */
export interface Totals extends Pick<Family, 'name' | 'help'> {
  /** The labels of the series that counts a row; undefined where none does. */
  labels(row: Drift): string | undefined
}

/** The families that count the containers of each namespace. */
export const totals: readonly Totals[] = [
  {
    name: 'patchline_images',
    help: 'Containers by namespace and verdict',
    labels: row => labelText({ namespace: row.image.workload.namespace, verdict: shownVerdict(row) }),
  },
  {
    name: 'patchline_images_if_enforced',
    help: 'Containers by namespace and by what mode enforce would do about them now: refused, allowed, or allowed because of grace, exception, break-glass, stale or unproven data',
    labels({ image, enforced, exempt }) {
      if (exempt) return undefined
      const { action, because } = enforced
      const outcome = action === 'refuse' ? 'refused' : (because ?? 'allowed')
      return labelText({ namespace: image.workload.namespace, outcome })
    },
  },
]

/** The metric families with a series for each container, in the order in which they are written: those that alerts need first. */
export const families: readonly Family[] = [
  {
    name: 'patchline_image_patches_behind',
    help: 'How many newer versions the strategy allows, or image revisions where the tags of a line count those; 0 for a current image, absent where there is no verdict',
    series({ row: { evaluation }, verdict, labels }) {
      if (verdict === 'outdated') return `{${labels}} ${evaluation.behind}`
      return verdict === 'current' ? `{${labels}} 0` : undefined
    },
  },
  {
    name: 'patchline_image_newer_patch_published_timestamp_seconds',
    help: 'Since when something newer exists: when it was published, or else first seen; absent where not known',
    series: ({ row: { since }, verdict, labels }) =>
      since === undefined || verdict !== 'outdated' ? undefined : `{${labels}} ${since / 1000}`,
  },
  {
    name: 'patchline_image_info',
    help: 'Always 1; the labels say which version runs, which is the newest and what that means',
    series({ row: { evaluation }, verdict, labels }) {
      const { tag, digest = 'latest' } = evaluation.reference ?? { digest: '' }
      const current = tag ?? digest
      return `{${labels},${labelText({ current, newest: evaluation.newest ?? '', verdict })}} 1`
    },
  },
  {
    name: 'patchline_image_check_failed',
    help: '1 where the tags could not be had, else 0',
    series: ({ verdict, labels }) =>
      verdict === 'exempt' ? undefined : `{${labels}} ${verdict === 'unknown' ? 1 : 0}`,
  },
  {
    name: 'patchline_image_check_timestamp_seconds',
    help: 'As of when the registry said so; absent where it never did',
    series: ({ row: { evaluation }, labels, checkedAt }) =>
      evaluation.age === undefined ? undefined : `{${labels}} ${(checkedAt - evaluation.age) / 1000}`,
  },
]

/** Labels as they are written between the braces, in the given order. */
function labelText(labels: Readonly<Record<string, string>>): string {
  const parts: string[] = []
  for (const [name, value] of Object.entries(labels)) parts.push(name, '="', labelValue(value), '",')
  // Joined, not concatenated: V8 would keep every intermediate string, which is three times the memory.
  return parts.join('').slice(0, -1)
}

// Longer than any legal name of Kubernetes or of a registry.
const longestValue = 255
const escaped = /[\\"\n]/

/** The first 255 characters of a value, escaped as in the text format 0.0.4 of Prometheus. */
function labelValue(value: string): string {
  const short = (value.length > longestValue ? value.slice(0, longestValue) : value).toWellFormed()
  return escaped.test(short)
    ? short
        .replaceAll('\\', String.raw`\\`)
        .replaceAll('"', String.raw`\"`)
        .replaceAll('\n', String.raw`\n`)
    : short
}
