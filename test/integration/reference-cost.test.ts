import t from 'tap'
import { InvalidReferenceError, parseReference } from '../../src/image/reference.ts'

// What the longest image texts cost, the ones that are hardest on a pattern. It is measured and not judged: test/image shows that all
// of them come to an end.

const texts = ['a', 'a-', 'a.', 'a_', '-', 'a/', '0', '[', ':'].flatMap(part => {
  const text = part.repeat(500 / part.length)
  return [text, `${text}/b`, `b@${text}`, `b:${text}`]
})

function isReference(text: string): boolean {
  try {
    parseReference(text)
    return true
  } catch (error) {
    if (!(error instanceof InvalidReferenceError)) throw error
    return false
  }
}

t.test('hostile texts of half a thousand characters', t => {
  const rounds = 200
  const costs = texts.map(text => {
    const before = process.cpuUsage()
    for (let round = 0; round < rounds; round++) isReference(text)
    const { user, system } = process.cpuUsage(before)
    return { text: `${text.slice(0, 6)}…${text.slice(-3)}`, cost: (user + system) / rounds }
  })
  for (const { text, cost } of costs.toSorted((a, b) => b.cost - a.cost).slice(0, 5))
    t.comment(`${text}: ${cost.toFixed(1)} µs of the processor each`)
  t.equal(costs.length, texts.length)
  t.end()
})
