import t from 'tap'
import { annotationProblems, silenceOf, type Silence } from '../../../src/policy/index.ts'

const until = 'patchline.dev/snooze-until'
const skip = 'patchline.dev/skip'
const day = 86_400_000

t.test('what is not told, and until when', async t => {
  const rows: [
    Readonly<Record<string, string>>,
    newest: string | undefined,
    at: number,
    Silence | undefined,
  ][] = [
    [{}, '1.25.5', 0, undefined],
    [{ [until]: '1970-01-02' }, '1.25.5', day - 1, 'snoozed'],
    [{ [until]: '1970-01-02' }, '1.25.5', day, undefined],
    [{ [until]: '1970-01-02T01:00:00+01:00' }, undefined, day - 1, 'snoozed'],
    [{ [until]: '1970-01-02T00:00Z' }, '1.25.5', day, undefined],
    [{ [until]: 'tomorrow' }, '1.25.5', 0, undefined],
    [{ [until]: '1970-02-30' }, '1.25.5', 0, undefined],
    [{ [skip]: '1.25.5' }, '1.25.5', 0, 'skipped'],
    [{ [skip]: ' 1.25.5, 1.25.6\n' }, '1.25.6', 0, 'skipped'],
    [{ [skip]: '1.25.5,1.25.6' }, '1.25.7', 0, undefined],
    [{ [skip]: '1.25.5' }, undefined, 0, undefined],
    [{ [skip]: '1.25.5;1.25.6' }, '1.25.5', 0, undefined],
    [{ [skip]: '1.25.5', [until]: '1970-01-02' }, '1.25.5', 0, 'skipped'],
  ]
  for (const [annotations, newest, at, expected] of rows)
    t.equal(silenceOf(annotations, newest, at), expected, JSON.stringify([annotations, newest, at]))
})

const noDate = 'is no date; write 2026-12-24 or 2026-12-24T08:00Z'
const known = 'is unknown; docs/reasons.md has those that are known'

t.test('what cannot be read is named, with what would be right', async t => {
  const rows: [Readonly<Record<string, string>>, string[]][] = [
    [{ [until]: '2026-12-24', [skip]: '1.25.5,1.25.6' }, []],
    [{ [until]: '2026-12-24T08:00:00.5Z', [skip]: '' }, []],
    [{ [until]: 'tomorrow' }, [`annotation ${until}=tomorrow ${noDate}`]],
    [{ [until]: 'x'.repeat(300) }, [`annotation ${until}=${'x'.repeat(20)}… ${noDate}`]],
    [{ [`patchline.dev/${'x'.repeat(300)}`]: '' }, [`annotation patchline.dev/${'x'.repeat(20)}… ${known}`]],
    [{ [until]: '' }, [`annotation ${until}= ${noDate}`]],
    [{ [until]: '24.12.2026' }, [`annotation ${until}=24.12.2026 ${noDate}`]],
    [{ [until]: '2026-02-30' }, [`annotation ${until}=2026-02-30 ${noDate}`]],
    [{ [until]: '2026-13-01' }, [`annotation ${until}=2026-13-01 ${noDate}`]],
    [{ [until]: '2026-12-24T25:00:00Z' }, [`annotation ${until}=2026-12-24T25:00:00Z ${noDate}`]],
    [{ [until]: '2026-12-24T08:00:00' }, [`annotation ${until}=2026-12-24T08:00:00 ${noDate}`]],
    [{ [skip]: '1.25.5;1.25.6' }, [`annotation ${skip}: 1.25.5;1.25.6 is no tag; write 1.25.5,1.25.6`]],
    [{ [skip]: '1.25.5,nginx:1.25.6' }, [`annotation ${skip}: nginx:1.25.6 is no tag; write 1.25.5,1.25.6`]],
    [
      { 'patchline.dev/snoze-until': '2026-12-24' },
      ['annotation patchline.dev/snoze-until is unknown; did you mean snooze-until?'],
    ],
    [
      { 'patchline.dev/breakglass': 'x' },
      ['annotation patchline.dev/breakglass is unknown; did you mean break-glass?'],
    ],
    [
      { 'patchline.dev/mode': 'loud' },
      ['annotation patchline.dev/mode=loud is none of off, audit, warn, enforce: it is ignored'],
    ],
    [{ 'patchline.dev/status': 'x', 'patchline.dev/images': 'x', 'patchline.dev/moved-tags': 'x' }, []],
    [{ 'patchline.device/snooze': 'x', 'example.com/patchline.dev/x': 'x' }, []],
  ]
  for (const [annotations, expected] of rows) {
    const problems = annotationProblems(annotations)
    t.strictSame(problems, expected, JSON.stringify(annotations))
    for (const problem of problems) t.ok(problem.length <= 109, 'it fits into a warning')
  }
})
