import t from 'tap'
import { jsonIn } from '../../src/json/index.ts'

t.test('the value of a text', t => {
  const rows: readonly (readonly [text: string, value: unknown])[] = [
    ['{"a":[1]}', { a: [1] }],
    ['null', null],
    ['', undefined],
    ['{"key": "hunter2"', undefined],
    ['undefined', undefined],
  ]
  for (const [text, value] of rows) t.strictSame(jsonIn(text), value, text)
  t.end()
})
