import type { Drift, DriftReport } from '../audit/index.ts'
import { withRightsTogether } from './missing-rights.ts'
import { sameAdvice, type Unjudged } from './same-advice.ts'
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
  // JSON has them in its rows.
  const details = format === 'json' ? [] : sameAdvice(rows.flatMap(detailOf))
  return [
    ...withRightsTogether(problems),
    ...(isCut ? ['not all could be listed in time: there may be more than is said here'] : []),
    ...(report.rows.length === 0 && complete ? ['found nothing that runs an image'] : []),
    ...report.ignored,
    ...atMost([...new Set(rows.flatMap(overdueOf))]),
    ...atMost(details),
  ].map(text => text.replaceAll(/[^\x20-\x7e]/g, '?'))
}

function detailOf({ evaluation, exempt }: Drift): readonly Unjudged[] {
  const isTold = evaluation.verdict === 'unknown' && !exempt && evaluation.detail !== undefined
  return isTold ? [evaluation] : []
}

// A reader of the rows must not take them for what is so today.
function overdueOf({ evaluation, exempt }: Drift): readonly string[] {
  const { overdue, age, detail } = evaluation
  return overdue && !exempt && age !== undefined ? [`tags are ${ageText(age)} old: ${detail ?? ''}`] : []
}

// Registries of many hosts may fail together.
const mostDetails = 20

function atMost(details: readonly string[]): readonly string[] {
  const left = details.length - mostDetails
  return left <= 0 ? details : [...details.slice(0, mostDetails), `and ${left} more; -o json has all`]
}
