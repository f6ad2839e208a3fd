import { Ajv2020 } from 'ajv/dist/2020.js'
import fastify from 'fastify'
import t from 'tap'
import type { DriftReport } from '../../../src/audit/index.ts'
import { addDriftApi } from '../../../src/http/operations/drift-api.ts'
import { queryProblem, sendProblem } from '../../../src/http/operations/problems.ts'
import { report, type Row } from '../../notification/reports.ts'

const day = 86_400_000

function setUp(first: DriftReport | undefined) {
  const source = { current: first }
  const app = fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: true } } })
  addDriftApi(app, {
    source: { report: () => source.current },
    version: '0.0.0',
    requireReader: async () => undefined,
  })
  app.setErrorHandler((error, _request, reply) => {
    const problem = queryProblem(error)
    if (problem === undefined) throw error
    return sendProblem(reply, problem)
  })
  const get = async (url: string, headers: Record<string, string> = {}) => {
    const answer = await app.inject({ url, headers })
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: answer.body === '' ? undefined : answer.json(),
    }
  }
  return { app, get, source }
}

const rows: readonly Row[] = [
  { newest: '1.25.5', since: 3 * day },
  {
    namespace: 'shop',
    kind: 'StatefulSet',
    name: 'db',
    image: 'quay.io/team/redis:7.2.1',
    newest: '7.2.5',
    source: 'https://github.com/team/redis',
    since: 9 * day,
  },
  { namespace: 'shop', name: 'ok' },
  { namespace: 'off', name: 'spared', newest: '1.25.5', exempt: true },
]
const now = { ...report(rows), startedAt: 9.5 * day, finishedAt: 10 * day }

t.test('before the first audit has ended', async t => {
  const { get } = setUp(undefined)
  const answer = await get('/api/v1/drift')
  t.match(answer, { status: 503, body: { title: 'No report yet' }, headers: { 'retry-after': '10' } })
  t.match(answer.headers['content-type'], /^application\/problem\+json/)
})

t.test('filters', async t => {
  const { get } = setUp(now)
  const names = async (query: string): Promise<readonly string[]> => {
    const { body } = await get(`/api/v1/drift?${query}`)
    return body.items.map((item: { workload: { name: string } }) => item.workload.name)
  }
  t.same(await names(''), ['web', 'db', 'ok', 'spared'])
  t.same(await names('namespace=shop'), ['db', 'ok'])
  t.same(await names('verdict=outdated'), ['web', 'db'])
  t.same(await names('verdict=exempt'), ['spared'])
  t.same(await names('verdict=outdated&minAge=7d'), ['web'])
  t.same(await names('registry=quay.io'), ['db'])
  t.same(await names('workload=StatefulSet/db'), ['db'])
  t.same(await names('workload=nobody'), [])
  const parameters = 'namespace, workload, verdict, registry, minAge, limit, continue'
  const verdicts = 'outdated, current, floating, unversioned, unknown, exempt'
  for (const [query, detail] of [
    ['verdict=late', `verdict: must be one of ${verdicts}`],
    ['minAge=7', 'minAge: must be a number with m, h or d behind it: 7d, 12h, 30m'],
    ['limit=0', 'limit: must be a whole number from 1 to 1000'],
    ['limit=1001', 'limit: must be a whole number from 1 to 1000'],
    ['limit=many', 'limit: must be a whole number from 1 to 1000'],
    ['verdicts=outdated', `there is no parameter verdicts; there are ${parameters}`],
    ['namespace=a&namespace=b', 'namespace: must be given once'],
    [`namespace=${'a'.repeat(64)}`, 'namespace: must have at most 63 characters'],
  ] as const) {
    const title = 'The query cannot be read'
    t.match(await get(`/api/v1/drift?${query}`), { status: 400, body: { status: 400, title, detail } }, query)
  }
})

t.test('HEAD says what GET would, without the report', async t => {
  const { app } = setUp(now)
  for (const url of ['/api/v1/drift', '/api/v1/drift/summary', '/api/v1/openapi.json']) {
    const { statusCode, body } = await app.inject({ method: 'HEAD', url })
    t.match({ statusCode, body }, { statusCode: 200, body: '' }, url)
  }
})

t.test('what is counted between a tag and the newest', async t => {
  const { get } = setUp(report([{ image: 'acme/web:3.0.5-debian-12-r0', newest: '3.0.7-debian-12-r6' }, {}]))
  t.match((await get('/api/v1/drift')).body.items, [
    { behind: 4, counted: 'revisions' },
    { behind: 0, counted: 'versions' },
  ])
})

t.test('where to read more of a newer tag', async t => {
  const { get } = setUp(now)
  const { body } = await get('/api/v1/drift?verdict=outdated')
  t.match(body.items, [
    { page: 'https://hub.docker.com/_/nginx/tags?name=1.25.5', source: null },
    {
      page: 'https://quay.io/repository/team/redis?tab=tags&tag=7.2.5',
      source: 'https://github.com/team/redis',
    },
  ])
})

t.test('where a line goes on, and what is not in its registry', async t => {
  const elsewhere = '1.25.6-alpine'
  const { get } = setUp(
    report([{ reason: 'other-variant', elsewhere }, { name: 'gone', reason: 'not-listed' }, { name: 'new' }]),
  )
  const { body } = await get('/api/v1/drift')
  t.match(body.items, [
    { verdict: 'current', reason: 'other-variant', elsewhere },
    { verdict: 'current', reason: 'not-listed', elsewhere: null },
    { verdict: 'current', elsewhere: null },
  ])
})

t.test('pages of one report', async t => {
  const { get, source } = setUp(now)
  const first = await get('/api/v1/drift?limit=3')
  t.match(first.body, { total: 4, items: { length: 3 }, continue: String })
  const second = await get(`/api/v1/drift?limit=3&continue=${first.body.continue}`)
  t.match(second.body, { total: 4, items: [{ workload: { name: 'spared' } }], continue: null })
  source.current = { ...now, finishedAt: 11 * day }
  t.match(await get(`/api/v1/drift?limit=3&continue=${first.body.continue}`), { status: 410 })
  t.match(await get('/api/v1/drift?continue=nonsense'), { status: 410 })
})

t.test('what is held is not sent again', async t => {
  const { get, source } = setUp(now)
  for (const path of ['/api/v1/drift?limit=3', '/api/v1/drift/summary']) {
    const etag = String((await get(path)).headers['etag'])
    t.match(etag, /^"[\w-]{22}"$/)
    t.match(await get(path, { 'if-none-match': `"x", ${etag}` }), { status: 304, body: undefined })
    source.current = { ...now, finishedAt: 11 * day }
    t.equal((await get(path, { 'if-none-match': etag })).status, 200)
    source.current = now
  }
})

t.test('the summary', async t => {
  const { get } = setUp(now)
  t.match((await get('/api/v1/drift/summary')).body, {
    containers: 4,
    verdicts: { outdated: 2, current: 1, exempt: 1 },
    namespaces: { default: { outdated: 1 }, shop: { outdated: 1, current: 1 }, off: { exempt: 1 } },
    complete: true,
    ignored: [],
    finishedAt: '1970-01-11T00:00:00.000Z',
  })
})

t.test('the summary says what was judged by old lists, and which tags do not exist', async t => {
  const old = { overdue: true, age: 2 * day } as const
  const { get } = setUp({
    ...report([
      {},
      { ...old, name: 'a' },
      { ...old, name: 'b', age: day },
      { name: 'c', reason: 'not-listed' },
    ]),
    finishedAt: 10 * day,
  })
  t.match((await get('/api/v1/drift/summary')).body, {
    verdicts: { current: 4 },
    missing: 1,
    overdue: 2,
    oldestCheckedAt: '1970-01-09T00:00:00.000Z',
  })
  const fresh = setUp(now)
  t.match((await fresh.get('/api/v1/drift/summary')).body, { missing: 0, overdue: 0, oldestCheckedAt: null })
})

t.test('answers are what the document says', async t => {
  const { get } = setUp(now)
  const { body: document } = await get('/api/v1/openapi.json')
  t.equal(document.openapi, '3.1.0')
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(document, 'openapi')
  for (const [path, schema] of [
    ['/api/v1/drift', 'DriftPage'],
    ['/api/v1/drift/summary', 'DriftSummary'],
    ['/api/v1/drift?continue=1', 'Problem'],
  ]) {
    const { body } = await get(path ?? '')
    const check = ajv.getSchema(`openapi#/components/schemas/${schema}`)
    t.ok(check?.(body), `${path}: ${JSON.stringify(check?.errors)}`)
  }
})
