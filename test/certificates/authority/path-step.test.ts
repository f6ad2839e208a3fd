import t from 'tap'
import { nextPathStep, readPaths } from '../../../src/certificates/index.ts'

const path = (letter: string): string => letter.repeat(32)
const [a, b, c] = [path('a'), path('b'), path('c')]
const step = (text: string, paths: readonly string[], storedFor = 0) =>
  nextPathStep({ stored: readPaths({ path: text }), paths, storedFor }, { pathTakeover: 1_000 })

t.test('the next step of the secret path', t => {
  t.match(step('', ['', '']), { do: 'store', paths: [/^[0-9a-f]{64}$/, /^[0-9a-f]{64}$/] })
  const taken = step('', [a, '', 'short', a])
  t.match(taken, { do: 'store', paths: [/^[0-9a-f]{64}$/, /^[0-9a-f]{64}$/, a] }, 'one in use stays accepted')
  if (taken.do === 'store') t.equal(taken.paths.length, 3)
  t.strictSame(step(`${a}\n${b}\n`, [a, a]), { do: 'none' })
  t.strictSame(step(`${a}\n${b}\n`, []), { do: 'none' }, 'no configuration')
  t.strictSame(step(`${a}\n${b}\n`, [a, '']), { do: 'publish', path: a }, 'one without')
  t.strictSame(step(`${a}\n${b}\n`, [c, c]), { do: 'publish', path: a }, 'one that no replica accepts')
  t.strictSame(step(`${a}\n${b}\n${c}`, [c, c]), { do: 'none' }, 'replicas have yet to learn of the new one')
  t.strictSame(step(`${a}\n${b}\n${c}`, [c, c], 1_000), { do: 'publish', path: a })
  t.strictSame(step('short', [a]), {
    do: 'report',
    why: 'key path: line 1 is not a path (32 to 128 lower case letters, digits or -)',
  })
  t.end()
})
