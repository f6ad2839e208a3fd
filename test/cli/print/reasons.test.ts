import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isNearer, reasons, rejections } from '../../../src/cli/print/reasons.ts'

const root = join(import.meta.dirname, '../../..')
const page = readFileSync(join(root, 'docs/reasons.md'), 'utf8')
const [, ofVerdicts = '', ofTags = ''] = page.split('\n## ')

// The compiler sees to it that no code lacks its words; this that the page has the same.
t.test('docs/reasons.md has every reason of a verdict, in the same words', async t => {
  for (const [code, meaning] of Object.entries(reasons))
    t.match(
      ofVerdicts,
      new RegExp(`^\\| \`${code}\` \\| \`[a-z]+\` \\| ${escaped(meaning)} \\| [^|]*\\|$`, 'm'),
      code,
    )
  t.equal(rowsOf(ofVerdicts), Object.keys(reasons).length, 'and no other')
})

t.test('and every reason of --explain', async t => {
  for (const [code, meaning] of Object.entries(rejections))
    t.match(ofTags, new RegExp(`^\\| \`${code}\` \\| ${escaped(meaning)} \\|$`, 'm'), code)
  t.equal(rowsOf(ofTags), Object.keys(rejections).length, 'and no other')
})

t.test('the nearest to having been chosen comes first', async t => {
  t.ok(isNearer('not-newest', 'older') < 0)
  t.equal(isNearer('older', 'older'), 0)
})

t.test('and every label and annotation', async t => {
  const sources = globSync('src/**/*.ts', { cwd: root }).map(file => readFileSync(join(root, file), 'utf8'))
  const names = sources.flatMap(text =>
    [...text.matchAll(/(?:Label|Annotation) = '(patchline\.dev\/[a-z-]+)'/g)].map(([, name = '']) => name),
  )
  t.ok(names.length >= 8, names.join(', '))
  for (const name of new Set(names)) t.match(page, `\n| \`${name}\` |`, name)
})

function rowsOf(text: string): number {
  return text.split('\n').filter(line => line.startsWith('| `')).length
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
