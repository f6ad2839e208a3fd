import { isMap, isNode, LineCounter, parseAllDocuments } from 'yaml'
import { InvalidConfigError } from './config.ts'

/** A YAML text as plain data, with the lines in which its parts stand. */
export interface ParsedYaml {
  readonly data: unknown
  /** The line (from 1) of the nearest part of a path of keys and indices that the text has. */
  lineOf(path: readonly string[]): number | undefined
}

/** @throws InvalidConfigError where the text is not one YAML mapping. */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })
  const [first, second] = [...documents]
  if (first === undefined) return { data: {}, lineOf: () => undefined }
  const errors = first.errors.map(({ message, pos }) =>
    problem(`is not YAML: ${message}`, lines.linePos(pos[0]).line),
  )
  if (errors.length > 0) throw new InvalidConfigError(errors)
  if (second !== undefined)
    throw new InvalidConfigError([problem('must be one YAML document; a second one begins with ---')])
  if (first.contents !== null && !isMap(first.contents))
    throw new InvalidConfigError([problem('must be a mapping of keys to values')])
  return {
    data: toData(() => first.toJS()),
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const keys = path.slice(0, length).map(name => (/^\d+$/.test(name) ? Number(name) : name))
        const node = first.getIn(keys, true)
        if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
      }
      return undefined
    },
  }
}

// The library limits how far aliases may multiply, and throws where a text goes beyond.
function toData(read: () => unknown): unknown {
  try {
    return read() ?? {}
  } catch (error) {
    throw new InvalidConfigError([
      problem(`is not usable YAML: ${error instanceof Error ? error.message : String(error)}`),
    ])
  }
}

function problem(
  message: string,
  line?: number,
): { path: string; message: string; line: number | undefined } {
  return { path: '', message, line }
}
