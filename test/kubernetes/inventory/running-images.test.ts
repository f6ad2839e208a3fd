import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createRunningImages, loadKubeConfig } from '../../../src/kubernetes/index.ts'
import { answer, refuse, silent, startApiServer } from '../../support/kubernetes/fake-api-server.ts'

const pods = { kind: 'pods', namespace: 'shop' } as const
const cronJob = { kind: 'cronjob', namespace: 'shop', name: 'nightly' } as const

async function started(t: Test, options: { answerLimit?: number; keptFor?: number } = {}) {
  const server = await startApiServer(silent)
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  const problems: string[] = []
  const running = createRunningImages({
    kubeConfig,
    onProblem: ({ code }) => problems.push(code),
    ...options,
  })
  t.teardown(() => running.close())
  return {
    server,
    running,
    problems,
    paths: () => server.received.map(({ url }) => url.pathname + url.search),
  }
}

const spec = (...images: string[]) => ({
  containers: images.map((image, at) => ({ name: `c${at}`, image })),
})

t.test('the images of pods that run or will, and those of a CronJob', async t => {
  const { server, running, paths } = await started(t)
  server.next(answer(200, { items: [{ spec: spec('nginx:1.25.1', 'busybox') }, { spec: null }, 7] }))
  t.strictSame(await running.imagesIn(pods), ['nginx:1.25.1', 'busybox'])
  server.next(answer(200, { spec: { jobTemplate: { spec: { template: { spec: spec('nginx:1.25.2') } } } } }))
  t.strictSame(await running.imagesIn(cronJob), ['nginx:1.25.2'])
  t.strictSame(paths(), [
    '/api/v1/namespaces/shop/pods?limit=250&fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed',
    '/apis/batch/v1/namespaces/shop/cronjobs/nightly',
  ])
  server.next(answer(200, { kind: 'Status' }))
  t.strictSame(await running.imagesIn({ ...pods, namespace: 'other' }), [])
})

t.test('what is refused, missing or late cannot be had, and is told', async t => {
  const { server, running, problems } = await started(t)
  server.next(refuse(403, 'forbidden'))
  t.equal(await running.imagesIn(pods), undefined)
  server.next(refuse(404, 'not found'))
  t.equal(await running.imagesIn(cronJob), undefined)
  t.strictSame(problems, ['forbidden', 'not-found'])
  const late = await started(t, { answerLimit: 100 })
  t.equal(await late.running.imagesIn(cronJob), undefined)
  t.strictSame(late.problems, ['timeout'])
})

t.test('one question in a while, and two at once', async t => {
  const { server, running, paths } = await started(t, { keptFor: 200 })
  const all = [pods, pods, { ...pods, namespace: 'a' }, { ...pods, namespace: 'b' }].map(one =>
    running.imagesIn(one),
  )
  t.equal(await all[3], undefined, 'a third is not asked')
  while (paths().length < 2) await sleep(10)
  running.close()
  t.strictSame(await Promise.all(all), [undefined, undefined, undefined, undefined])
  t.equal(paths().length, 2)
  t.equal(server.received.length, 2)
  for (const [keptFor, asked] of [
    [600_000, 1],
    [1, 2],
  ] as const) {
    const again = await started(t, { keptFor })
    for (let n = 0; n < 2; n++) {
      again.server.next(answer(200, { items: [] }))
      t.strictSame(await again.running.imagesIn(pods), [])
      await sleep(50)
    }
    t.equal(again.paths().length, asked)
  }
})

t.test('nothing is asked for by a name that no object can have', async t => {
  const { running, server } = await started(t)
  for (const name of ['', '../secrets', 'a/b', 'A', 'x?y', 'a'.repeat(254)]) {
    t.equal(await running.imagesIn({ ...cronJob, name }), undefined)
    t.equal(await running.imagesIn({ ...pods, namespace: name }), undefined)
  }
  t.equal(await running.imagesIn({ ...cronJob, name: 'a..b' }), undefined)
  for (const namespace of ['a.b', 'a'.repeat(64)])
    t.equal(await running.imagesIn({ ...pods, namespace }), undefined, 'a namespace is named by a label')
  t.equal(server.received.length, 0)
})
