import t from 'tap'

import { nextPage } from '../../../src/registry/listing/link.ts'

const current = new URL('https://r.example:5000/v2/a/b/tags/list?n=2')
const page = 'https://r.example:5000/v2/a/b/tags/list'

const good: readonly (readonly [header: string | undefined, next: string | undefined])[] = [
  [undefined, undefined],
  ['', undefined],
  ['</v2/a/b/tags/list?n=2&last=x>; rel="next"', `${page}?n=2&last=x`],
  ['<?last=x>; rel=next', `${page}?last=x`],
  ['<https://r.example:5000/v2/a/b/tags/list?last=x>;rel="next"', `${page}?last=x`],
  ['<HTTPS://R.Example:5000/v2/a/b/tags/list?last=x>; REL="Next"', `${page}?last=x`],
  ['<?last=x#part>; rel="next"', `${page}?last=x`],
  ['<?last=a>; rel="prev", <?last=x>; title="a, b"; rel="last next"', `${page}?last=x`],
  ['<?last=x>; rel=next, <?last=x>; rel=next', `${page}?last=x`],
  ['</v2/a/b/tags/list?last=x>; rel="prev"', undefined],
  ['<?last=a,b>; rel=next', `${page}?last=a,b`],
]

t.test('the next page', t => {
  for (const [header, next] of good) t.equal(nextPage(header, current)?.href, next, String(header))
  t.end()
})

const bad: readonly (readonly [header: string, message: string])[] = [
  [
    '<https://evil.example/v2/a/b/tags/list>; rel=next',
    'its Link leads to https://evil.example, away from https://r.example:5000',
  ],
  [
    '<//evil.example/v2/a/b/tags/list>; rel=next',
    'its Link leads to https://evil.example, away from https://r.example:5000',
  ],
  [
    '<https://r.example/v2/a/b/tags/list>; rel=next',
    'its Link leads to https://r.example, away from https://r.example:5000',
  ],
  [
    '<http://r.example:5000/v2/a/b/tags/list>; rel=next',
    'its Link leads to http://r.example:5000, away from https://r.example:5000',
  ],
  ['<file:///etc/passwd>; rel=next', 'its Link leads to null, away from https://r.example:5000'],
  ['<https://me:you@r.example:5000/v2/a/b/tags/list>; rel=next', 'its Link is not an address'],
  ['<https://[/>; rel=next', 'its Link is not an address'],
  ['</v2/a/c/tags/list?last=x>; rel=next', 'its Link leads to another repository or path'],
  ['</v2/a/b/tags/../../c/tags/list>; rel=next', 'its Link leads to another repository or path'],
  ['</v2/_catalog?last=x>; rel=next', 'its Link leads to another repository or path'],
  ['/v2/a/b/tags/list?last=x; rel=next', 'its Link header cannot be read'],
  ['<?last=x>', 'its Link header does not say what the link is (rel)'],
  ['<?last=x>; rel=next garbage', 'its Link header cannot be read'],
  ['<?last=x>; rel=next, <?last=y>; rel=next', 'its Link header names two next pages'],
]

t.test('a link that leads elsewhere, or cannot be read, ends the walk', t => {
  for (const [header, message] of bad)
    t.throws(() => nextPage(header, current), { code: 'invalid-answer', message }, header)
  t.end()
})

const artifactory = new URL('https://r.example:5000/artifactory/api/docker/repo/v2/a/b/tags/list?n=2')
const own = 'https://r.example:5000/artifactory/api/docker/repo/v2/a/b/tags/list'

const lenient: readonly (readonly [target: string, next: string])[] = [
  ['/v2/a/b/tags/list?last=x&n=2', `${own}?n=2&last=x`],
  ['/v2/a/b/tags/list?last=x', `${own}?n=2&last=x`],
  ['/v2/other/tags/list?last=x&n=50&scope=admin#part', `${own}?n=50&last=x`],
  ['http://r.example/v2/a/b/tags/list?last=1.0%2B1', `${own}?n=2&last=1.0%2B1`],
  ['https://r.example:5000/../../x?last=../y', `${own}?n=2&last=..%2Fy`],
]

t.test('of a lenient link only the place in the list is taken', t => {
  for (const [target, next] of lenient)
    t.equal(nextPage(`<${target}>; rel="next"`, artifactory, { lenient: true })?.href, next, target)
  t.equal(nextPage(undefined, artifactory, { lenient: true }), undefined)
  const bad = [
    ['https://evil.example/v2/a/b/tags/list?last=x', /^its Link leads to https:\/\/evil\.example, away from/],
    ['https://u:p@r.example/v2/a/b/tags/list?last=x', /^its Link is not an address$/],
    ['/v2/a/b/tags/list?n=2', /^its Link does not say after which tag to go on \(last\)$/],
  ] as const
  for (const [target, message] of bad)
    t.throws(() => nextPage(`<${target}>; rel="next"`, artifactory, { lenient: true }), { message }, target)
  t.end()
})

t.test('hostile headers are read in linear time', t => {
  for (const piece of ['<a>;', ';a', '<', ' ', ',', ';a="', '; rel=,', '\t;'])
    t.throws(() => nextPage(`<?x>${piece.repeat(4000)}!`, current))
  t.end()
})
