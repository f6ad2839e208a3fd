import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { codedErrors, errorsPage } from '../../scripts/error-codes.ts'

const root = join(import.meta.dirname, '../..')

t.test('docs/errors.md has every error code of the source', async t => {
  const errors = codedErrors(root)
  t.ok(errors.length >= 10, errors.map(({ name }) => name).join(', '))
  t.equal(readFileSync(join(root, 'docs/errors.md'), 'utf8'), errorsPage(errors), 'npm run docs writes it')
})
