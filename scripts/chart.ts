/** Writes values.schema.json and the table of values of the chart: `npm run chart`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chartFiles } from './chart/chart-files.ts'

const root = join(import.meta.dirname, '..')
for (const { path, text } of chartFiles(root)) writeFileSync(join(root, path), text)
