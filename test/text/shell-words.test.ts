import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import t from 'tap'
import { shellWords } from '../../src/text/index.ts'

t.test('a shell reads the words as they were', async () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'binary', maxLength: 20 }).filter(text => !text.includes('\0')),
        { minLength: 1, maxLength: 5 },
      ),
      texts => {
        const out = execFileSync('sh', ['-c', `printf '%s\\0' ${shellWords(texts)}`], { encoding: 'buffer' })
        const expected = Buffer.from(texts.map(text => `${text}\0`).join(''))
        if (!out.equals(expected)) throw new Error(`read as ${JSON.stringify(out.toString())}`)
      },
    ),
    { numRuns: 150 },
  )
})
