import { segmentFrom, segmentTo, untraced, type Segment, type TracedText } from '../document/traced-text.ts'

/** A text with variables, put together. */
export interface Interpolated {
  readonly traced: TracedText
  /** The variables without a value. */
  readonly missing: readonly string[]
}

/** The value of a variable with its place; undefined where it has none. */
export type VariableValue = (name: string) => TracedText | undefined

const none: VariableValue = () => undefined
const variable = /\$\$|\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::?([-+?])([^{}$]*))?\})/g

/**
 * Puts in the variables of a text as docker compose and Dockerfiles write them: `$NAME`, `${NAME}`, `${NAME:-default}`,
 * `${NAME-default}`, `${NAME:+other}`; `$$` is a dollar sign. A default inside a default is not followed.
 */
export function interpolate(segment: Segment, valueOf: VariableValue = none): Interpolated {
  const traced: Segment[] = []
  const missing: string[] = []
  let end = 0
  for (const match of segment.text.matchAll(variable)) {
    traced.push(between(segment, end, match.index))
    end = match.index + match[0].length
    const value = valueIn(match, segment, valueOf)
    if (value === undefined) missing.push(match[1] ?? match[2] ?? '')
    else traced.push(...value)
  }
  return { traced: end === 0 ? [segment] : [...traced, between(segment, end, segment.text.length)], missing }
}

function between(segment: Segment, from: number, to: number): Segment {
  return segmentFrom(segmentTo(segment, to), from)
}

// What takes the place of a variable; undefined where it has no value.
function valueIn(match: RegExpExecArray, segment: Segment, valueOf: VariableValue): TracedText | undefined {
  const [whole, bare, braced, operator, word = ''] = match
  const name = bare ?? braced
  if (name === undefined) return [untraced('$')]
  const value = valueOf(name)
  const end = match.index + whole.length - 1
  const given = between(segment, end - word.length, end)
  if (operator === '-') return value ?? [given]
  if (operator === '+') return value === undefined ? [] : [given]
  return value
}
