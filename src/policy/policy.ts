import { strategies, type Strategy } from '../version/index.ts'
import { own, shortValue, silenceProblems } from './snooze.ts'

/** The modes: what happens to an outdated image, from nothing to refusal. */
export const modes = ['off', 'audit', 'warn', 'enforce'] as const
export type Mode = (typeof modes)[number]

/** The policy for one object: what happens to an outdated image, and how far a newer tag may be. */
export interface Policy {
  readonly mode: Mode
  readonly strategy: Strategy
}

/** A policy, and what is invalid in the labels and annotations that it was read from, as sentences for the person who applies. */
export interface ResolvedPolicy extends Policy {
  readonly problems: readonly string[]
}

/** The namespace label that sets the mode of every object in it. */
export const modeLabel = 'patchline.dev/mode'
/** The annotation that sets the strategy of one object. */
export const strategyAnnotation = 'patchline.dev/strategy'

/**
 * The policy for one object: the configured defaults, the mode from its namespace's labels, the strategy from its own
 * annotations. Unknown values and unknown annotations change nothing and are named in `problems`.
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
      `namespace label ${modeLabel}=${shortValue(label)} is none of ${modes.join(', ')}: ${defaults.mode} applies`,
    )
  if (annotation !== undefined && strategy === undefined)
    problems.push(
      `annotation ${strategyAnnotation}=${shortValue(annotation)} is none of ${strategies.join(', ')}: ${defaults.strategy} applies`,
    )
  problems.push(...annotationProblems(annotations))
  return { mode: mode ?? defaults.mode, strategy: strategy ?? defaults.strategy, problems }
}

// The annotations on objects, and `content` on reports.
const known = ['strategy', 'snooze-until', 'skip', 'moved-tags', 'status', 'images', 'content']
const ours = 'patchline.dev/'

/** What is invalid in an object's annotations, besides the strategy. */
function annotationProblems(annotations: Readonly<Record<string, string>>): readonly string[] {
  const keys = Object.keys(annotations).filter(key => key.startsWith(ours))
  if (keys.length === 0) return keys
  const strange = keys.filter(key => !known.includes(key.slice(ours.length)))
  return [...silenceProblems(annotations), ...strange.map(problemOfKey)]
}

function problemOfKey(key: string): string {
  if (key === modeLabel) return `annotation ${modeLabel} does nothing: it is a label, of the namespace`
  const names = known.slice(0, 4).join(', ')
  return `annotation ${ours}${shortValue(key.slice(ours.length))} is unknown; known are ${names}`
}
