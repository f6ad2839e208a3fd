import t, { type Test } from 'tap'
import { createWorkloadLister, loadKubeConfig } from '../../../src/kubernetes/index.ts'
import { answer, refuse, silent, startApiServer } from '../../support/kubernetes/fake-api-server.ts'

async function started(t: Test, answerLimit = 60_000) {
  const server = await startApiServer(silent)
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  const problems: string[] = []
  const onProblem = ({ code }: { readonly code: string }) => void problems.push(code)
  const lister = createWorkloadLister({ kubeConfig, onProblem, answerLimit })
  t.teardown(() => lister.close())
  return {
    server,
    lister,
    problems,
    paths: () => server.received.map(({ url }) => url.pathname + url.search),
  }
}

const template = (image: string) => ({ template: { spec: { containers: [{ name: 'c', image }] } } })
const named = (name: string, more: object = {}) => ({ namespace: 'shop', name, uid: name, ...more })
const page = (items: readonly unknown[], next = '') =>
  answer(200, { metadata: next === '' ? {} : { continue: next }, items })
const none = page([])

t.test('what people apply in a namespace, page by page, without what controllers made', async t => {
  const { server, lister, paths } = await started(t)
  const labels = { app: 'web' }
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'r', controller: true }
  const pod = { spec: { containers: [{ name: 'p', image: 'redis:7' }] }, status: { phase: 'Running' } }
  server.next(page([{ metadata: named('web', { labels }), spec: template('nginx:1.25.1') }], 'more'))
  server.next(page([{ metadata: named('api'), spec: template('nginx:1.25.2') }, 7, {}]))
  for (const empty of [none, none, none]) server.next(empty)
  server.next(
    page([
      { metadata: named('alone'), ...pod },
      { metadata: named('owned', { ownerReferences: [owner] }), ...pod },
      { metadata: named('over'), ...pod, status: { phase: 'Succeeded' } },
    ]),
  )
  const listed = await lister.list('shop', 3000)
  t.equal(listed?.isCut, false)
  t.match(listed?.workloads, [
    {
      name: 'web',
      namespace: 'shop',
      group: 'apps',
      kind: 'Deployment',
      labels,
      images: [{ image: 'nginx:1.25.1' }],
    },
    { name: 'api', images: [{ image: 'nginx:1.25.2' }] },
    { name: 'alone', group: '', kind: 'Pod', images: [{ image: 'redis:7' }] },
  ])
  t.equal(listed?.workloads.length, 3)
  t.strictSame(paths(), [
    '/apis/apps/v1/namespaces/shop/deployments?limit=250',
    '/apis/apps/v1/namespaces/shop/deployments?limit=250&continue=more',
    '/apis/apps/v1/namespaces/shop/statefulsets?limit=250',
    '/apis/apps/v1/namespaces/shop/daemonsets?limit=250',
    '/apis/batch/v1/namespaces/shop/cronjobs?limit=250',
    '/api/v1/namespaces/shop/pods?limit=250',
  ])
})

t.test('no more than may be looked at', async t => {
  const { server, lister, paths } = await started(t)
  const many = Array.from({ length: 250 }, (_, at) => ({ metadata: named(`w${at}`), spec: template('a:1') }))
  server.next(page(many, 'more'))
  const listed = await lister.list(undefined, 250)
  t.equal(listed?.isCut, true)
  t.equal(listed?.workloads.length, 250)
  t.strictSame(paths(), ['/apis/apps/v1/deployments?limit=250'])
})

t.test('what fails is told, and what was listed until then counts', async t => {
  const { server, lister, problems } = await started(t)
  server.next(refuse(403, 'forbidden'))
  t.equal(await lister.list('shop', 3000), undefined)
  server.next(page([{ metadata: named('web'), spec: template('nginx:1.25.1') }]))
  server.next(refuse(500, 'broken'))
  const listed = await lister.list('shop', 3000)
  t.match(listed, { isCut: true, workloads: [{ name: 'web' }] })
  t.strictSame(problems, ['forbidden', 'unavailable'])
  t.equal(await lister.list('no/namespace', 3000), undefined, 'nothing is asked')
  t.equal(server.received.length, 3)
})

t.test('it ends in time, and two look at once', async t => {
  const late = await started(t, 100)
  t.equal(await late.lister.list('shop', 3000), undefined)
  t.strictSame(late.problems, ['timeout'])
  const { lister, server } = await started(t)
  const waiting = [lister.list('a', 1), lister.list('b', 1)]
  t.equal(await lister.list('c', 1), undefined)
  lister.close()
  t.strictSame(await Promise.all(waiting), [undefined, undefined])
  t.ok(server.received.length <= 2)
})
