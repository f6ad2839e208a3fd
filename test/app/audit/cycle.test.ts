import t from 'tap'
import { warnOfIgnored } from '../../../src/app/audit/cycle.ts'
import type { LogFields } from '../../../src/telemetry/index.ts'

t.test('of what is ignored the first are logged, and how many more there are', t => {
  for (const [count, lines, last] of [
    [0, 0, undefined],
    [1, 1, [{ reason: 'label 0' }, 'setting ignored']],
    [20, 20, [{ reason: 'label 19' }, 'setting ignored']],
    [23, 21, [{ more: 3 }, 'more settings ignored']],
  ] as const) {
    const logged: [LogFields, string][] = []
    const ignored = Array.from({ length: count }, (_, at) => `label ${at}`)
    warnOfIgnored(ignored, { warn: (fields, message) => void logged.push([fields, message]) })
    t.equal(logged.length, lines)
    t.strictSame(logged.at(-1), last)
  }
  t.end()
})
