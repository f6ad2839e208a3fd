import t from 'tap'
import { auditAnnotationsOf, refusalOf } from '../../../src/admission/messages/refusal.ts'
import type { JudgedImage } from '../../../src/admission/messages/messages.ts'
import { judgedImage, requestOf, ruled } from '../situations.ts'

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => judgedImage({ container: `c${index}` }))
const behind = 'nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'
const noImages = { refused: [], spared: [], exempt: [], 'break-glass': [], outdated: [], unlisted: [] }
const refused = (image: JudgedImage) => ruled(image, 'enforce')
const label = 'To keep it on purpose, have the namespace "shop" labelled patchline.dev/mode=warn.'
const digest = (letter: string) => `sha256:${letter.repeat(64)}`

t.test('what is refused and how to get through', async t => {
  const side = judgedImage({
    container: 'side',
    image: 'ghcr.io/org/side:v1.2.3',
    newest: 'v1.2.5',
    line: '1.2',
    behind: 1,
  })
  const rows: [JudgedImage[], string][] = [
    [
      [judgedImage()],
      `container web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25). Use nginx:1.25.5. ${label}`,
    ],
    [
      [side],
      `container side: ghcr.io/org/side:v1.2.3 is 1 version behind v1.2.5 (line 1.2). Use ghcr.io/org/side:v1.2.5. ${label}`,
    ],
    [
      [judgedImage(), side],
      `container web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25); container side: ghcr.io/org/side:v1.2.3 is 1 version behind v1.2.5 (line 1.2). Use the newest tags. ${label}`,
    ],
    [many(2), `container c0, container c1: ${behind}. Use nginx:1.25.5. ${label}`],
    [many(12), `container c0, container c1, container c2, 9 more: ${behind}. Use nginx:1.25.5. ${label}`],
    [
      Array.from({ length: 12 }, (_, at) => judgedImage({ image: `nginx:1.24.${at}` })),
      `${Array.from({ length: 10 }, (_, at) => `container web: nginx:1.24.${at} is 4 versions behind 1.25.5 (line 1.25)`).join('; ')}; and 2 more. Use nginx:1.25.5. ${label}`,
    ],
    [
      [judgedImage({ image: 'docker.io/library/nginx:1.25.1' })],
      `container web: docker.io/library/${behind}. Use docker.io/library/nginx:1.25.5. ${label}`,
    ],
    [
      [judgedImage({ image: `nginx:1.25.1@${digest('a')}` })],
      `container web: ${behind}. Use nginx:1.25.5 with its digest. ${label}`,
    ],
    [
      [judgedImage({ image: `nginx:1.25.1@${digest('a')}`, newestDigest: digest('b') })],
      `container web: ${behind}. Use nginx:1.25.5@${digest('b')}. ${label}`,
    ],
    [
      [judgedImage({ container: 'w\ne\u202eb' })],
      `container web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25). Use nginx:1.25.5. ${label}`,
    ],
  ]
  const keepable = refusalOf([refused(judgedImage())], requestOf({ kind: 'CronJob' }), true).message
  t.equal(
    keepable,
    `CronJob web: container web: ${behind}. Use nginx:1.25.5. To keep it on purpose, annotate the CronJob with patchline.dev/strategy=rebuild, or have the namespace "shop" labelled patchline.dev/mode=warn.`,
  )
  for (const [images, message] of rows)
    t.strictSame(refusalOf(images.map(refused), requestOf({ namespace: 'sh\nop' }), false), {
      code: 403,
      reason: 'Forbidden',
      message: `Deployment web: ${message}`,
    })
})

const unlistedImage = judgedImage({
  image: 'registry.example.com/app:1.0.0',
  verdict: 'unknown',
  reason: 'not-allowed',
  newest: undefined,
})

t.test('what goes to the audit log', async t => {
  t.strictSame(auditAnnotationsOf(noImages), {})
  t.strictSame(auditAnnotationsOf({ ...noImages, refused: [judgedImage()] }), {
    refused: 'web: nginx:1.25.1 -> 1.25.5',
  })
  t.strictSame(auditAnnotationsOf({ ...noImages, unlisted: [unlistedImage] }), {
    unlisted: 'web: registry.example.com/app:1.0.0',
  })
  t.strictSame(auditAnnotationsOf({ ...noImages, spared: [judgedImage()] }), {
    spared: 'web: nginx:1.25.1 -> 1.25.5',
  })
  t.strictSame(auditAnnotationsOf({ ...noImages, refused: [judgedImage()], outdated: many(12) }), {
    refused: 'web: nginx:1.25.1 -> 1.25.5',
    outdated: `${many(10)
      .map((_, index) => `c${index}: nginx:1.25.1 -> 1.25.5`)
      .join('; ')}; and 2 more`,
  })
})
