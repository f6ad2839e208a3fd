import { isMap, isNode, parseAllDocuments, type Document, type Scalar } from 'yaml'
import type { Span } from './text-lines.ts'
import { YamlReader } from './yaml-reader.ts'

/** A value of a document that is no list and no mapping, where the text has it. */
export interface ScalarPlace {
  /** As the text has it, without quotes: `1.20` stays that although YAML reads a number. */
  readonly text: string
  /** The characters of the value, without quotes. */
  readonly span: Span
  /** Whether the span has exactly `text`: no escapes, one line. */
  readonly isVerbatim: boolean
  /** How it is written; a plain one may be read as a number or a boolean. */
  readonly style: 'plain' | 'quoted' | 'literal' | 'folded'
  /** Whether YAML reads it as text. */
  readonly isText: boolean
}

/** One document of a YAML or JSON text. */
export interface YamlDocument {
  /** Its value: mappings are objects, aliases are the value of their anchor itself, so that nothing grows. */
  readonly value: unknown
  /** The comment before its content, without `#`. */
  readonly comment: string
  /** The scalar that a mapping of {@link value} has under a key. */
  scalarIn(mapping: object, key: string): ScalarPlace | undefined
  /** The scalar at an index of a list of {@link value}. */
  scalarAt(list: object, index: number): ScalarPlace | undefined
}

/** What makes a document unreadable. */
export interface YamlProblem {
  readonly offset: number
  /** Never quotes the text, which may hold a secret. */
  readonly message: string
}

/** A YAML or JSON text, document by document; a broken one does not hide the others. */
export interface YamlText {
  readonly documents: readonly YamlDocument[]
  readonly problems: readonly YamlProblem[]
}

/** Parses a YAML or JSON text of any size that its caller allows. Of a repeated key the last value counts, as for most tools. */
export function parseYamlText(text: string): YamlText {
  const parsed = documentsIn(text)
  if ('message' in parsed) return { documents: [], problems: [parsed] }
  const documents: YamlDocument[] = []
  const problems: YamlProblem[] = []
  for (const document of parsed) {
    const [error] = document.errors
    const read =
      error === undefined
        ? readDocument(document, text)
        : { offset: error.pos[0], message: whyBroken(error.code) }
    if ('message' in read) problems.push(read)
    else documents.push(read)
  }
  return { documents, problems }
}

function documentsIn(text: string): readonly Document.Parsed[] | YamlProblem {
  try {
    // The check for repeated keys takes quadratic time, and stops at the first.
    const documents = parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false, logLevel: 'silent' })
    return 'empty' in documents ? [] : documents
  } catch (error) {
    return tooDeep(error)
  }
}

function whyBroken(code: string): string {
  return code === 'RESOURCE_EXHAUSTION' ? 'nested too deeply' : code.toLowerCase().replaceAll('_', ' ')
}

// The library composes recursively, and the call stack ends before a hostile text does.
function tooDeep(error: unknown): YamlProblem {
  if (!(error instanceof RangeError)) throw error
  return { offset: 0, message: 'nested too deeply' }
}

function readDocument(document: Document.Parsed, text: string): YamlDocument | YamlProblem {
  const reader = new YamlReader()
  const placeOf = (part: object, key: string | number): ScalarPlace | undefined => {
    const scalar = reader.scalarOf(part, key)
    return scalar === undefined ? undefined : scalarPlace(scalar, text)
  }
  try {
    return {
      value: reader.read(document.contents),
      comment: commentOf(document),
      scalarIn: placeOf,
      scalarAt: placeOf,
    }
  } catch (error) {
    return tooDeep(error)
  }
}

// Of a mapping, the comment before it is that of its first key.
function commentOf({ commentBefore, contents }: Document.Parsed): string {
  const first = isMap(contents) ? contents.items[0]?.key : undefined
  return [commentBefore, contents?.commentBefore, isNode(first) ? first.commentBefore : undefined]
    .filter(Boolean)
    .join('\n')
}

function scalarPlace(scalar: Scalar, text: string): ScalarPlace | undefined {
  const [start, end] = scalar.range ?? []
  if (start === undefined || end === undefined) return undefined
  const isQuoted = scalar.type === 'QUOTE_DOUBLE' || scalar.type === 'QUOTE_SINGLE'
  const span = isQuoted ? { start: start + 1, end: end - 1 } : { start, end }
  const isText = typeof scalar.value === 'string'
  const value = isText ? String(scalar.value) : (scalar.source ?? '')
  return {
    text: value,
    span,
    isVerbatim: text.slice(span.start, span.end) === value,
    style: styleOf(scalar),
    isText,
  }
}

function styleOf({ type }: Scalar): ScalarPlace['style'] {
  if (type === 'BLOCK_LITERAL') return 'literal'
  if (type === 'BLOCK_FOLDED') return 'folded'
  return type === 'PLAIN' ? 'plain' : 'quoted'
}
