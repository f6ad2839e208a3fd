import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import t from 'tap'
import { providerResponseSchema, verdictListSchema } from '../../../src/api/index.ts'
import { createCertificates } from '../../../src/certificates/index.ts'
import { composeWatch } from '../../../src/app/watch/watch.ts'
import { readConfig } from '../../../src/config/index.ts'
import { startWatch, type Watched } from './watch-fixture.ts'

const tags = ['1.25.1', '1.25.5', '1.26.0']
const repositories = { 'library/nginx': tags, 'org/image': tags }
const ajv = new Ajv({ strict: false })
ajv.addFormat('date-time', text => !Number.isNaN(Date.parse(text)))
const isVerdictList = ajv.compile(verdictListSchema)
const isProviderResponse = ajv.compile(providerResponseSchema)

const post = ({ get }: Pick<Watched, 'get'>, path: string, body: unknown) =>
  get(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

t.test('a verdict for each image, in the order of the request', async t => {
  const watched = await startWatch(t, { repositories })
  const images = [
    'nginx:1.25.1',
    'quay.io/a/b:1',
    'nginx:1.25.1',
    'org/image:1.26.0',
    'Wrong:1',
    'org/none:1.0.0',
  ]
  const answer = await post(watched, '/verdicts', { images })
  t.equal(answer.status, 200)
  t.ok(isVerdictList(answer.body), ajv.errorsText(isVerdictList.errors))
  const outdated = {
    image: 'nginx:1.25.1',
    registry: 'docker.io',
    repository: 'library/nginx',
    current: '1.25.1',
    newest: '1.25.5',
    elsewhere: null,
    line: '1.25',
    behind: 1,
    counted: 'versions',
    verdict: 'outdated',
    reason: 'newer',
    strategy: 'patch',
    stale: false,
    page: 'https://hub.docker.com/_/nginx/tags?name=1.25.5',
  }
  t.match(answer.body, {
    apiVersion: 'patchline.dev/v1',
    kind: 'VerdictList',
    items: [
      outdated,
      { image: 'quay.io/a/b:1', verdict: 'unknown', reason: 'not-allowed', checkedAt: null },
      outdated,
      { image: 'org/image:1.26.0', verdict: 'current', reason: 'newest', newest: null, checkedAt: /^20/ },
      { image: 'Wrong:1', verdict: 'unknown', reason: 'invalid-reference', registry: null },
      { image: 'org/none:1.0.0', verdict: 'unknown', reason: 'not-found' },
    ],
  })
  const { body } = await post(watched, '/verdicts', { images: ['nginx:1.25.1'], strategy: 'minor' })
  t.match(body, { items: [{ newest: '1.26.0', strategy: 'minor', line: '1' }] })
})

t.test('the strategy of the configuration where a request names none', async t => {
  const watched = await startWatch(t, { repositories, yaml: 'strategy: minor' })
  t.match(await post(watched, '/verdicts', { images: ['nginx:1.25.1'] }), {
    body: { items: [{ newest: '1.26.0', strategy: 'minor' }] },
  })
})

t.test('requests that are not read', async t => {
  const watched = await startWatch(t, { repositories })
  const many = Array.from({ length: 501 }, (_, at) => `nginx:1.0.${at}`)
  for (const [body, status, detail] of [
    ['{', 400, /JSON|body/i],
    ['', 400, /body/i],
    [{}, 400, 'the body lacks images'],
    [{ images: [] }, 400, 'images must NOT have fewer than 1 items'],
    [{ images: many }, 400, 'images must NOT have more than 500 items'],
    [{ images: [1] }, 400, 'images.0 must be string'],
    [{ images: ['a'.repeat(1001)] }, 400, 'images.0 must NOT have more than 1000 characters'],
    [
      { images: ['nginx:1'], strategy: 'bugfix' },
      400,
      'strategy must be one of rebuild, patch, minor, major',
    ],
    [{ images: ['nginx:1'], more: 1 }, 400, 'the body has no "more"'],
    [{ images: ['nginx:1'], pad: ' '.repeat(1_100_000) }, 413, /too large/],
  ] as const) {
    const answer = await post(watched, '/verdicts', body)
    t.match(answer, { status, body: { status, detail } }, String(detail))
    t.match(answer.headers['content-type'], /^application\/problem\+json/)
  }
  const form = await watched.get('/verdicts', {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: 'x',
  })
  t.match(form, { status: 415, body: { detail: 'send application/json' } })
})

const ask = (keys: readonly unknown[]) => ({
  apiVersion: 'externaldata.gatekeeper.sh/v1beta1',
  kind: 'ProviderRequest',
  request: { keys },
})

t.test('external data for Gatekeeper', async t => {
  const watched = await startWatch(t, { repositories })
  const path = '/gatekeeper/v1beta1?strategy=minor'
  const answer = await post(
    watched,
    path,
    ask(['nginx:1.25.1', 'quay.io/a/b:1', 'nginx:1.25.1', 'org/none:1.0']),
  )
  t.equal(answer.status, 200)
  t.ok(isProviderResponse(answer.body), ajv.errorsText(isProviderResponse.errors))
  t.match(answer.body, {
    apiVersion: 'externaldata.gatekeeper.sh/v1beta1',
    kind: 'ProviderResponse',
    response: {
      idempotent: true,
      items: [
        { key: 'nginx:1.25.1', value: { verdict: 'outdated', newest: '1.26.0', strategy: 'minor' } },
        { key: 'quay.io/a/b:1', error: /^not-allowed: .*quay\.io/ },
        { key: 'org/none:1.0', error: /^not-found: / },
      ],
    },
  })
  t.match(await post(watched, path, ask([])), { status: 200, body: { response: { items: [] } } })
  for (const [body, status, systemError] of [
    ['{', 400, /JSON|body/i],
    [
      { ...ask([]), apiVersion: 'externaldata.gatekeeper.sh/v1alpha1' },
      400,
      'apiVersion must be equal to constant',
    ],
    [{ ...ask([]), kind: 'ProviderResponse' }, 400, 'kind must be equal to constant'],
    [ask([1]), 400, 'request.keys.0 must be string'],
    [{ ...ask([]), request: {} }, 400, 'request lacks keys'],
    [ask(Array.from({ length: 501 }, () => 'a')), 400, 'request.keys must NOT have more than 500 items'],
  ] as const) {
    const refused = await post(watched, path, body)
    t.match(
      refused,
      { status, body: { kind: 'ProviderResponse', response: { systemError } } },
      String(systemError),
    )
    t.ok(isProviderResponse(refused.body))
  }
  t.match(await post(watched, '/gatekeeper/v1beta1?strategy=x', ask([])), {
    status: 400,
    body: { response: { systemError: 'strategy must be one of rebuild, patch, minor, major' } },
  })
})

t.test('over TLS, also with a pair that is replaced', async t => {
  const directory = t.testdir()
  const write = async () => {
    const { ca, serving } = await createCertificates({ hosts: ['127.0.0.1'], now: Date.now() })
    writeFileSync(join(directory, 'tls.crt'), serving.certificate)
    writeFileSync(join(directory, 'tls.key'), serving.key)
    return ca.certificate
  }
  const ca = await write()
  const text = `
api: { address: 127.0.0.1, port: 0, certificateFile: tls.crt, keyFile: tls.key }
operations: { address: 127.0.0.1, port: 0 }
log: { level: error }
`
  const running = await composeWatch(
    readConfig(text, { environment: {}, baseDirectory: directory, readFile: () => '' }),
  )
  t.teardown(() => running.close())
  const status = await new Promise((resolve, reject) => {
    const { apiPort: port } = running
    request(
      { host: '127.0.0.1', port, path: '/health', ca, minVersion: 'TLSv1.3', agent: false },
      response => {
        response.resume()
        resolve(response.statusCode)
      },
    )
      .on('error', reject)
      .end()
  })
  t.equal(status, 200)
})

t.test('a pair that cannot serve', async t => {
  const text =
    'api: { address: 127.0.0.1, port: 0, certificateFile: none.crt, keyFile: none.key }\nlog: { level: error }'
  const config = readConfig(text, { environment: {}, baseDirectory: t.testdir(), readFile: () => '' })
  await t.rejects(composeWatch({ ...config, operations: { ...config.operations, port: 0 } }), {
    message: /none\.crt.*\(api\.certificateFile and api\.keyFile; patchline certs makes a new pair\)$/,
  })
})
