import t from 'tap'
import { createLineBatch } from '../../src/telemetry/line-batch.ts'

function world() {
  const written: string[] = []
  return { written, batch: createLineBatch({ write: text => written.push(text) }) }
}

t.test('lines go on together: when there are many, when asked for, and after a while', async t => {
  const { written, batch } = world()
  batch.write('a\n')
  batch.write('b\n')
  t.strictSame(written, [])
  batch.flush()
  t.strictSame(written, ['a\nb\n'])
  batch.flush()
  t.strictSame(written, ['a\nb\n'], 'nothing is written where nothing came')
  const long = 'x'.repeat(20_000)
  batch.write(long)
  batch.write(long)
  t.strictSame(written, ['a\nb\n', long + long])
  batch.write('c\n')
  await new Promise(resolve => setTimeout(resolve, 300))
  t.equal(written.at(-1), 'c\n')
})
