import * as fc from 'fast-check'
import t from 'tap'
import { annotationPatch } from '../../../src/admission/annotations/annotation-patch.ts'
import {
  contradictionsIn,
  correctedAnnotations,
  earlierFactsOf,
  annotationsFor,
  writtenFacts,
} from '../../../src/admission/annotations/annotations.ts'
import type { AdmissionRequest } from '../../../src/admission/index.ts'
import type { JudgedImage } from '../../../src/admission/messages/messages.ts'
import type { Evaluation } from '../../../src/evaluation/index.ts'
import { annotatedOf } from '../../../src/workload/index.ts'
import { workloadNamed } from '../../workload/workloads.ts'
import { containers, currentImage, judgedImage, requestOf } from '../situations.ts'

const status = 'patchline.dev/status'
const images = 'patchline.dev/images'
const waiting = { verdict: 'unknown', reason: 'not-checked-yet', newest: undefined, behind: 0 } as const

t.test('the worst verdict is the status', async t => {
  const rows: [Evaluation['verdict'][], string | undefined][] = [
    [[], undefined],
    [['unversioned'], 'unversioned'],
    [['unversioned', 'current'], 'current'],
    [['current', 'floating', 'unversioned'], 'floating'],
    [['floating', 'unknown'], 'unknown'],
    [['unknown', 'outdated', 'current'], 'outdated'],
  ]
  for (const [verdicts, expected] of rows)
    t.equal(
      annotationsFor(verdicts.map(verdict => judgedImage({ verdict })))?.[status],
      expected,
      verdicts.join(),
    )
})

t.test('the facts of each container', async t => {
  const rows: [JudgedImage[], string][] = [
    [
      [judgedImage()],
      '{"web":{"image":"nginx:1.25.1","verdict":"outdated","newest":"1.25.5","behind":4,"reason":"newer"}}',
    ],
    [
      [
        currentImage({ container: 'b', elsewhere: '1.26-alpine', reason: 'other-variant' }),
        currentImage({ container: 'a' }),
      ],
      '{"a":{"image":"nginx:1.25.1","verdict":"current","behind":0,"reason":"newest"},' +
        '"b":{"image":"nginx:1.25.1","verdict":"current","elsewhere":"1.26-alpine","behind":0,"reason":"other-variant"}}',
    ],
    [
      [
        currentImage({ container: '10' }),
        currentImage({ container: '9' }),
        currentImage({ container: '__proto__' }),
      ],
      '{"10":{"image":"nginx:1.25.1","verdict":"current","behind":0,"reason":"newest"},' +
        '"9":{"image":"nginx:1.25.1","verdict":"current","behind":0,"reason":"newest"},' +
        '"__proto__":{"image":"nginx:1.25.1","verdict":"current","behind":0,"reason":"newest"}}',
    ],
    [
      [currentImage({ image: 'ngi\u202e\u007fnxé🚀' })],
      String.raw`{"web":{"image":"ngi\u202e\u007fnx\u00e9\ud83d\ude80","verdict":"current","behind":0,"reason":"newest"}}`,
    ],
    [
      [currentImage(), { ...currentImage({ image: 'model:1' }), field: 'volume' }],
      '{"web":{"image":"nginx:1.25.1","verdict":"current","behind":0,"reason":"newest"},' +
        '"web (volume)":{"image":"model:1","verdict":"current","behind":0,"reason":"newest"}}',
    ],
    [
      [currentImage({ reason: 'same-digest' })],
      '{"web":{"image":"nginx:1.25.1","verdict":"current","behind":0,"reason":"same-digest"}}',
    ],
    [
      [judgedImage({ ...waiting, detail: 'this is looked up' })],
      '{"web":{"image":"nginx:1.25.1","verdict":"unknown","behind":0,"reason":"not-checked-yet"}}',
    ],
    [
      [judgedImage({ ...waiting, reason: 'unreadable-credentials', detail: `make "it"${'.'.repeat(400)}` })],
      String.raw`{"web":{"image":"nginx:1.25.1","verdict":"unknown","behind":0,"reason":"unreadable-credentials","detail":"make \"it\"${'.'.repeat(390)}\u2026"}}`,
    ],
    [
      [currentImage({ container: 'omitted' })],
      '{"omitted (container)":{"image":"nginx:1.25.1","verdict":"current","behind":0,"reason":"newest"}}',
    ],
  ]
  for (const [judged, expected] of rows) t.equal(annotationsFor(judged)?.[images], expected)
})

t.test('at most 2 KiB, the rest is counted', async t => {
  const judged = Array.from({ length: 40 }, (_, index) => judgedImage({ container: `c${index + 10}` }))
  const text = annotationsFor(judged)?.[images] ?? ''
  const facts: object = JSON.parse(text)
  t.ok(text.length <= 2048, `${text.length}`)
  t.ok(text.length > 1900, `${text.length}`)
  const names = Object.keys(facts)
  t.strictSame(names.slice(0, 2), ['c10', 'c11'])
  t.equal(names.at(-1), 'omitted')
  t.match(facts, { omitted: 40 - (names.length - 1) })
  const huge = annotationsFor([
    judgedImage({ container: 'a', image: 'x'.repeat(3000) }),
    judgedImage({ container: 'b' }),
  ])
  t.equal(
    huge?.[images],
    '{"b":{"image":"nginx:1.25.1","verdict":"outdated","newest":"1.25.5","behind":4,"reason":"newer"},"omitted":1}',
  )
  t.equal(annotationsFor([judgedImage({ image: 'x'.repeat(3000) })])?.[images], '{"omitted":1}')
})

const deployments = workloadNamed('deployments')

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
  return { ...annotationsFor(judged) }
}

function after(
  annotations: Readonly<Record<string, string>>,
  judged: readonly JudgedImage[],
  contested: readonly string[] = [],
): Readonly<Record<string, string>> {
  const earlier = earlierFactsOf(updateOf(annotations))
  return { ...annotationsFor(judged, earlier && { earlier, contested: new Set(contested) }) }
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
    ['no JSON', { [images]: '{' }, [judgedImage()]],
    ['no object', { [images]: '[]' }, [judgedImage()]],
    ['no facts', { [images]: '{"web": 1}' }, [judgedImage()]],
    [
      'a verdict that there is not',
      { [images]: '{"web":{"image":"nginx:1.25.1","verdict":"fine","behind":4,"reason":"newer"}}' },
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
    [images]:
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
  t.not(after(before, many('1').slice(1))[images], before[images])
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

const annotated = (annotations: Readonly<Record<string, string>> = {}) => ({ metadata: { annotations } })

t.test('what is not known yet is not written', async t => {
  const old = annotated(annotationsFor([judgedImage({ image: 'nginx:1.24.0' })]))
  t.equal(correctedAnnotations(old, [judgedImage(waiting)]), undefined)
  t.equal(correctedAnnotations(old, [judgedImage({ ...waiting, reason: 'unavailable' })]), undefined)
  t.match(correctedAnnotations(old, [judgedImage({ ...waiting, reason: 'not-found' })]), {
    [status]: 'unknown',
  })
})

t.test('what is said of an image that is still there stays', async t => {
  const told = judgedImage({ newest: '1.25.4', behind: 3 })
  const gone = currentImage({ container: 'old', image: 'busybox:1.36.1' })
  const before = annotated(annotationsFor([told, gone]))
  for (const now of [{ newest: '1.25.5', behind: 4 }, waiting])
    t.strictSame(
      correctedAnnotations(before, [judgedImage(now)]),
      annotationsFor([told]),
      JSON.stringify(now),
    )
  t.strictSame(
    correctedAnnotations(before, [currentImage()]),
    annotationsFor([told]),
    'by a list of another age',
  )
})

t.test('what another wrote is replaced', async t => {
  const facts = annotationsFor([judgedImage()])
  t.strictSame(
    correctedAnnotations(annotated({ [images]: 'mine', [status]: 'fine' }), [judgedImage()]),
    facts,
  )
  t.strictSame(correctedAnnotations(annotated({ [status]: 'current' }), [judgedImage()]), facts)
})

const anyImages: fc.Arbitrary<JudgedImage[]> = fc
  .uniqueArray(
    fc.record({
      container: fc.constantFrom('web', 'omitted', 'a', 'b', 'init', '10'),
      field: fc.constantFrom('container' as const, 'volume' as const),
      image: fc.constantFrom('nginx:1.25.1', 'ж:1', `${'long/'.repeat(200)}x:1`),
    }),
    { selector: ({ container, field }) => `${container} ${field}`, minLength: 1 },
  )
  .map(list => list.map(one => ({ ...judgedImage(), ...one })))

t.test('the next review lets a correction stand', async () => {
  fc.assert(
    fc.property(anyImages, anyImages, (before, after) => {
      const corrected = annotated(correctedAnnotations(annotated(annotationsFor(before)), after))
      const earlier = writtenFacts(corrected.metadata.annotations)
      const facts = annotationsFor(after, earlier && { earlier, contested: new Set() })
      return facts !== undefined && annotationPatch(corrected, facts) === undefined
    }),
  )
})

t.test('what a review or a correction wrote is about the images that were judged', async () => {
  fc.assert(
    fc.property(anyImages, anyImages, (before, after) => {
      const reviewed = annotated(annotationsFor(before))
      const corrected = annotated(correctedAnnotations(reviewed, after))
      return annotatedOf(reviewed, before) === 'matching' && annotatedOf(corrected, after) === 'matching'
    }),
  )
})
