import { fileURLToPath } from 'node:url'
import { execPath } from 'node:process'
import t, { type Test } from 'tap'
import type { DriftReport } from '../../../src/audit/index.ts'
import { createOperationsServer, type OperationsServerOptions } from '../../../src/http/index.ts'
import { report } from '../../notification/reports.ts'
import { execute } from '../../support/program/execute.ts'

const metrics = { contentType: 'text/plain', text: async () => 'patchline_images 1\n' }
const small = report([{}, { namespace: 'shop', name: 'db' }])

async function start(t: Test, options: Partial<OperationsServerOptions>) {
  const server = createOperationsServer({
    readiness: { problems: () => [] },
    metrics,
    log: { error: () => {} },
    ...options,
  })
  const port = await server.listen('127.0.0.1', 0)
  t.teardown(() => server.close())
  const get = (path: string, token?: string, method = 'GET') =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    })
  return { port, get }
}

const drift = { report: (): DriftReport => small, version: '0.0.0' }
const readable = ['/metrics', '/api/v1/drift', '/api/v1/drift/summary', '/api/v1/openapi.json']

t.test('only who may read a path gets it; probes need no token', async t => {
  const asked: string[] = []
  const { get } = await start(t, {
    drift,
    access: {
      async mayRead(token, path) {
        asked.push(path)
        if (token === undefined) return 'unauthenticated'
        if (token === 'late') return 'unavailable'
        return token === 'good' ? 'allowed' : 'forbidden'
      },
    },
  })
  for (const path of readable) {
    const none = await get(path)
    t.equal(none.status, 401, path)
    t.equal(none.headers.get('www-authenticate'), 'Bearer')
    t.match(none.headers.get('content-type'), /^application\/problem\+json/)
    t.equal((await get(path, 'bad')).status, 403, path)
    const late = await get(path, 'late')
    t.strictSame([late.status, late.headers.get('retry-after')], [503, '1'], path)
    t.equal((await get(path, 'good')).status, 200, path)
  }
  t.equal((await get('/metrics', undefined, 'HEAD')).status, 401)
  t.equal((await get('/metrics', 'good', 'HEAD')).status, 200)
  t.equal((await get('/api/v1/drift?limit=none')).status, 401, 'before anything of the query is looked at')
  t.strictSame([...new Set(asked)].toSorted(), [
    '/metrics',
    '/patchline/api/v1/drift',
    '/patchline/api/v1/drift/summary',
    '/patchline/api/v1/openapi.json',
  ])
  t.equal((await get('/healthz')).status, 200)
  t.equal((await get('/readyz')).status, 200)
})

t.test('where it is off the answer says how it is turned on', async t => {
  const { get } = await start(t, { drift: 'off' })
  for (const path of readable.slice(1)) {
    const answer = await get(path)
    t.equal(answer.status, 403)
    t.match(await answer.json(), {
      title: 'The REST interface is off',
      detail: 'any client that reaches the port could read it: set operations.authentication to kubernetes',
    })
  }
  t.equal((await get('/metrics')).status, 200)
})

t.test('texts name no pull secret', async t => {
  const [row] = small.rows
  if (row === undefined) throw new Error('no row')
  const named = 'pull secret rest1/payroll-prod-registry does not exist'
  const others = 'a pull secret of namespace rest1 cannot be used'
  const evaluation = { ...row.evaluation, detail: named, detailForOthers: others }
  const { get } = await start(t, {
    drift: { report: () => ({ ...small, rows: [{ ...row, evaluation }] }), version: '0.0.0' },
  })
  const text = await (await get('/api/v1/drift')).text()
  t.match(text, others)
  t.notMatch(text, 'payroll')
})

t.test('a hundred connections that want pages of a large report hold nothing up', async t => {
  const large = report(
    Array.from({ length: 50_000 }, (_, at) => ({ namespace: `n${at % 500}`, name: `w${at}` })),
  )
  const { rows, mostInOneTurn } = watchRows(large.rows)
  const { port } = await start(t, { drift: { report: () => ({ ...large, rows }), version: '0.0.0' } })
  const flood = fileURLToPath(new URL('drift-flood.ts', import.meta.url))
  const { stdout } = await execute(execPath, [flood, String(port), '100', '25'])
  const most = mostInOneTurn()
  const { statuses, probes } = JSON.parse(stdout)
  t.comment(`${most} rows in one turn of the loop; ${stdout}`)
  t.strictSame(Object.keys(statuses), ['200', '503'])
  t.ok(statuses['200'] >= 25 && probes >= 25, 'both went on beside what was sent away')
  t.ok(most >= 2_000 && most <= 2 * 2_000, `${most} rows in one turn: a slice of each of two pages`)
})

/** Rows that count how many of them are looked at in one turn of the event loop, at the most, until they are asked. */
function watchRows(rows: DriftReport['rows']) {
  let isOver = false
  let most = 0
  let inThisTurn = 0
  let last = -1
  const look = (): void => {
    most = Math.max(most, inThisTurn)
    inThisTurn = 0
    if (!isOver) setImmediate(look)
  }
  look()
  const counted = rows.map((row, at) => ({
    ...row,
    get evaluation() {
      if (at !== last) inThisTurn++
      last = at
      return row.evaluation
    },
  }))
  const mostInOneTurn = (): number => {
    isOver = true
    return most
  }
  return { rows: counted, mostInOneTurn }
}
