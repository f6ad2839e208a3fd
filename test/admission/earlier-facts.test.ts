import t from 'tap'
import { contradictionsIn, earlierFactsOf } from '../../src/admission/earlier-facts.ts'
import { factsOf } from '../../src/admission/facts.ts'
import type { AdmissionRequest } from '../../src/admission/index.ts'
import type { JudgedImage } from '../../src/admission/say.ts'
import { workloadNamed } from '../workload/workloads.ts'
import { containers, currentImage, judgedImage, requestOf } from './situations.ts'

const deployments = workloadNamed('deployments')
const imagesKey = 'patchline.dev/images'
const waiting = { verdict: 'unknown', reason: 'not-checked-yet', newest: undefined, behind: 0 } as const

/** An update of an object that bears these annotations. */
function updateOf(
  annotations: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>> = {},
): AdmissionRequest {
  return requestOf({
    operation: 'UPDATE',
    object: deployments.object(containers('nginx:1.25.1'), { annotations: now }),
    oldObject: deployments.object(containers('nginx:1.25.1'), { annotations }),
  })
}

function written(...judged: readonly JudgedImage[]): Readonly<Record<string, string>> {
  return { ...factsOf(judged) }
}

function after(
  annotations: Readonly<Record<string, string>>,
  judged: readonly JudgedImage[],
  contested: readonly string[] = [],
): Readonly<Record<string, string>> {
  const earlier = earlierFactsOf(updateOf(annotations))
  return { ...factsOf(judged, earlier && { earlier, contested: new Set(contested) }) }
}

t.test('what an object says stays while its images and their verdicts are the same', async t => {
  const outdated = written(judgedImage())
  const other = { container: 'b', image: 'busybox:1.36.0' }
  const kept: [string, Readonly<Record<string, string>>, JudgedImage[], string[]?][] = [
    ['a still newer tag', outdated, [judgedImage({ newest: '1.25.6', behind: 5 })]],
    [
      'another line is told elsewhere',
      written(currentImage()),
      [currentImage({ reason: 'other-variant', elsewhere: 'x' })],
    ],
    ['the tag is gone from the list', written(currentImage()), [currentImage({ reason: 'not-listed' })]],
    ['nothing is known for the moment', outdated, [judgedImage(waiting)]],
    ['a registry is away', outdated, [judgedImage({ ...waiting, reason: 'unavailable' })]],
    [
      'a registry asks to wait',
      written(judgedImage(waiting)),
      [judgedImage({ ...waiting, reason: 'rate-limited' })],
    ],
    ['a replica knows an older list', outdated, [currentImage()], ['nginx:1.25.1']],
    [
      'the same reason',
      written(judgedImage({ ...waiting, reason: 'not-found' })),
      [judgedImage({ ...waiting, reason: 'not-found' })],
    ],
    [
      'each of two',
      written(judgedImage(), currentImage(other)),
      [judgedImage({ newest: '1.25.9' }), currentImage({ ...other, reason: 'not-listed' })],
    ],
  ]
  for (const [name, before, judged, contested] of kept)
    t.strictSame(after(before, judged, contested), before, name)
  const changed: [string, Readonly<Record<string, string>>, JudgedImage[]][] = [
    ['nothing before', {}, [judgedImage()]],
    ['it is outdated now', written(currentImage()), [judgedImage()]],
    ['it is current now', outdated, [currentImage()]],
    ['another image', outdated, [judgedImage({ image: 'nginx:1.25.2', behind: 3 })]],
    [
      'the same image in other words',
      outdated,
      [judgedImage({ image: 'docker.io/library/nginx:1.25.1', newest: '1.25.6' })],
    ],
    ['one more container', outdated, [judgedImage(), judgedImage(other)]],
    ['one container less', written(judgedImage(), judgedImage(other)), [judgedImage()]],
    ['it is known now', written(judgedImage(waiting)), [judgedImage()]],
    [
      'another reason why nothing is known',
      written(judgedImage({ ...waiting, reason: 'not-found' })),
      [judgedImage({ ...waiting, reason: 'unauthorized' })],
    ],
    ['a registry was taken out', outdated, [judgedImage({ ...waiting, reason: 'not-allowed' })]],
    ['no JSON', { [imagesKey]: '{' }, [judgedImage()]],
    ['no object', { [imagesKey]: '[]' }, [judgedImage()]],
    ['no facts', { [imagesKey]: '{"web": 1}' }, [judgedImage()]],
    [
      'a verdict that there is not',
      { [imagesKey]: '{"web":{"image":"nginx:1.25.1","verdict":"fine","behind":4,"reason":"newer"}}' },
      [judgedImage()],
    ],
  ]
  for (const [name, before, judged] of changed) t.strictSame(after(before, judged), written(...judged), name)
})

t.test('the status is that of what is said', async t => {
  const other = { container: 'b', image: 'busybox:1.36.0' }
  const before = written(judgedImage(waiting), judgedImage({ ...waiting, ...other }))
  t.strictSame(after(before, [judgedImage(), judgedImage({ ...waiting, ...other, reason: 'unavailable' })]), {
    'patchline.dev/status': 'outdated',
    [imagesKey]:
      '{"b":{"image":"busybox:1.36.0","verdict":"unknown","behind":0,"reason":"not-checked-yet"},' +
      '"web":{"image":"nginx:1.25.1","verdict":"outdated","newest":"1.25.5","behind":4,"reason":"newer"}}',
  })
  const forged = { ...written(judgedImage()), 'patchline.dev/status': 'current' }
  t.equal(after(forged, [judgedImage()])['patchline.dev/status'], 'outdated')
})

const many = (newest: string) =>
  Array.from({ length: 40 }, (_, at) => judgedImage({ container: `c${at + 10}`, ...(at > 30 && { newest }) }))

t.test('what was left out for want of room does not decide anew what fits', async t => {
  const before = written(...many('1.25.10000'))
  t.strictSame(after(before, many('1')), before)
  t.not(after(before, many('1').slice(1))[imagesKey], before[imagesKey])
})

t.test('another strategy, and what a request brings along, count for nothing', async t => {
  const minor = { 'patchline.dev/strategy': 'minor' }
  const old = written(judgedImage())
  t.equal(earlierFactsOf(updateOf(old, minor)), undefined)
  t.equal(earlierFactsOf(updateOf({ ...old, ...minor })), undefined)
  t.ok(earlierFactsOf(updateOf({ ...old, ...minor }, minor)))
  t.equal(earlierFactsOf(updateOf({}, old)), undefined)
  t.equal(earlierFactsOf(requestOf()), undefined)
})

t.test('what seems current and was outdated', async t => {
  const earlier = earlierFactsOf(
    updateOf(written(judgedImage(), currentImage({ container: 'b', image: 'busybox:1.36.0' }))),
  )
  t.strictSame([...contradictionsIn(earlier, [currentImage()])], [['nginx:1.25.1', '1.25.5']])
  t.strictSame([...contradictionsIn(earlier, [judgedImage()])], [])
  t.strictSame(
    [...contradictionsIn(earlier, [currentImage({ container: 'b', image: 'busybox:1.36.0' })])],
    [],
  )
  t.strictSame([...contradictionsIn(undefined, [currentImage()])], [])
})
