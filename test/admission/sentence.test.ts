import t from 'tap'
import { fitted, type Sentence } from '../../src/admission/sentence.ts'

const sentence: Sentence = {
  subject: 'web',
  repository: 'registry.example.com/team/shop/nginx',
  statement: ':1.25.1 is 4 patches behind 1.25.5',
  line: ' (line 1.25)',
  asides: [' (data is 2 days old)', ' (pinned by digest)'],
}

t.test('what gives way first', async t => {
  const rows: [number, string][] = [
    [
      200,
      'web: registry.example.com/team/shop/nginx:1.25.1 is 4 patches behind 1.25.5 (line 1.25) (data is 2 days old) (pinned by digest)',
    ],
    [
      110,
      'web: registry.example.com/team/shop/nginx:1.25.1 is 4 patches behind 1.25.5 (line 1.25) (data is 2 days old)',
    ],
    [
      107,
      'web: registry.example.com/team/shop/nginx:1.25.1 is 4 patches behind 1.25.5 (line 1.25) (pinned by digest)',
    ],
    [87, 'web: registry.example.com/team/shop/nginx:1.25.1 is 4 patches behind 1.25.5 (line 1.25)'],
    [86, 'web: …gistry.example.com/team/shop/nginx:1.25.1 is 4 patches behind 1.25.5 (line 1.25)'],
    [60, 'web: …op/nginx:1.25.1 is 4 patches behind 1.25.5 (line 1.25)'],
    [52, 'web: …:1.25.1 is 4 patches behind 1.25.5 (line 1.25)'],
    [51, 'web: …:1.25.1 is 4 patches behind 1.25.5'],
    [40, 'web: …:1.25.1 is 4 patches behind 1.25.5'],
    [20, 'web: …:1.25.1 is 4 …'],
  ]
  for (const [most, expected] of rows) {
    t.equal(fitted(sentence, most), expected, `${most}`)
    t.ok(expected.length <= most, `${most}`)
  }
})

t.test('the name of a container gives way before the tags', async t => {
  const long = { ...sentence, subject: 'a-container-whose-name-is-as-long-as-a-name-may-become-at-all-63' }
  t.equal(
    fitted(long, 80),
    'a-container-whose-name-is-as-long-as-a-nam…: …:1.25.1 is 4 patches behind 1.25.5',
  )
  t.equal(fitted(long, 40), 'a-container…: …:1.25.1 is 4 patches beh…')
})

t.test('marks are left out of every part', async t => {
  const marked = {
    subject: 'w\neb',
    repository: 'ngi\u202enx',
    statement: ':1\u0000 is',
    line: ' (\ud800)',
    asides: [],
  }
  t.equal(fitted(marked, 100), 'web: nginx:1 is ()')
})
