import type { Evaluation } from '../evaluation/index.ts'

/** An image that could not be judged, and what a person reads about it. */
export type Unjudged = Pick<Evaluation, 'reference' | 'reason' | 'detail'>

/**
 * One line for what is the same of several repositories of one host, with how many they are: a registry that is down would
 * otherwise fill the screen. In the order in which they come first.
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

// What is so of a whole host, although not every repository was told in the same words: once it fails, others are not tried.
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
