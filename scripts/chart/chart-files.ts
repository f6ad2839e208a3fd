/** The files of the chart that are made from others. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { valueRows, valuesTable } from './values-table.ts'
import { valuesSchema } from './values-schema.ts'

/** A file below the root of the project, and what belongs into it. */
export interface ChartFile {
  readonly path: string
  readonly text: string
}

const begin = '<!-- values: made from values.yaml by `npm run chart` -->\n'
const end = '<!-- end of values -->'

/** The schema of the values, and the README with its table of them. */
export function chartFiles(root: string): readonly ChartFile[] {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const readme = read('charts/patchline/README.md')
  const [before, rest] = readme.split(begin)
  const [, after] = rest?.split(end) ?? []
  if (before === undefined || after === undefined)
    throw new Error(`the README of the chart has no place for its values`)
  const table = valuesTable(valueRows(read('charts/patchline/values.yaml')))
  return [
    { path: 'charts/patchline/values.schema.json', text: valuesSchema() },
    { path: 'charts/patchline/README.md', text: `${before}${begin}${table}${end}${after}` },
  ]
}
