/** Writes docs/errors.md from the source: `npm run docs`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codedErrors, errorsPage } from './error-codes.ts'

const root = join(import.meta.dirname, '..')
writeFileSync(join(root, 'docs/errors.md'), errorsPage(codedErrors(root)))
