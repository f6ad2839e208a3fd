import t from 'tap'
import { fitted, type Sentence } from '../../src/admission/sentence.ts'

const sentence: Sentence = {
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
    t.equal(fitted(sentence, most), expected, `${most}`)
    t.ok(expected.length <= most, `${most}`)
  }
})

t.test('a repository without a path between gives nothing', async t => {
  const short = { ...sentence, subjects: ['web'], repository: 'docker.io/nginx' }
  t.equal(fitted(short, 30), 'web: docker.io/nginx:1.25.1 -…')
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
  t.equal(fitted(marked, 100), 'web: nginx:1 is ()')
})
