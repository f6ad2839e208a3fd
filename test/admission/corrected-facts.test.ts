import * as fc from 'fast-check'
import t from 'tap'
import { annotationPatch } from '../../src/admission/annotation-patch.ts'
import { correctedFacts } from '../../src/admission/corrected-facts.ts'
import { writtenFacts } from '../../src/admission/earlier-facts.ts'
import { factsOf } from '../../src/admission/facts.ts'
import type { JudgedImage } from '../../src/admission/say.ts'
import { annotatedOf } from '../../src/workload/index.ts'
import { currentImage, judgedImage } from './situations.ts'

const annotated = (annotations: Readonly<Record<string, string>> = {}) => ({ metadata: { annotations } })
const waiting = { verdict: 'unknown', reason: 'not-checked-yet', newest: undefined, behind: 0 } as const
const images = 'patchline.dev/images'
const status = 'patchline.dev/status'

t.test('what is not known yet is not written', async t => {
  const old = annotated(factsOf([judgedImage({ image: 'nginx:1.24.0' })]))
  t.equal(correctedFacts(old, [judgedImage(waiting)]), undefined)
  t.equal(correctedFacts(old, [judgedImage({ ...waiting, reason: 'unavailable' })]), undefined)
  t.match(correctedFacts(old, [judgedImage({ ...waiting, reason: 'not-found' })]), { [status]: 'unknown' })
})

t.test('what is said of an image that is still there stays', async t => {
  const told = judgedImage({ newest: '1.25.4', behind: 3 })
  const gone = currentImage({ container: 'old', image: 'busybox:1.36.1' })
  const before = annotated(factsOf([told, gone]))
  for (const now of [{ newest: '1.25.5', behind: 4 }, waiting])
    t.strictSame(correctedFacts(before, [judgedImage(now)]), factsOf([told]), JSON.stringify(now))
  t.strictSame(correctedFacts(before, [currentImage()]), factsOf([told]), 'by a list of another age')
})

t.test('what another wrote is replaced', async t => {
  const facts = factsOf([judgedImage()])
  t.strictSame(correctedFacts(annotated({ [images]: 'mine', [status]: 'fine' }), [judgedImage()]), facts)
  t.strictSame(correctedFacts(annotated({ [status]: 'current' }), [judgedImage()]), facts)
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
      const corrected = annotated(correctedFacts(annotated(factsOf(before)), after))
      const earlier = writtenFacts(corrected.metadata.annotations)
      const facts = factsOf(after, earlier && { earlier, contested: new Set() })
      return facts !== undefined && annotationPatch(corrected, facts) === undefined
    }),
  )
})

t.test('what a review or a correction wrote is about the images that were judged', async () => {
  fc.assert(
    fc.property(anyImages, anyImages, (before, after) => {
      const reviewed = annotated(factsOf(before))
      const corrected = annotated(correctedFacts(reviewed, after))
      return annotatedOf(reviewed, before) === 'matching' && annotatedOf(corrected, after) === 'matching'
    }),
  )
})
