import { shownVerdict, type Drift, type DriftReport } from '../audit/index.ts'
import type { DriftFormat } from './print-drift.ts'
import { ageText } from './row-texts.ts'

/** What to know besides the rows that are printed, as sentences for standard error. */
export function remarksOn(
  report: DriftReport,
  rows: readonly Drift[],
  format: DriftFormat,
): readonly string[] {
  const { problems, complete } = report
  const isCut = !complete && problems.length === 0
  // The other formats have them in their rows.
  const details = format === 'table' ? rows.flatMap(detailOf) : []
  return [
    ...problems,
    ...(isCut ? ['not all could be listed in time: there may be more than is said here'] : []),
    ...(report.rows.length === 0 && complete ? ['found nothing that runs an image'] : []),
    ...report.ignored,
    ...atMost([...new Set(rows.flatMap(overdueOf))]),
    ...atMost([...new Set(details)]),
  ].map(text => text.replaceAll(/[^\x20-\x7e]/g, '?'))
}

function detailOf({ evaluation, exempt }: Drift): readonly string[] {
  const { verdict, detail } = evaluation
  return verdict === 'unknown' && !exempt && detail !== undefined ? [detail] : []
}

// Whoever reads the rows must not take them for what is so today.
function overdueOf({ evaluation, exempt }: Drift): readonly string[] {
  const { overdue, age, detail } = evaluation
  return overdue && !exempt && age !== undefined ? [`tags are ${ageText(age)} old: ${detail ?? ''}`] : []
}

// A registry that is down has as many as it has repositories.
const mostDetails = 20

function atMost(details: readonly string[]): readonly string[] {
  const left = details.length - mostDetails
  return left <= 0 ? details : [...details.slice(0, mostDetails), `and ${left} more; -o json has all`]
}

/** How many of what there are: `3 containers: 1 outdated, 2 current`. */
export function summaryOf({ rows }: DriftReport): string {
  const counts = [...Map.groupBy(rows, shownVerdict)]
    .toSorted(([one], [other]) => order.indexOf(one) - order.indexOf(other))
    .map(([verdict, of]) => `${of.length} ${verdict}`)
  return `${rows.length} ${rows.length === 1 ? 'container' : 'containers'}: ${counts.join(', ')}`
}

const order: readonly ReturnType<typeof shownVerdict>[] = [
  'outdated',
  'unknown',
  'current',
  'floating',
  'unversioned',
  'exempt',
]
