import t from 'tap'
import { auditAnnotationsOf, refusalOf } from '../../src/admission/refusal.ts'
import type { JudgedImage } from '../../src/admission/say.ts'
import { judgedImage, requestOf } from './situations.ts'

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => judgedImage({ container: `c${index}` }))
const said = (index: number) => `container c${index}: nginx:1.25.1 is 4 patches behind 1.25.5 (line 1.25)`
const noImages = { refused: [], spared: [], outdated: [] }
const label = 'or have the namespace "shop" labelled patchline.dev/mode=warn.'

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
      `container web: nginx:1.25.1 is 4 patches behind 1.25.5 (line 1.25). Use nginx:1.25.5, ${label}`,
    ],
    [
      [side],
      `container side: ghcr.io/org/side:v1.2.3 is 1 patch behind v1.2.5 (line 1.2). Use ghcr.io/org/side:v1.2.5, ${label}`,
    ],
    [
      [judgedImage(), side],
      `container web: nginx:1.25.1 is 4 patches behind 1.25.5 (line 1.25); container side: ghcr.io/org/side:v1.2.3 is 1 patch behind v1.2.5 (line 1.2). Use the newest tag, ${label}`,
    ],
    [many(2), `${said(0)}; ${said(1)}. Use nginx:1.25.5, ${label}`],
    [
      many(10),
      `${many(10)
        .map((_, index) => said(index))
        .join('; ')}. Use nginx:1.25.5, ${label}`,
    ],
    [
      many(12),
      `${many(10)
        .map((_, index) => said(index))
        .join('; ')}; and 2 more. Use nginx:1.25.5, ${label}`,
    ],
    [
      [judgedImage({ container: 'w\ne\u202eb' })],
      `container web: nginx:1.25.1 is 4 patches behind 1.25.5 (line 1.25). Use nginx:1.25.5, ${label}`,
    ],
  ]
  for (const [refused, message] of rows)
    t.strictSame(refusalOf(refused, 'patch', requestOf({ namespace: 'sh\nop' })), {
      code: 403,
      reason: 'Forbidden',
      message: `Deployment web: ${message}`,
    })
})

t.test('what goes to the audit log', async t => {
  t.strictSame(auditAnnotationsOf(noImages), {})
  t.strictSame(auditAnnotationsOf({ ...noImages, refused: [judgedImage()] }), {
    refused: 'web: nginx:1.25.1 -> 1.25.5',
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
