import t from 'tap'
import { warningsOf } from '../../src/admission/warnings.ts'
import { sayOutdated } from '../../src/admission/say.ts'
import { judgedImage } from './situations.ts'

const sentences = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ...sayOutdated(judgedImage()), subjects: [`c${index}`] }))
const text = (index: number) => `patchline: c${index}: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)`

t.test('ten at most, then a count', async t => {
  const ten = Array.from({ length: 10 }, (_, index) => text(index))
  t.strictSame(warningsOf([], []), [])
  t.strictSame(warningsOf([], sentences(1)), [text(0)])
  t.strictSame(warningsOf([], sentences(10)), ten)
  t.strictSame(warningsOf([], sentences(11)), [...ten, 'patchline: and 1 more image'])
  t.strictSame(warningsOf([], sentences(13)), [...ten, 'patchline: and 3 more images'])
})

t.test('equal texts once, in the order given', async t => {
  t.strictSame(warningsOf([], [...sentences(2).toReversed(), ...sentences(2)]), [text(1), text(0)])
})

t.test('what is wrong in the policy comes first and counts', async t => {
  const problems = ['namespace label x is none of y: warn applies', `a\n${'b'.repeat(200)}`]
  const warnings = warningsOf(problems, sentences(10))
  t.equal(warnings[0], 'patchline: namespace label x is none of y: warn applies')
  t.equal(warnings[1], `patchline: a${'b'.repeat(107)}…`)
  t.equal(warnings[1]?.length, 120)
  t.equal(warnings[2], text(0))
  t.equal(warnings[10], 'patchline: and 2 more images')
  t.equal(warnings.length, 11)
})

t.test('the longest image keeps its tags', async t => {
  const image = `registry.example.com:5000/${'team/'.repeat(20)}shop:v1.25.1`
  const container = 'a-container-with-a-name-of-63-characters-which-is-the-most-okay'
  const said = sayOutdated(judgedImage({ image, newest: 'v1.25.5' }))
  t.strictSame(warningsOf([], [{ ...said, subjects: [container] }]), [
    'patchline: a-container…: registry.example.com:5000/…/team/team/team/team/team/team/team/team/shop:v1.25.1 -> v1.25.5',
  ])
})
