import t from 'tap'
import { fitMessage } from '../../../src/admission/messages/fit-message.ts'
import {
  containersOf,
  describeOther,
  describeOutdated,
  describeOutdatedAsOf,
  subjectsOf,
  type JudgedImage,
  type Statement,
} from '../../../src/admission/messages/messages.ts'
import { currentImage, judgedImage, requestOf } from '../situations.ts'

const digest = `sha256:${'a'.repeat(64)}`

function inWeb(said: Statement | undefined, most = 200): string | undefined {
  return said && fitMessage({ ...said, subjects: ['web'] }, most)
}

t.test('outdated', async t => {
  const rows: [JudgedImage, string][] = [
    [judgedImage(), 'web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'],
    [
      judgedImage({ image: 'docker.io/library/nginx:1.25.4', behind: 1 }),
      'web: docker.io/library/nginx:1.25.4 is 1 version behind 1.25.5 (line 1.25)',
    ],
    [
      judgedImage({ image: `nginx:1.25.1@${digest}` }),
      'web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25) (pinned by digest)',
    ],
    [judgedImage({ newest: '1.27.0', line: '1' }), 'web: nginx:1.25.1 is 4 versions behind 1.27.0 (line 1)'],
    [
      judgedImage({ newest: '1.27.0', line: '1', behind: 1 }),
      'web: nginx:1.25.1 is 1 version behind 1.27.0 (line 1)',
    ],
    [judgedImage({ newest: '2.0.0', line: undefined }), 'web: nginx:1.25.1 is 4 versions behind 2.0.0'],
    [
      judgedImage({ newest: '1.25.1-r4', line: '1.25.1', behind: 2, counted: 'revisions' }),
      'web: nginx:1.25.1 is 2 image revisions behind 1.25.1-r4 (line 1.25.1)',
    ],
    [
      judgedImage({ newest: '1.25.1-r4', line: '1.25.1', behind: 1, counted: 'revisions' }),
      'web: nginx:1.25.1 is 1 image revision behind 1.25.1-r4 (line 1.25.1)',
    ],
  ]
  for (const [judged, expected] of rows) {
    t.equal(inWeb(describeOutdated(judged)), expected)
    t.equal(inWeb(describeOutdatedAsOf(judged)), expected, 'fresh data has no age')
  }
})

t.test('the age of stale data', async t => {
  const hour = 3_600_000
  const rows: [age: number | undefined, string][] = [
    [undefined, ''],
    [0, ' (data is 1 minute old)'],
    [30 * 60_000, ' (data is 30 minutes old)'],
    [hour, ' (data is 1 hour old)'],
    [23.9 * hour, ' (data is 23 hours old)'],
    [24 * hour, ' (data is 1 day old)'],
    [50 * hour, ' (data is 2 days old)'],
  ]
  for (const [age, expected] of rows)
    t.equal(
      inWeb(describeOutdatedAsOf(judgedImage({ age, stale: true }))),
      `web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)${expected}`,
    )
  t.equal(
    inWeb(
      describeOutdatedAsOf(judgedImage({ image: `nginx:1.25.1@${digest}`, age: 50 * hour, stale: true })),
    ),
    'web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25) (data is 2 days old) (pinned by digest)',
  )
})

t.test('what else is worth a warning', async t => {
  const unknown = { verdict: 'unknown', newest: undefined, behind: 0, line: undefined } as const
  const rows: [JudgedImage, string | undefined][] = [
    [judgedImage(), undefined],
    [currentImage(), undefined],
    [judgedImage({ verdict: 'unversioned', reason: 'no-version', behind: 0 }), undefined],
    [
      currentImage({
        image: 'nginx:1.25.1-alpine3.17',
        reason: 'other-variant',
        elsewhere: '1.25.5-alpine3.18',
      }),
      'web: nginx:1.25.1-alpine3.17 has no newer tag of its kind, but 1.25.5-alpine3.18 exists',
    ],
    [
      currentImage({ image: 'nginx:1.25.9', reason: 'not-listed', wasListed: true }),
      'web: nginx:1.25.9 is no longer listed by its registry',
    ],
    [
      currentImage({ image: 'nginx:1.25.1111', reason: 'not-listed' }),
      'web: nginx:1.25.1111 is not listed by its registry',
    ],
    [currentImage({ image: 'nginx:1.25.9', reason: 'unlisted' }), undefined],
    [
      currentImage({ image: 'nginx:1.25.9', reason: 'not-listed', elsewhere: 'v1.26.0' }),
      'web: nginx:1.25.9 is not listed by its registry, but v1.26.0 exists',
    ],
    [
      judgedImage({ image: 'nginx:1.25', verdict: 'floating', reason: 'extended' }),
      'web: nginx:1.25 floats; pin 1.25.5 to know what runs',
    ],
    [
      judgedImage({ image: 'nginx:latest', verdict: 'floating', reason: 'latest', newest: undefined }),
      'web: nginx:latest floats; pin a version to know what runs',
    ],
    [
      judgedImage({ image: 'quay.io/a/b', verdict: 'floating', reason: 'no-tag', newest: 'v1.8.0' }),
      'web: quay.io/a/b floats; pin v1.8.0 to know what runs',
    ],
    [judgedImage({ ...unknown, reason: 'not-checked-yet' }), 'web: nginx:1.25.1 not checked yet'],
    [
      judgedImage({ ...unknown, image: 'example.com/a:1', reason: 'not-allowed' }),
      "web: example.com/a:1 not checked: example.com is not in Patchline's configuration",
    ],
    [
      judgedImage({ ...unknown, reason: 'not-found' }),
      'web: nginx:1.25.1 not checked: its registry has no such repository',
    ],
    [
      judgedImage({ ...unknown, reason: 'unauthorized' }),
      'web: nginx:1.25.1 not checked: its registry wants other credentials',
    ],
    [
      judgedImage({
        ...unknown,
        reason: 'unreadable-credentials',
        detail: 'pull secret shop/regcred does not exist; create it, or take it out of imagePullSecrets',
      }),
      'web: nginx:1.25.1 not checked: pull secret shop/regcred cannot be used',
    ],
    [
      judgedImage({ ...unknown, reason: 'unreadable-credentials', detail: 'pull secret shop/a: no JSON' }),
      'web: nginx:1.25.1 not checked: pull secret shop/a cannot be used',
    ],
    [
      judgedImage({
        ...unknown,
        reason: 'unreadable-credentials',
        detail: `pull secret shop/${'a'.repeat(50)} does not exist; create it`,
      }),
      'web: nginx:1.25.1 not checked: its pull secret cannot be used',
    ],
    [
      judgedImage({
        ...unknown,
        reason: 'unreadable-credentials',
        detail: 'service account shop/app is forbidden',
      }),
      'web: nginx:1.25.1 not checked: its pull secret cannot be used',
    ],
    [
      judgedImage({ ...unknown, reason: 'unreadable-credentials' }),
      'web: nginx:1.25.1 not checked: its pull secret cannot be used',
    ],
    [currentImage({ reason: 'same-digest' }), undefined],
    [
      judgedImage({ ...unknown, reason: 'rate-limited' }),
      'web: nginx:1.25.1 not checked: its registry asks to wait',
    ],
    [
      judgedImage({ ...unknown, reason: 'unavailable' }),
      'web: nginx:1.25.1 not checked: its registry does not answer',
    ],
    [
      judgedImage({ ...unknown, reason: 'invalid-answer' }),
      'web: nginx:1.25.1 not checked: the answer of its registry is invalid',
    ],
    [
      judgedImage({ ...unknown, reason: 'too-many-images' }),
      'web: nginx:1.25.1 not checked: too many images in one object',
    ],
    [
      judgedImage({ ...unknown, reason: 'no-tags' }),
      'web: nginx:1.25.1 not checked: its repository has no tags',
    ],
    [judgedImage({ ...unknown, reason: 'newest' }), 'web: nginx:1.25.1 not checked'],
    [
      judgedImage({ ...unknown, image: 'nginx:not a tag', reason: 'invalid-reference' }),
      'web: image "nginx:not a tag" is not a reference',
    ],
    [
      judgedImage({ ...unknown, image: 'a\n\u202e"b"', reason: 'invalid-reference' }),
      String.raw`web: image "a\"b\"" is not a reference`,
    ],
    [
      judgedImage({ ...unknown, image: 'X'.repeat(5000), reason: 'invalid-reference' }),
      `web: image "${'X'.repeat(59)}…" is not a reference`,
    ],
  ]
  for (const [judged, expected] of rows) {
    t.equal(inWeb(describeOther(judged)), expected)
  }
})

t.test('what a warning is about, from the longest way to say it to the shortest', async t => {
  const rows: [name: string, containers: string[], alone: boolean, expected: string[]][] = [
    ['web', ['main'], true, ['web']],
    ['web', ['main'], false, ['web/main']],
    ['web', ['web'], false, ['web']],
    ['', ['main'], false, ['main']],
    ['web', ['a', 'b'], true, ['2 containers (web/a, b)', '2 containers (web/a, …)', 'web, 2 containers']],
    [
      'web',
      ['a', 'b', 'c', 'd', 'e'],
      false,
      [
        '5 containers (web/a, b, c, d, e)',
        '5 containers (web/a, b, …)',
        '5 containers (web/a, …)',
        'web, 5 containers',
      ],
    ],
    ['', ['a', 'b'], true, ['2 containers (a, b)', '2 containers (a, …)', '2 containers']],
    ['web', [], true, ['web']],
  ]
  for (const [name, containers, alone, expected] of rows)
    t.strictSame(
      subjectsOf({
        request: requestOf({ name }),
        containers: containers.map(container => currentImage({ container })),
        alone,
      }),
      expected,
    )
})

const named = (...names: string[]) => names.map(container => currentImage({ container }))

t.test('containers as a refusal names them', async t => {
  t.equal(containersOf(named('a')), 'container a')
  const wait = { ...currentImage({ container: 'wait' }), field: 'init' } as const
  t.equal(containersOf([...named('a'), wait]), 'container a, init container wait')
  t.equal(containersOf(named('a', 'b', 'c', 'd', 'e')), 'container a, container b, container c, 2 more')
})
