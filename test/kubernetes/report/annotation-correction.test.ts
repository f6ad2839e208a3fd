import t, { type Test } from 'tap'
import { createAnnotationCorrection, loadKubeConfig } from '../../../src/kubernetes/index.ts'
import { report, type Row } from '../../notification/reports.ts'
import { answer, refuse, startApiServer, type Handler } from '../../support/kubernetes/fake-api-server.ts'

const signal = new AbortController().signal
const facts = (image: string) => ({
  'patchline.dev/status': 'current',
  'patchline.dev/images': JSON.stringify({ web: { image, verdict: 'current', behind: 0, reason: 'newest' } }),
})

interface Held {
  readonly image: string
  readonly annotations: Readonly<Record<string, string>>
  readonly metadata?: object
}

const deployment = ({ image, annotations, metadata = {} }: Held) => ({
  metadata: { resourceVersion: '7', annotations, ...metadata },
  spec: { template: { spec: { containers: [{ name: 'web', image }] } } },
})

interface Correcting {
  readonly answers: Readonly<Record<string, Handler>>
  readonly isSuperseded?: () => boolean
}

async function correct(t: Test, rows: readonly Row[], { answers, isSuperseded = () => false }: Correcting) {
  const server = await startApiServer((received, response) =>
    (answers[received.method] ?? refuse(404, 'not found'))(received, response),
  )
  t.teardown(() => server.close())
  const problems: string[] = []
  const slept: number[] = []
  const correction = createAnnotationCorrection({
    kubeConfig: await loadKubeConfig({ path: server.kubeconfig(t.testdir()) }),
    mayWrite: () => true,
    now: () => 0,
    sleep: async milliseconds => void slept.push(milliseconds),
    onProblem: ({ code }) => void problems.push(code),
  })
  const corrected = await correction.correct(report(rows), signal, isSuperseded)
  const written = server.received
    .filter(({ method }) => method === 'PATCH')
    .map(({ url, contentType, body }) => ({ path: url.pathname, contentType, body: JSON.parse(body) }))
  const asked = server.received.map(({ url }) => `${url.pathname}${url.search}`)
  return { corrected, problems, written, asked, slept }
}

const old = facts('nginx:1.24.0')
const changed: Row = { annotated: 'differing', newest: '1.25.5' }
const list = (...items: readonly object[]) => answer(200, { items })
const held = (more: Partial<Held> = {}) =>
  list(deployment({ image: 'nginx:1.25.1', annotations: old, ...more }))
const done = answer(200, {})

t.test('what is about another image is written anew, in the version that was read', async t => {
  const answers = { GET: held(), PATCH: done }
  const { corrected, written, asked } = await correct(t, [changed], { answers })
  t.equal(corrected, 1)
  t.equal(asked[0], '/apis/apps/v1/namespaces/default/deployments?fieldSelector=metadata.name%3Dweb')
  t.strictSame(written, [
    {
      path: '/apis/apps/v1/namespaces/default/deployments/web',
      contentType: 'application/merge-patch+json',
      body: {
        metadata: {
          resourceVersion: '7',
          annotations: {
            'patchline.dev/status': 'outdated',
            'patchline.dev/images':
              '{"web":{"image":"nginx:1.25.1","verdict":"outdated","newest":"1.25.5","behind":4,"reason":"newer"}}',
          },
        },
      },
    },
  ])
})

t.test('where nothing is judged they are taken away', async t => {
  const answers = { GET: held({ annotations: facts('nginx:1.25.1') }), PATCH: done }
  const { written } = await correct(t, [{ annotated: 'matching', exempt: true }], { answers })
  const annotations = { 'patchline.dev/status': null, 'patchline.dev/images': null }
  t.strictSame(
    written.map(({ body }) => body),
    [{ metadata: { resourceVersion: '7', annotations } }],
  )
})

const untouched: readonly (readonly [what: string, row: Row, get: Handler, asked: number])[] = [
  ['without annotations', { newest: '1.25.5' }, held(), 0],
  ['without annotations, and not judged', { exempt: true }, held(), 0],
  ['right as of the last review', { annotated: 'matching', newest: '1.25.5' }, held(), 0],
  ['of a custom kind', { ...changed, kind: 'Rollout' }, held(), 0],
  ['right meanwhile', changed, held({ annotations: facts('nginx:1.25.1') }), 1],
  ['taken away meanwhile', changed, held({ annotations: {} }), 1],
  ['another image meanwhile', changed, held({ image: 'nginx:1.25.2' }), 1],
  ['not looked at yet', { ...changed, verdict: 'unknown', reason: 'not-checked-yet' }, held(), 1],
  ['gone meanwhile', changed, list(), 1],
  ['with its kind', changed, refuse(404, 'no'), 1],
  [
    'of a controller',
    changed,
    held({
      metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', controller: true }] },
    }),
    1,
  ],
]
for (const [what, row, get, requests] of untouched)
  t.test(`not touched: ${what}`, async t => {
    const answers = { GET: get, PATCH: done }
    const { corrected, written, problems, asked } = await correct(t, [row], { answers })
    t.strictSame([corrected, written, problems, asked.length], [0, [], [], requests])
  })

t.test('a change of another at that moment counts', async t => {
  const conflict = await correct(t, [changed], { answers: { GET: held(), PATCH: refuse(409, 'modified') } })
  t.strictSame([conflict.corrected, conflict.problems], [0, []])
})

const several = ['a', 'b', 'c'].map((name): Row => ({ ...changed, name }))

t.test('a missing right is told once, and not asked for again', async t => {
  const poor = await correct(t, several, { answers: { GET: held(), PATCH: refuse(403, 'no') } })
  t.strictSame([poor.corrected, poor.problems, poor.asked.length], [0, ['forbidden'], 2])
  const broken = await correct(t, several, { answers: { GET: refuse(500, 'no') } })
  t.strictSame([broken.corrected, broken.problems, broken.asked.length], [0, ['unavailable'], 3])
})

t.test('they are corrected at a pace, until a newer report has come', async t => {
  const answers = { GET: held(), PATCH: done }
  const all = await correct(t, several, { answers })
  t.strictSame([all.corrected, all.slept], [3, [200, 400]])
  let before = 0
  const some = await correct(t, several, { answers, isSuperseded: () => ++before > 2 })
  t.equal(some.corrected, 2)
})

t.test('one that leads no more writes nothing', async t => {
  const server = await startApiServer(held())
  t.teardown(() => server.close())
  const correction = createAnnotationCorrection({
    kubeConfig: await loadKubeConfig({ path: server.kubeconfig(t.testdir()) }),
    mayWrite: () => false,
    now: () => 0,
    sleep: async () => {},
    onProblem: () => {},
  })
  await t.rejects(
    correction.correct(report([changed]), signal, () => false),
    { code: 'superseded' },
  )
  t.equal(server.received.filter(({ method }) => method === 'PATCH').length, 0)
})
