/** The table of the chart's values, made from the comments of values.yaml. */
import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml'

/** A value that can be set. */
export interface ValueRow {
  /** `webhook.replicas` */
  readonly key: string
  /** As JSON. */
  readonly default: string
  readonly description: string
}

/**
 * The values of a values.yaml, each with its comment. A key without one is a part of the value above it (`requests` of `resources`).
 * @throws Error that names a key with neither a comment nor such a value above it.
 */
export function valueRows(yaml: string): readonly ValueRow[] {
  const { contents } = parseDocument(yaml, { keepSourceTokens: false })
  if (!isMap(contents)) throw new Error('values.yaml is not a mapping')
  return rowsOf(contents, [])
}

function rowsOf(map: YAMLMap, above: readonly string[]): readonly ValueRow[] {
  return map.items.flatMap((pair, index) => {
    const path = [...above, keyOf(pair)]
    const description = commentOf(map, pair, index)
    if (description === '') throw new Error(`${path.join('.')} has no comment in values.yaml`)
    const { value } = pair
    if (isMap(value) && value.items.length > 0 && hasComments(value)) return rowsOf(value, path)
    const text = JSON.stringify(value === null || value === undefined ? null : jsonOf(value))
    return [{ key: path.join('.'), default: text, description }]
  })
}

const keyOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : '')

const jsonOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function'
    ? value.toJSON()
    : value

function hasComments(map: YAMLMap): boolean {
  return map.items.some((pair, index) => commentOf(map, pair, index) !== '')
}

// The library puts the comment before the first key of a mapping at the mapping itself.
function commentOf(map: YAMLMap, { key }: Pair, index: number): string {
  const own = isScalar(key) ? key.commentBefore : undefined
  const ofMap = index === 0 ? map.commentBefore : undefined
  return lastParagraph(own ?? ofMap)
}

const lastParagraph = (comment: string | null | undefined): string =>
  (comment ?? '')
    .split(/\n\s*\n/)
    .at(-1)
    ?.split('\n')
    .map(line => line.trim())
    .join(' ')
    .trim() ?? ''

/** The rows as a table of Markdown. */
export function valuesTable(rows: readonly ValueRow[]): string {
  const lines = rows.map(
    ({ key, default: value, description }) => `| \`${key}\` | \`${cell(value)}\` | ${cell(description)} |`,
  )
  return ['| value | default | what it does |', '|---|---|---|', ...lines, ''].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
