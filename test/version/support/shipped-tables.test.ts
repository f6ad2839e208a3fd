import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseReference } from '../../../src/image/index.ts'
import { instantOf } from '../../../src/text/index.ts'
import { shippedTables } from '../../../src/version/support/shipped-tables.ts'

const day = /^\d{4}-\d\d-\d\d$/

for (const { images, lines, asOf } of shippedTables) {
  const [name] = images
  t.test(`the table of ${name}`, async t => {
    for (const image of images) {
      const { registry, repository, tag } = parseReference(image)
      t.equal(`${registry}/${repository}`, image, 'a whole repository')
      t.equal(tag, undefined)
    }
    t.match(asOf, day)
    t.equal(new Set(lines.map(({ line }) => line)).size, lines.length, 'each line once')
    t.ok(lines.length > 5)
    for (const { line, released, ltsFrom, end } of lines) {
      t.match(line, /^\d+(?:\.\d+){0,2}$/)
      const days = [released, ltsFrom, end].filter(one => one !== undefined)
      for (const one of days) t.ok(day.test(one) && instantOf(one) !== undefined, `${line}: ${one}`)
      t.strictSame(days, days.toSorted(), `${line}: released, then long-term support, then its end`)
      t.notOk(released !== undefined && ltsFrom === undefined && released > '2026-11-29', `${line} is out`)
    }
  })
}

t.test('docs/policies.md has each product and its day', async t => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/policies.md'), 'utf8')
  for (const { images, asOf } of shippedTables)
    t.ok(page.includes(`| ${images.map(image => `\`${image}\``).join(', ')} | ${asOf} |`), images.join())
})

t.test('no image is in two tables', async t => {
  const images = shippedTables.flatMap(table => table.images)
  t.equal(new Set(images).size, images.length)
})
