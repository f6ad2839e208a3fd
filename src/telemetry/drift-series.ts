import type { Drift } from '../audit/index.ts'
import { shownVerdict } from '../report/index.ts'
import { labelText } from './label-text.ts'

/** How fine the series of the drift report are: one for each container, one for each namespace and verdict, or none. */
export type MetricsLevel = 'workload' | 'namespace' | 'off'

/** One family of gauges over the rows of a report. */
export interface Family {
  readonly name: string
  readonly help: string
  /** The series of a row as text without the family's name, or undefined where it has none. */
  series(row: LabelledRow): string | undefined
}

/** A row with what is the same in all families. */
export interface LabelledRow {
  readonly row: Drift
  readonly verdict: ReturnType<typeof shownVerdict>
  /** Between the braces: what tells the container from all others. */
  readonly labels: string
  /** Epoch milliseconds. */
  readonly checkedAt: number
}

/** A row as the families take it; `finishedAt` is that of its report. */
export function labelledRow(row: Drift, finishedAt: number): LabelledRow {
  return { row, verdict: shownVerdict(row), labels: labelsOf(row), checkedAt: finishedAt }
}

// Versions are no part of them: a new tag must not begin a new series.
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

/** How many containers a namespace has of each verdict. */
export const totals = { name: 'patchline_images', help: 'Containers by namespace and verdict' }

/** The labels of a series of `totals`. */
export function totalLabels(row: Drift): string {
  return labelText({ namespace: row.image.workload.namespace, verdict: shownVerdict(row) })
}

/** The families with one series for each container, in the order in which they are written: what alerts need comes first. */
export const families: readonly Family[] = [
  {
    name: 'patchline_image_patches_behind',
    help: 'How many newer versions the strategy allows; 0 for a current image, absent where there is no verdict',
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
