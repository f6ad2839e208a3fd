import type { Drift, DriftReport } from '../../audit/index.ts'
import { sameAdvice, type Unjudged } from './advice.ts'
import type { DriftFormat } from './drift.ts'
import { behindLegend } from './verdicts.ts'
import { shellWords, shortAge } from '../../text/index.ts'

/** Remarks on a report besides its rows, as sentences for standard error. */
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
    ...behindLegend(
      rows.map(({ evaluation }) => evaluation),
      format,
    ),
    ...atMost([...new Set(rows.flatMap(overdueOf))]),
    ...atMost(details),
  ].map(text => text.replaceAll(/[^\x20-\x7e]/g, '?'))
}

function detailOf({ evaluation, exempt }: Drift): readonly Unjudged[] {
  const isTold = evaluation.verdict === 'unknown' && !exempt && evaluation.detail !== undefined
  return isTold ? [evaluation] : []
}

// Rows with old tags must not pass for today's.
function overdueOf({ evaluation, exempt }: Drift): readonly string[] {
  const { overdue, age, detail } = evaluation
  return overdue && !exempt && age !== undefined ? [`tags are ${shortAge(age)} old: ${detail ?? ''}`] : []
}

// Registries of many hosts may fail together.
const mostDetails = 20

function atMost(details: readonly string[]): readonly string[] {
  const left = details.length - mostDetails
  return left <= 0 ? details : [...details.slice(0, mostDetails), `and ${left} more; -o json has all`]
}

/**
 * Replaces the problems of kinds that may not be listed by one sentence for each namespace and user, with the commands by which an
 * administrator allows it: a user without any rights lacks them for ten kinds.
 */
export function withRightsTogether(problems: readonly string[]): readonly string[] {
  const groups = Map.groupBy(problems, problem => rightOf(problem)?.place ?? problem)
  return [...groups.values()].flatMap(group => {
    const rights = group.flatMap(problem => rightOf(problem) ?? [])
    return rights.length > 1 ? [sentenceOf(rights)] : group
  })
}

interface Right {
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined
  /** The same for what one binding allows. */
  readonly place: string
  readonly user: string
  readonly resource: string
  readonly group: string
}

// The message of a refused list of the inventory, and its advice (one object only, a namespace, takes another kind of binding).
const refused =
  /: 403 (?<said>.*); add to (?:its ClusterRole|a Role in (?<namespace>\S+)): \{ apiGroups: \['(?<group>[^']*)'\], resources: \[(?<resource>[^\]]*)\], verbs: \[list, watch\] \}$/s

function rightOf(problem: string): Right | undefined {
  const { said = '', namespace, group = '', resource } = refused.exec(problem)?.groups ?? {}
  if (resource === undefined) return undefined
  const user = /User "([^"]+)"/.exec(said)?.[1] ?? 'USER'
  return { namespace, place: JSON.stringify([namespace, user]), user, resource, group }
}

const role = 'patchline-reader'

function sentenceOf(rights: readonly Right[]): string {
  const [first] = rights
  if (first === undefined) return ''
  const { namespace, user } = first
  const names = rights.map(({ resource }) => resource).join(', ')
  const where = namespace === undefined ? '' : ` in ${namespace}`
  const resources = rights.map(({ resource, group }) => (group === '' ? resource : `${resource}.${group}`))
  const allow = ['create', 'clusterrole', role, '--verb=list,watch', `--resource=${resources.join(',')}`]
  const binding =
    namespace === undefined
      ? ['create', 'clusterrolebinding', role]
      : ['-n', namespace, 'create', 'rolebinding', role]
  const bind = [...binding, `--clusterrole=${role}`, `--user=${user}`]
  const commands = [allow, bind].map(words => shellWords(['kubectl', ...words])).join(' && ')
  return `${user === 'USER' ? 'you' : user} may not list ${names}${where}; an administrator allows it by: ${commands}`
}
