import { isNear } from '../../text/index.ts'
import { strategies } from '../../version/index.ts'
import { valueOf, type Labels } from '../match/selector.ts'
import { modeLabel, modes, strategyAnnotation } from '../settings/policy.ts'
import { shortValue, silenceProblems } from '../settings/snooze.ts'

// The annotations of people, then those of Patchline: on objects, and `content` on reports.
const ofPeople = ['mode', 'strategy', 'snooze-until', 'skip', 'moved-tags', 'break-glass']
const known = [...ofPeople, 'status', 'images', 'content']
const ours = 'patchline.dev/'

/** What no policy can make sense of in the label of a namespace, as sentences for the person who applies. */
export function labelProblems(namespaceLabels: Labels): readonly string[] {
  return valueProblem(`namespace label ${modeLabel}`, valueOf(namespaceLabels, modeLabel), modes)
}

/** The same in the annotations of an object. */
export function annotationProblems(annotations: Labels): readonly string[] {
  const keys = Object.keys(annotations).filter(key => key.startsWith(ours))
  if (keys.length === 0) return keys
  const strange = keys.filter(key => !known.includes(key.slice(ours.length)))
  return [
    ...valueProblem(`annotation ${modeLabel}`, valueOf(annotations, modeLabel), modes),
    ...valueProblem(`annotation ${strategyAnnotation}`, valueOf(annotations, strategyAnnotation), strategies),
    ...silenceProblems(annotations),
    ...strange.map(problemOfKey),
  ]
}

function valueProblem(what: string, value: string | undefined, values: readonly string[]): readonly string[] {
  if (value === undefined || values.includes(value)) return []
  return [`${what}=${shortValue(value)} is none of ${values.join(', ')}: it is ignored`]
}

function problemOfKey(key: string): string {
  const name = key.slice(ours.length)
  const near = ofPeople.find(one => isNear(one, name.toLowerCase()))
  const hint = near === undefined ? 'docs/reasons.md has those that are known' : `did you mean ${near}?`
  return `annotation ${ours}${shortValue(name)} is unknown; ${hint}`
}
