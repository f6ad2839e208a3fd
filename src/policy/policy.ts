import { strategies, type Strategy } from '../version/index.ts'

/** What is done about an outdated image, from nothing to refusal. */
export const modes = ['off', 'audit', 'warn', 'enforce'] as const
export type Mode = (typeof modes)[number]

/** What is wanted of one object: what happens to an outdated image, and how far a newer tag may be. */
export interface Policy {
  readonly mode: Mode
  readonly strategy: Strategy
}

/** A policy with what was wrong in the places that it was read from, as sentences for the person who applies. */
export interface ResolvedPolicy extends Policy {
  readonly problems: readonly string[]
}

/** The namespace label that sets the mode of every object in it. */
export const modeLabel = 'patchline.dev/mode'
/** The annotation that sets the strategy of one object. */
export const strategyAnnotation = 'patchline.dev/strategy'

/**
 * The policy for one object: the configured defaults, the mode from its namespace's labels, the strategy from its own
 * annotations. A value that is none of the known ones changes nothing and is named in `problems`.
 */
export function resolvePolicy(
  defaults: Policy,
  namespaceLabels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
): ResolvedPolicy {
  const problems: string[] = []
  const label = own(namespaceLabels, modeLabel)
  const annotation = own(annotations, strategyAnnotation)
  const mode = modes.find(known => known === label)
  const strategy = strategies.find(known => known === annotation)
  if (label !== undefined && mode === undefined)
    problems.push(
      `namespace label ${modeLabel}=${short(label)} is none of ${modes.join(', ')}: ${defaults.mode} applies`,
    )
  if (annotation !== undefined && strategy === undefined)
    problems.push(
      `annotation ${strategyAnnotation}=${short(annotation)} is none of ${strategies.join(', ')}: ${defaults.strategy} applies`,
    )
  return { mode: mode ?? defaults.mode, strategy: strategy ?? defaults.strategy, problems }
}

function own(values: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined
}

// An annotation may hold anything; its beginning is enough to find the slip.
function short(value: string): string {
  return value.length > longestShown ? `${value.slice(0, longestShown)}…` : value
}

const longestShown = 20
