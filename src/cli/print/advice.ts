import { askedAgainLater, type Evaluation } from '../../evaluation/index.ts'
import type { AdviceTexts } from '../../registry/index.ts'

/** An image that could not be judged, with its reason and detail. */
export type Unjudged = Pick<Evaluation, 'reference' | 'reason' | 'detail'>

/**
 * Groups equal details of several repositories of one host into one line with their count: a registry that is down would
 * otherwise fill the screen. The order is that of the first of each group.
 */
export function sameAdvice(unjudged: readonly Unjudged[]): readonly string[] {
  const groups = Map.groupBy(unjudged, groupOf)
  return [...groups.values()].map(lineOf)
}

// The details of registries begin with the repository that they are about.
function placeOf({ reference }: Unjudged): string | undefined {
  return reference === undefined ? undefined : `${reference.registry}/${reference.repository}`
}

function adviceOf(one: Unjudged): string | undefined {
  const place = placeOf(one)
  const { detail = '' } = one
  return place !== undefined && detail.startsWith(`${place}: `) ? detail.slice(place.length + 2) : undefined
}

// These hold for a whole host, although details may differ: once a host fails, other repositories are not tried.
const ofHosts: ReadonlySet<Evaluation['reason']> = new Set(['not-allowed', 'unavailable', 'rate-limited'])

function groupOf(one: Unjudged): string {
  const advice = adviceOf(one)
  if (advice === undefined) return JSON.stringify([one.detail])
  return JSON.stringify([one.reference?.registry, ofHosts.has(one.reason) ? one.reason : advice])
}

function lineOf(group: readonly Unjudged[]): string {
  const [first] = group
  if (first === undefined) return ''
  const repositories = new Set(group.map(placeOf))
  const advice = adviceOf(first)
  if (repositories.size === 1 || advice === undefined) return first.detail ?? ''
  return `${first.reference?.registry} (${repositories.size} repositories): ${advice}`
}

const login = 'docker login, or a file that --docker-config names'

/** The words of advice in errors of registries for the command line, with or without a configuration. */
export function commandLineAdvice(isConfigured: boolean): AdviceTexts {
  const where = isConfigured ? 'under registries' : 'under registries in a file that --config names'
  return {
    'try-later': tryLater,
    'try-then': 'try again then',
    'give-credentials': isConfigured ? `give credentials ${where}` : `give credentials: ${login}`,
    'check-credentials': isConfigured ? `check the credentials ${where}` : `check the credentials (${login})`,
    'allow-insecure': isConfigured ? `say insecure: true ${where}` : 'name its host by --insecure-registry',
    'under-registries': where,
    'in-configuration': isConfigured ? `in the configuration ${where}` : where,
    'list-registry': host => ({
      why: 'this registry is not among those that may be asked',
      next: `if you trust it, add --registry ${host}, or list it ${where}`,
    }),
  }
}

const tryLater = 'try again later'

/** The detail of an evaluation for the command line: what is judged again in a cluster is not on a command line. */
export function forCommandLine(detail: string): string {
  return detail.replace(askedAgainLater, tryLater)
}
