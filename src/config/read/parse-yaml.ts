import { isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments, type YAMLParseError } from 'yaml'
import { InvalidConfigError } from '../settings/invalid-config-error.ts'

/** A YAML text as plain data, with the lines of its parts. */
export interface ParsedYaml {
  readonly data: unknown
  /** Keys that occur more than once; the last value counts. */
  readonly repeated: readonly RepeatedKey[]
  /** The line (from 1) of a path of keys and indices, or of its nearest parent in the text. */
  lineOf(path: readonly string[]): number | undefined
  /** The source text of a value. */
  sourceOf(path: readonly string[]): string | undefined
}

/** A repeated key of the mapping at a path, with its lines. */
export interface RepeatedKey {
  readonly path: readonly string[]
  readonly key: string
  readonly lines: readonly number[]
}

/** Parses a YAML text. @throws InvalidConfigError where it is not one mapping. */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
  const [first, second] = [...documents]
  if (first === undefined) return nothing
  const errors = first.errors.map(error =>
    problem(`is not YAML: ${withoutContent(error)}`, lines.linePos(error.pos[0]).line),
  )
  if (errors.length > 0) throw new InvalidConfigError(errors)
  if (second !== undefined)
    throw new InvalidConfigError([problem('must be one YAML document; a second one begins with ---')])
  if (first.contents !== null && !isMap(first.contents))
    throw new InvalidConfigError([problem('must be a mapping of keys to values')])
  return {
    data: toData(() => first.toJS()),
    repeated: repeatedIn(first.contents, [], lines),
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const node = first.getIn(keysOf(path.slice(0, length)), true)
        if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
      }
      return undefined
    },
    sourceOf(path) {
      const node = first.getIn(keysOf(path), true)
      return isScalar(node) ? node.source : undefined
    },
  }
}

const nothing: ParsedYaml = {
  data: {},
  repeated: [],
  lineOf: () => undefined,
  sourceOf: () => undefined,
}

function keysOf(path: readonly string[]): readonly (string | number)[] {
  return path.map(name => (/^\d+$/.test(name) ? Number(name) : name))
}

// The library's own check stops at the first repeated key, and would hide every other problem.
function repeatedIn(node: unknown, path: readonly string[], lines: LineCounter): readonly RepeatedKey[] {
  if (isSeq(node)) return node.items.flatMap((item, at) => repeatedIn(item, [...path, String(at)], lines))
  if (!isMap(node)) return []
  const places = Map.groupBy(
    node.items.flatMap(({ key }) => (isScalar(key) && key.range ? [key] : [])),
    key => String(key.value),
  )
  const own = [...places].flatMap(([key, of]) =>
    of.length > 1 ? [{ path, key, lines: of.map(({ range }) => lines.linePos(range?.[0] ?? 0).line) }] : [],
  )
  const inner = node.items.flatMap(({ key, value }) =>
    repeatedIn(value, [...path, isScalar(key) ? String(key.value) : ''], lines),
  )
  return [...own, ...inner]
}

// The messages of these are constant; those of the others quote the text, which may have a secret.
const constant: ReadonlySet<string> = new Set([
  'BAD_INDENT',
  'BLOCK_AS_IMPLICIT_KEY',
  'BLOCK_IN_FLOW',
  'MISSING_CHAR',
  'MULTILINE_IMPLICIT_KEY',
  'TAB_AS_INDENT',
])

function withoutContent({ code, message }: YAMLParseError): string {
  return constant.has(code) ? message : code.toLowerCase().replaceAll('_', ' ')
}

// The library limits the expansion of aliases, and throws beyond the limit.
function toData(read: () => unknown): unknown {
  try {
    return read() ?? {}
  } catch (error) {
    // The other error is an alias without its anchor, which the message quotes.
    const isBomb = error instanceof Error && error.message.startsWith('Excessive alias count')
    const why = isBomb ? error.message : 'an alias has no anchor before it'
    throw new InvalidConfigError([problem(`is not usable YAML: ${why}`)])
  }
}

function problem(
  message: string,
  line?: number,
): { path: string; message: string; line: number | undefined } {
  return { path: '', message, line }
}
