import { Agent, request, Server } from 'node:http'
import t from 'tap'
import { createOperationsServer } from '../../../src/http/index.ts'

interface Asked {
  readonly status: number | undefined
  readonly type: string | undefined
  readonly text: string
}

async function start(
  t: { teardown(end: () => unknown): void },
  metrics: () => Promise<string> = async () => 'patchline_build_info 1\n',
) {
  const problems: string[] = []
  const logged: unknown[] = []
  const server = createOperationsServer({
    readiness: { problems: () => problems },
    metrics: { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: metrics },
    log: { error: (fields, message) => void logged.push([message, fields]) },
  })
  const port = await server.listen('127.0.0.1', 0)
  t.teardown(() => server.close())
  const ask = (path: string, options: { method?: string; agent?: Agent } = {}): Promise<Asked> =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, ...options }, response => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => {
          resolve({ status: response.statusCode, type: response.headers['content-type'], text })
        })
      })
        .on('error', reject)
        .end()
    })
  return { server, problems, logged, ask }
}

t.test('liveness says nothing but that the process lives; readiness says why not', async t => {
  const { problems, ask } = await start(t)
  t.match(await ask('/healthz'), { status: 200, type: /^text\/plain/, text: 'ok\n' })
  t.match(await ask('/readyz'), { status: 200, text: 'ok\n' })
  problems.push('starting', 'namespaces not listed')
  t.match(await ask('/readyz'), {
    status: 503,
    type: /^text\/plain/,
    text: 'starting\nnamespaces not listed\n',
  })
  t.match(await ask('/healthz'), { status: 200, text: 'ok\n' })
})

t.test('metrics come with their own content type', async t => {
  const { ask } = await start(t)
  t.strictSame(await ask('/metrics'), {
    status: 200,
    type: 'text/plain; version=0.0.4; charset=utf-8',
    text: 'patchline_build_info 1\n',
  })
})

t.test('metrics that fail are an error without detail, and a line in the log', async t => {
  const { ask, logged } = await start(t, () => Promise.reject(new Error('inside')))
  t.match(await ask('/metrics'), { status: 500, text: 'internal error\n' })
  t.match(logged, [['request failed', { path: '/metrics', err: { message: 'inside' } }]])
})

t.test('nothing else is there', async t => {
  const { ask } = await start(t)
  t.match(await ask('/'), { status: 404, text: 'not found\n' })
  t.match(await ask('/metrics', { method: 'DELETE' }), { status: 404, text: 'not found\n' })
  t.match(await ask('/%zz'), { status: 400, text: 'bad request\n' })
})

t.test('closing does not wait for idle connections', async t => {
  const { server, ask } = await start(t)
  const agent = new Agent({ keepAlive: true })
  await ask('/healthz', { agent })
  const forced = t.capture(Server.prototype, 'closeAllConnections')
  await server.close()
  t.strictSame(forced(), [], 'it is over before its deadline, at which all connections are closed by force')
  agent.destroy()
})
