import t from 'tap'
import { listPages } from '../../../src/kubernetes/api/resources.ts'
import { loadKubeConfig } from '../../../src/kubernetes/index.ts'
import { answer, refuse, startApiServer } from '../../support/kubernetes/fake-api-server.ts'

const list = { what: 'list things', path: '/api/v1/things', labelSelector: 'a=b', pageSize: 2 }
const signal = new AbortController().signal

async function pagesOf(pages: AsyncIterable<readonly unknown[]>): Promise<readonly unknown[]> {
  const all: unknown[] = []
  for await (const page of pages) all.push(page)
  return all
}

t.test('a list is read page by page to its end', async t => {
  const server = await startApiServer(refuse(410, 'expired'))
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  server.next(answer(200, { metadata: { continue: 'x=' }, items: ['a', 'b'] }))
  server.next(answer(200, { metadata: {}, items: ['c'] }))
  t.strictSame(await pagesOf(listPages(kubeConfig, list, signal)), [['a', 'b'], ['c']])
  t.strictSame(
    server.received.map(({ url }) => url.search),
    ['?limit=2&labelSelector=a%3Db', '?limit=2&labelSelector=a%3Db&continue=x%3D'],
  )
  server.next(answer(200, { metadata: { continue: 'x=' }, items: [] }))
  await t.rejects(pagesOf(listPages(kubeConfig, list, signal)), { code: 'gone' })
})
