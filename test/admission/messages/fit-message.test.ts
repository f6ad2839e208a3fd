import t from 'tap'
import { fitMessage, warningsOf, type Message } from '../../../src/admission/messages/fit-message.ts'
import { describeOutdated } from '../../../src/admission/messages/messages.ts'
import { judgedImage } from '../situations.ts'

const sentence: Message = {
  subjects: ['2 containers (web/nginx, web/side)', '2 containers (web/nginx, …)', 'web, 2 containers'],
  repository: 'registry.example.com/team/shop/nginx',
  tag: ':1.25.1',
  statement: ' is 4 versions behind 1.25.5',
  short: ' -> 1.25.5',
  line: ' (line 1.25)',
  asides: [' (data is 2 days old)', ' (pinned by digest)'],
}

t.test('what gives way first', async t => {
  const image = 'registry.example.com/team/shop/nginx:1.25.1'
  const whole = `2 containers (web/nginx, web/side): ${image} is 4 versions behind 1.25.5 (line 1.25)`
  const rows: [number, string][] = [
    [200, `${whole} (data is 2 days old) (pinned by digest)`],
    [144, `${whole} (data is 2 days old)`],
    [139, `${whole} (pinned by digest)`],
    [119, whole],
    [118, `2 containers (web/nginx, …): ${image} is 4 versions behind 1.25.5 (line 1.25)`],
    [111, `web, 2 containers: ${image} is 4 versions behind 1.25.5 (line 1.25)`],
    [101, `web, 2 containers: ${image} is 4 versions behind 1.25.5`],
    [88, `2 containers (web/nginx, …): ${image} -> 1.25.5`],
    [80, `web, 2 containers: ${image} -> 1.25.5`],
    [71, `web, 2 containe…: ${image} -> 1.25.5`],
    [67, `web, 2 cont…: ${image} -> 1.25.5`],
    [66, 'web, 2 cont…: registry.example.com/…/shop/nginx:1.25.1 -> 1.25.5'],
    [60, 'web, 2 cont…: registry.example.com/…/nginx:1.25.1 -> 1.25.5'],
    [50, 'web, 2 cont…: registry.example.com/…/nginx:1.25.1…'],
    [20, 'web, 2 cont…: regis…'],
  ]
  for (const [most, expected] of rows) {
    t.equal(fitMessage(sentence, most), expected, `${most}`)
    t.ok(expected.length <= most, `${most}`)
  }
})

t.test('a repository without a path between gives nothing', async t => {
  const short = { ...sentence, subjects: ['web'], repository: 'docker.io/nginx' }
  t.equal(fitMessage(short, 30), 'web: docker.io/nginx:1.25.1 -…')
})

t.test('marks are left out of every part', async t => {
  const marked = {
    subjects: ['w\neb'],
    repository: 'ngi\u202enx',
    tag: ':1\u0000',
    statement: ' is\t',
    short: '',
    line: ' (\ud800)',
    asides: [],
  }
  t.equal(fitMessage(marked, 100), 'web: nginx:1 is ()')
})

const sentences = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...describeOutdated(judgedImage()),
    subjects: [`c${index}`],
  }))
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
  const said = describeOutdated(judgedImage({ image, newest: 'v1.25.5' }))
  t.strictSame(warningsOf([], [{ ...said, subjects: [container] }]), [
    'patchline: a-container…: registry.example.com:5000/…/team/team/team/team/team/team/team/team/shop:v1.25.1 -> v1.25.5',
  ])
})
