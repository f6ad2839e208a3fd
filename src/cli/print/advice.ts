import type { Evaluation } from '../../evaluation/index.ts'

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

// The errors of registries advise the administrator of a server.
type Advice = readonly [advice: string | RegExp, instead: string]
const always: readonly Advice[] = [
  ['it is asked again later', 'try again later'],
  ['it is asked again then', 'try again then'],
  [
    /^(.*)the configuration does not allow this registry; add (\S+) to registries, if you trust it$/,
    '$1this registry is not among those that may be asked; if you trust it, add --registry $2, or list it under registries',
  ],
]
const credentials = 'docker login, or a file that --docker-config names'
const withoutConfiguration: readonly Advice[] = [
  ['give credentials under registries', `give credentials: ${credentials}`],
  ['check the credentials under registries,', `check the credentials (${credentials}),`],
  ['say insecure: true under registries', 'name its host by --insecure-registry'],
  ['in the configuration under registries', 'under registries'],
  ['under registries', 'under registries in a file that --config names'],
]

/** Rewrites the advice in the detail of an evaluation for the command line, with or without a configuration. */
export function forCommandLine(detail: string, isConfigured: boolean): string {
  const texts = isConfigured ? always : [...always, ...withoutConfiguration]
  return texts.reduce((text, [advice, instead]) => text.replace(advice, instead), detail)
}
