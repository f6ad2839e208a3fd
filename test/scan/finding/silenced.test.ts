import t from 'tap'
import {
  applyBaseline,
  applyIgnores,
  ignoresOfList,
  readBaseline,
  writeBaseline,
} from '../../../src/scan/index.ts'
import { now, scanned } from '../report.ts'

const tags = { nginx: '1.25.1 1.25.2 1.25.5', redis: '7.2.1 7.2.3' }
const values = 'a: {image: nginx:1.25.1}\nb: {image: redis:7.2.1}\nc: {image: redis:7.2.3}\n'

t.test('a list of ignores', async t => {
  const { report } = await scanned({ 'a/values.yaml': values, 'b/values.yaml': values }, tags)
  const list = `ignores:
- {images: [nginx], until: 2027-01-31, because: the client breaks}
- {paths: ['b/*'], images: ['**/redis'], until: 2027-02-28, because: later}
- {images: [busybox], until: 2027-01-31, because: nothing}
- {images: ['**/redis'], until: 2026-01-31, because: it was so}
`
  const { ignores, problems } = ignoresOfList('list.yaml', list)
  t.strictSame(problems, [])
  const { rows, notes } = applyIgnores(report.rows, ignores, now)
  t.strictSame(
    rows.map(({ file, found, silenced }) => [file, found.image, silenced?.because]),
    [
      ['a/values.yaml', 'nginx:1.25.1', 'the client breaks'],
      ['a/values.yaml', 'redis:7.2.1', undefined],
      ['a/values.yaml', 'redis:7.2.3', undefined],
      ['b/values.yaml', 'nginx:1.25.1', 'the client breaks'],
      ['b/values.yaml', 'redis:7.2.1', 'later'],
      ['b/values.yaml', 'redis:7.2.3', undefined],
    ],
  )
  t.strictSame(notes, [
    'list.yaml ignores[2]: the ignore has nothing to ignore; remove it',
    'list.yaml ignores[3]: the ignore ended 2026-01-31T00:00Z',
  ])
})

const item = (text: string): string => `ignores: [${text}]`

t.test('what is wrong with a list of ignores', async t => {
  const wrong: readonly (readonly [text: string, problem: string])[] = [
    ['x', 'l is no list of ignores; it has ignores: with images or paths, until, because'],
    ['a: [', 'l is no list of ignores; it has ignores: with images or paths, until, because'],
    [item('x'), 'l ignores[0]: it is no mapping'],
    [
      item('{image: nginx}'),
      'l ignores[0]: image is no key of it; its keys are images, paths, until, because',
    ],
    [item('{until: 2027-01-31, because: x}'), 'l ignores[0]: it names neither images nor paths'],
    [item('{images: [nginx], because: x}'), 'l ignores[0]: "" is no date'],
    [item('{images: [nginx], until: soon, because: x}'), 'l ignores[0]: "soon" is no date'],
    [item('{images: [nginx], until: 2027-01-31}'), 'l ignores[0]: it says no reason'],
    [item('{images: ["a@b"], until: 2027-01-31, because: x}'), 'l ignores[0]: a pattern has no digest'],
  ]
  for (const [text, problem] of wrong)
    t.strictSame(ignoresOfList('l', text), { ignores: [], problems: [problem] }, text)
})

t.test('a baseline knows what was the matter, until the image changes', async t => {
  const { report } = await scanned({ 'values.yaml': values }, tags)
  const baseline = readBaseline(writeBaseline(report.rows))
  if (typeof baseline === 'string') throw new Error(baseline)
  const known = async (text: string, list: typeof tags) => {
    const { rows, notes } = applyBaseline(
      (await scanned({ 'values.yaml': text }, list)).report.rows,
      baseline,
    )
    return { by: rows.map(({ silenced }) => silenced?.by), notes }
  }
  const both = { by: ['baseline', 'baseline', undefined], notes: [] }
  t.strictSame(await known(values, tags), both)
  t.strictSame(
    await known(`# other lines\n${values}`, { ...tags, nginx: `${tags.nginx} 1.25.6` }),
    both,
    'further behind is no new drift',
  )
  t.strictSame(await known(values.replace('1.25.1', '1.25.2'), tags), {
    by: [undefined, 'baseline', undefined],
    notes: ['1 row of the baseline is no longer found: --write-baseline writes it without'],
  })
  t.strictSame(
    await known(`${values}d: {image: nginx:1.25.1}\n`, tags),
    { by: ['baseline', 'baseline', undefined, undefined], notes: [] },
    'another one is new',
  )
})

t.test('what is no baseline', async t => {
  t.equal(readBaseline('x'), 'it is no baseline of patchline scan')
  t.equal(
    readBaseline('{"kind":"patchline-baseline","version":2}'),
    'it is a baseline of another version; write it again with --write-baseline',
  )
})
