import t from 'tap'
import { beginning, plain } from '../../src/admission/line-of-text.ts'

t.test('what must not be shown is left out', async t => {
  const rows: [string, string][] = [
    ['nginx:1.25.1', 'nginx:1.25.1'],
    ['a\nb\tc\rd\u0000e', 'abcde'],
    ['a\u001b[31mb', 'a[31mb'],
    ['a\u007fb\u0085c', 'abc'],
    ['a\u202eb\u2066c\u200fd\u061ce', 'abcde'],
    ['a\u2028b\u2029c', 'abc'],
    ['a\u200bb\ufeffc\u00add', 'abcd'],
    ['a\ud800b\udc00c', 'abc'],
    ['größe 日本 🚀', 'größe 日本 🚀'],
    ['', ''],
  ]
  for (const [index, [text, expected]] of rows.entries()) t.equal(plain(text), expected, `row ${index}`)
})

t.test('what is too long is cut where it stays readable', async t => {
  t.equal(beginning('abcdef', 6), 'abcdef')
  t.equal(beginning('abcdef', 5), 'abcd…')
  t.equal(beginning('abcdef', 1), '…')
  t.equal(beginning('abcdef', 0), '…')
  t.equal(beginning('a🚀🚀', 3), 'a…', 'no half of a pair')
})
