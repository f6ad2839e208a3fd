import { shortLine, spellInstant } from '../text/index.ts'
import { distanceOf, isMissing, type Drift, type DriftReport } from '../audit/index.ts'
import type { Workload } from '../inventory/index.ts'
import { instant } from './verdict-item.ts'
import { registryPage } from '../image/index.ts'

/** The outcomes that both kinds of reports know. */
export const reportResults = ['pass', 'fail', 'warn', 'error', 'skip'] as const
export type ReportResult = (typeof reportResults)[number]

/** One container of a workload. Every property is text: the schemas take nothing else. */
export interface ResultBody {
  readonly source: 'patchline'
  readonly policy: 'patchline'
  /** The strategy. */
  readonly rule: string
  readonly category: 'Image freshness'
  readonly severity?: 'medium'
  readonly result: ReportResult
  readonly scored: boolean
  readonly message: string
  readonly properties: Readonly<Record<string, string>>
}

/** The rows of each workload of a report, in its order. */
export function rowsByWorkload({ rows }: DriftReport): Iterable<readonly Drift[]> {
  return Map.groupBy(rows, ({ image }) => keyOf(image.workload)).values()
}

/** What one workload's report says. */
export interface ReportedWorkload {
  readonly workload: Workload
  readonly results: readonly ResultBody[]
  /** Some image has not been looked at yet: what is reported already is better than this. */
  readonly provisional: boolean
}

/** What is to be reported of the rows of one workload. */
export function reportedWorkload(rows: readonly Drift[], finishedAt: number): ReportedWorkload {
  const [first] = rows
  if (first === undefined) throw new Error('a workload without images')
  return {
    workload: first.image.workload,
    results: rows.map(row => resultOf(row, finishedAt)),
    provisional: rows.some(({ evaluation, exempt }) => !exempt && evaluation.reason === 'not-checked-yet'),
  }
}

function keyOf({ apiVersion, kind, namespace, name }: Workload): string {
  return JSON.stringify([apiVersion, kind, namespace, name])
}

// An image may be any text that is not empty, and a report with thousands of them has to stay below 1.5 MB.
const longestImage = 300
const longestMessage = 600

function resultOf(drift: Drift, finishedAt: number): ResultBody {
  const result = outcomeOf(drift)
  const checkedAt = overdueSince(drift, finishedAt)
  const message = `${messageOf(drift)}${waitingText(drift)}${emergencyText(drift)}${checkedAt === undefined ? '' : `, as of ${checkedAt}`}`
  return {
    source: 'patchline',
    policy: 'patchline',
    rule: drift.policy.strategy,
    category: 'Image freshness',
    ...((result === 'warn' || result === 'fail') && { severity: 'medium' }),
    result,
    scored: result === 'pass' || result === 'fail',
    message: shortLine(message, longestMessage),
    properties: Object.fromEntries(
      Object.entries({ ...propertiesOf(drift), checkedAt }).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, value]],
      ),
    ),
  }
}

function waitingText({ evaluation: { waiting }, exempt }: Drift): string {
  return waiting === undefined || exempt
    ? ''
    : `; ${waiting.tag} waits until ${spellInstant(waiting.until)} for the minimum age`
}

function emergencyText({ emergency }: Drift): string {
  return emergency === undefined
    ? ''
    : `, not refused by policy ${emergency.policy} because of break-glass: ${emergency.reason}`
}

const minute = 60_000

// The time of a check is given only where it is too old: elsewhere it would change the report in each cycle.
function overdueSince({ evaluation: { overdue, age } }: Drift, finishedAt: number): string | undefined {
  if (!overdue || age === undefined) return undefined
  return instant(Math.round((finishedAt - age) / minute) * minute) // what is measured by two clocks differs by milliseconds
}

function propertiesOf({
  image,
  evaluation,
  since,
  exempt,
}: Drift): Readonly<Record<string, string | undefined>> {
  const { reference, verdict, newest, behind, line, elsewhere, reason } = evaluation
  const isBehind = !exempt && verdict === 'outdated'
  return {
    container: shortLine(image.container, 63),
    field: image.field,
    image: shortLine(image.image, longestImage),
    newest,
    behind: isBehind ? String(behind) : undefined,
    line,
    elsewhere,
    since: isBehind && since !== undefined ? instant(since) : undefined,
    reason,
    page: isBehind ? reference && registryPage(reference, newest) : undefined,
    origin: image.origin === 'older-pod' ? image.origin : undefined,
  }
}

function outcomeOf(drift: Drift): ReportResult {
  const { evaluation, policy, exempt } = drift
  if (exempt) return 'skip'
  switch (evaluation.verdict) {
    case 'current':
      // A node that does not have it cannot pull it.
      return isMissing(drift) ? 'warn' : 'pass'
    case 'outdated':
      return policy.mode === 'enforce' ? 'fail' : 'warn'
    case 'unknown':
      return evaluation.reason === 'not-checked-yet' ? 'skip' : 'error'
    case 'floating':
    case 'unversioned':
      return 'skip'
  }
}

function messageOf({ image, evaluation, exempt }: Drift): string {
  const text = shortLine(image.image, longestImage)
  const { line, detail, reason } = evaluation
  const inLine = line === undefined ? '' : ` (line ${line})`
  if (exempt) return `${text} is not judged: ${detail ?? reason}`
  switch (evaluation.verdict) {
    case 'current':
      return `${text} ${whyCurrent(evaluation)}${inLine}`
    case 'outdated':
      return `${text} ${behindText(evaluation)}${inLine}`
    case 'unknown':
      return `${text} could not be checked: ${detail ?? reason}`
    case 'floating':
      return `${text} floats: its tag is made to move`
    case 'unversioned':
      return `${text} has no version to compare`
  }
}

function whyCurrent({ reason, elsewhere, wasListed }: Drift['evaluation']): string {
  const but = elsewhere === undefined ? '' : `, but ${elsewhere} exists`
  if (reason === 'not-listed') return `is ${wasListed ? 'no longer' : 'not'} in its registry${but}`
  if (reason === 'same-digest') return 'has the same content as the newest of its line'
  if (reason === 'waiting') return 'has no newer tag that is old enough'
  if (elsewhere !== undefined) return `has no newer tag of its kind${but}`
  return reason === 'unlisted' ? 'has no newer tag, and is not listed itself' : 'is the newest of its line'
}

function behindText(evaluation: Drift['evaluation']): string {
  const { newest } = evaluation
  if (newest === undefined) return 'stands for another digest than what runs'
  return `is ${distanceOf(evaluation)} behind ${newest}`
}
