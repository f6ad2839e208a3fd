import t from 'tap'
import {
  decide,
  imagesToJudge,
  problemsToTell,
  worthWarningBy,
} from '../../../src/admission/decision/decide.ts'
import type { JudgedImage } from '../../../src/admission/messages/messages.ts'
import type { ObjectRules } from '../../../src/admission/rules/object-rules.ts'
import type { Mode } from '../../../src/policy/index.ts'
import { currentImage, judgedImage, requestOf, ruled, rulesOf } from '../situations.ts'

const rulesFor = (mode: Mode, problems: string[] = []): ObjectRules => ({
  subject: {
    namespace: 'shop',
    namespaceLabels: {},
    group: 'apps',
    kind: 'Deployment',
    labels: {},
    annotations: {},
  },
  problems: () => problems,
  of: () => rulesOf(mode),
  strictest: () => mode,
})
const due = (judged: JudgedImage, { warnable = true, refusable = true, spared = false } = {}) => ({
  ...judged,
  warnable,
  refusable,
  spared,
})
const text = 'web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'
const warning = `patchline: ${text}`
const outdated = { outdated: 'web: nginx:1.25.1 -> 1.25.5' }
const refused = { refused: 'web: nginx:1.25.1 -> 1.25.5' }
const message = `Deployment web: container ${text}. Use nginx:1.25.5. To keep it on purpose, have the namespace "shop" labelled patchline.dev/mode=warn.`
const status = { code: 403, reason: 'Forbidden', message }

t.test('what becomes of an outdated image', async t => {
  const twoDays = 48 * 3_600_000
  const stale = due(judgedImage({ stale: true, age: twoDays }))
  const asOf = `${warning} (data is 2 days old)`
  const unproven = due(judgedImage({ unproven: true }))
  const perhaps = `${warning} (its platforms are not known)`
  const there = due(judgedImage(), { refusable: false })
  const untold = due(judgedImage(), { warnable: false })
  const child = due(judgedImage(), { refusable: false, spared: true })
  const silent = due(judgedImage(), { warnable: false, refusable: false, spared: true })
  const staleChild = due(judgedImage({ stale: true }), { warnable: false, refusable: false, spared: true })
  const spared = { spared: 'web: nginx:1.25.1 -> 1.25.5' }
  const rows: [string, Mode, ReturnType<typeof due>, object][] = [
    ['audit', 'audit', due(judgedImage()), { allowed: true, auditAnnotations: outdated }],
    ['warn', 'warn', due(judgedImage()), { allowed: true, warnings: [warning], auditAnnotations: outdated }],
    ['enforce', 'enforce', due(judgedImage()), { allowed: false, status, auditAnnotations: refused }],
    ['it was there', 'enforce', there, { allowed: true, warnings: [warning], auditAnnotations: outdated }],
    ['nobody to tell', 'warn', untold, { allowed: true, auditAnnotations: outdated }],
    ['nobody to tell, but refused', 'enforce', untold, { allowed: false, status, auditAnnotations: refused }],
    ['a child', 'enforce', child, { allowed: true, warnings: [warning], auditAnnotations: spared }],
    ['a child, warn', 'warn', child, { allowed: true, warnings: [warning], auditAnnotations: outdated }],
    ['a child, nobody to tell', 'enforce', silent, { allowed: true, auditAnnotations: spared }],
    ['a child, old data', 'enforce', staleChild, { allowed: true, auditAnnotations: outdated }],
    ['old data, enforce', 'enforce', stale, { allowed: true, warnings: [asOf], auditAnnotations: outdated }],
    [
      'not known to run, enforce',
      'enforce',
      unproven,
      { allowed: true, warnings: [perhaps], auditAnnotations: outdated },
    ],
    ['old data, warn', 'warn', stale, { allowed: true, warnings: [asOf], auditAnnotations: outdated }],
  ]
  for (const [name, mode, image, expected] of rows) {
    const decided = decide([ruled(image, mode)], { request: requestOf(), alone: true, problems: [] })
    t.strictSame(decided, { uid: 'uid-1', ...expected }, name)
  }
})

t.test('no other verdict is refused', async t => {
  for (const verdict of ['current', 'floating', 'unversioned', 'unknown'] as const) {
    const images = [ruled(due(currentImage({ verdict, reason: 'not-checked-yet' })), 'enforce')]
    t.equal(decide(images, { request: requestOf(), alone: true, problems: [] }).allowed, true, verdict)
  }
})

t.test('what is not refused is warned about beside a refusal', async t => {
  const floating = judgedImage({
    container: 'side',
    image: 'busybox',
    verdict: 'floating',
    newest: undefined,
  })
  const old = due(judgedImage({ container: 'old' }), { refusable: false })
  const images = [due(judgedImage()), due(floating), old].map(image => ruled(image, 'enforce'))
  const response = decide(images, {
    request: requestOf(),
    alone: false,
    problems: ['something is wrong'],
  })
  t.strictSame(response, {
    uid: 'uid-1',
    allowed: false,
    status,
    warnings: [
      'patchline: something is wrong',
      'patchline: web/side: busybox floats; pin a version to know what runs',
      'patchline: web/old: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)',
    ],
    auditAnnotations: { refused: 'web: nginx:1.25.1 -> 1.25.5', outdated: 'old: nginx:1.25.1 -> 1.25.5' },
  })
})

t.test('only what matters is judged', async t => {
  const [both, told, kept, neither] = [
    due(judgedImage({ container: 'both' })),
    due(judgedImage({ container: 'told' }), { refusable: false }),
    due(judgedImage({ container: 'kept' }), { warnable: false }),
    due(judgedImage({ container: 'neither' }), { warnable: false, refusable: false }),
  ]
  const spared = due(judgedImage({ container: 'spared' }), {
    warnable: false,
    refusable: false,
    spared: true,
  })
  const images = [both, told, kept, spared, neither]
  const scope = { images, applied: true, annotatable: true, hasty: false, unread: false }
  t.strictSame(imagesToJudge(scope, rulesFor('audit')), [both, told])
  t.strictSame(imagesToJudge(scope, rulesFor('warn')), [both, told])
  t.strictSame(imagesToJudge(scope, rulesFor('enforce')), [both, told, kept, spared])
})

t.test('what is wrong in the policy is for the person who applies', async t => {
  const rows: [Mode, boolean, string[]][] = [
    ['audit', true, []],
    ['warn', true, ['wrong']],
    ['enforce', true, ['wrong']],
    ['warn', false, []],
  ]
  for (const [mode, applied, expected] of rows)
    t.strictSame(
      problemsToTell(
        { images: [due(judgedImage())], applied, annotatable: true, hasty: false, unread: false },
        rulesFor(mode, ['wrong']),
      ),
      expected,
      mode,
    )
})

t.test('one line for each image, however many containers have it', async t => {
  const names = ['init-a', 'init-b', 'web', 'worker', 'scheduler']
  const image = 'docker.io/bitnami/airflow:3.0.5-debian-12-r0'
  const airflow = {
    image,
    newest: '3.0.7-debian-12-r6',
    line: '3.0',
    behind: 16,
    counted: 'revisions',
  } as const
  const images = [
    ...names.map(container => due(judgedImage({ ...airflow, container }), { refusable: false })),
    due(judgedImage({ container: 'side' }), { refusable: false }),
  ]
  const answer = (mode: Mode, own = images) =>
    decide(
      own.map(image => ruled(image, mode)),
      { request: requestOf(), alone: false, problems: [] },
    )
  t.strictSame(answer('warn').warnings, [
    'patchline: 5 containers (web/init-a, init-b, …): docker.io/bitnami/airflow:3.0.5-debian-12-r0 -> 3.0.7-debian-12-r6',
    'patchline: web/side: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)',
  ])
  const refused = answer(
    'enforce',
    images.map(one => ({ ...one, refusable: true })),
  ).status?.message
  t.equal(
    refused,
    'Deployment web: container init-a, container init-b, container web, 2 more: docker.io/bitnami/airflow:3.0.5-debian-12-r0 is 16 image revisions behind 3.0.7-debian-12-r6 (line 3.0); container side: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25). Use the newest tags. To keep it on purpose, have the namespace "shop" labelled patchline.dev/mode=warn.',
  )
})

t.test('what is not worth a warning is noted all the same', async t => {
  const unlisted = currentImage({
    image: 'registry.example.com/app:1',
    verdict: 'unknown',
    reason: 'not-allowed',
  })
  const decided = { request: requestOf(), alone: true, problems: [] }
  const images = [ruled(due(unlisted), 'warn')]
  const auditAnnotations = { unlisted: 'web: registry.example.com/app:1' }
  t.strictSame(decide(images, { ...decided, isWorthWarning: () => false }), {
    uid: 'uid-1',
    allowed: true,
    auditAnnotations,
  })
  t.strictSame(decide(images, decided).warnings, [
    "patchline: web: registry.example.com/app:1 not checked: registry.example.com is not in Patchline's configuration",
  ])
})

const usual = { unlistedRegistries: false, floatingTags: true }
const floating = (image: string) =>
  judgedImage({ image, verdict: 'floating', reason: 'no-tag', newest: undefined })

t.test('what people cannot change is a choice', async t => {
  const unlisted = judgedImage({ verdict: 'unknown', reason: 'not-allowed' })
  const rows: [object, boolean, boolean][] = [
    [{}, false, true],
    [{ unlistedRegistries: true }, true, true],
    [{ floatingTags: false }, false, false],
  ]
  for (const [choices, unlistedTold, floatingTold] of rows) {
    const isWorth = worthWarningBy({ ...usual, ...choices })
    t.equal(isWorth(unlisted), unlistedTold)
    t.equal(isWorth(floating('nginx')), floatingTold)
    t.equal(isWorth(judgedImage({ verdict: 'unknown', reason: 'unavailable' })), true)
    t.equal(isWorth(currentImage({ reason: 'not-listed' })), true)
  }
})
