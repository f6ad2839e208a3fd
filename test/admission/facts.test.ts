import t from 'tap'
import { factsOf } from '../../src/admission/facts.ts'
import type { JudgedImage } from '../../src/admission/say.ts'
import type { Evaluation } from '../../src/evaluation/index.ts'
import { currentImage, judgedImage } from './situations.ts'

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
    t.equal(factsOf(verdicts.map(verdict => judgedImage({ verdict })))?.[status], expected, verdicts.join())
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
  for (const [judged, expected] of rows) t.equal(factsOf(judged)?.[images], expected)
})

t.test('at most 2 KiB, the rest is counted', async t => {
  const judged = Array.from({ length: 40 }, (_, index) => judgedImage({ container: `c${index + 10}` }))
  const text = factsOf(judged)?.[images] ?? ''
  const facts: object = JSON.parse(text)
  t.ok(text.length <= 2048, `${text.length}`)
  t.ok(text.length > 1900, `${text.length}`)
  const names = Object.keys(facts)
  t.strictSame(names.slice(0, 2), ['c10', 'c11'])
  t.equal(names.at(-1), 'omitted')
  t.match(facts, { omitted: 40 - (names.length - 1) })
  const huge = factsOf([
    judgedImage({ container: 'a', image: 'x'.repeat(3000) }),
    judgedImage({ container: 'b' }),
  ])
  t.equal(
    huge?.[images],
    '{"b":{"image":"nginx:1.25.1","verdict":"outdated","newest":"1.25.5","behind":4,"reason":"newer"},"omitted":1}',
  )
  t.equal(factsOf([judgedImage({ image: 'x'.repeat(3000) })])?.[images], '{"omitted":1}')
})
