import t, { type Test } from 'tap'
import { createReadAccess, loadKubeConfig } from '../../../src/kubernetes/index.ts'
import { answer, refuse, startApiServer } from '../../support/kubernetes/fake-api-server.ts'

const users: Readonly<Record<string, unknown>> = {
  'token-of-prometheus': {
    username: 'system:serviceaccount:monitoring:prometheus',
    uid: 'u1',
    groups: ['system:serviceaccounts'],
    extra: { pod: ['p'] },
  },
  'token-of-somebody': { username: 'somebody', groups: [] },
}

/** An API server that knows two tokens, of which one may read `/metrics`; `at` is the clock. */
async function setUp(t: Test) {
  const state = { at: 0, isDown: false }
  const server = await startApiServer((received, response) => {
    if (state.isDown) return refuse(500, 'down')(received, response)
    const { spec } = JSON.parse(received.body)
    if (received.url.pathname === '/apis/authentication.k8s.io/v1/tokenreviews') {
      const user = users[spec.token]
      return answer(201, { status: user === undefined ? {} : { authenticated: true, user } })(
        received,
        response,
      )
    }
    const allowed = spec.uid === 'u1' && spec.nonResourceAttributes.path === '/metrics'
    return answer(201, { status: { allowed } })(received, response)
  })
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  const problems: string[] = []
  const access = createReadAccess({
    kubeConfig,
    now: () => state.at,
    onProblem: ({ message }) => void problems.push(message),
  })
  return { access, server, state, problems }
}

t.test('who may read is decided by a TokenReview and a SubjectAccessReview', async t => {
  const { access, server } = await setUp(t)
  const rows = [
    [undefined, '/metrics', 'unauthenticated'],
    ['', '/metrics', 'unauthenticated'],
    ['made-up', '/metrics', 'unauthenticated'],
    ['token-of-somebody', '/metrics', 'forbidden'],
    ['token-of-prometheus', '/api/v1/drift', 'forbidden'],
    ['token-of-prometheus', '/metrics', 'allowed'],
  ] as const
  for (const [token, path, decision] of rows) t.equal(await access.mayRead(token, path), decision)
  const last = server.received.at(-1)
  t.equal(last?.url.pathname, '/apis/authorization.k8s.io/v1/subjectaccessreviews')
  t.strictSame(JSON.parse(last?.body ?? ''), {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: 'system:serviceaccount:monitoring:prometheus',
      uid: 'u1',
      groups: ['system:serviceaccounts'],
      extra: { pod: ['p'] },
      nonResourceAttributes: { path: '/metrics', verb: 'get' },
    },
  })
})

t.test('answers are remembered: a right for a minute, its lack for ten seconds', async t => {
  const { access, server, state } = await setUp(t)
  const requests = async (token: string, at: number): Promise<number> => {
    const before = server.received.length
    state.at = at
    await access.mayRead(token, '/metrics')
    return server.received.length - before
  }
  t.equal(await requests('token-of-prometheus', 0), 2)
  t.equal(await requests('token-of-prometheus', 59_999), 0)
  t.equal(await requests('token-of-prometheus', 60_000), 2)
  t.equal(await requests('made-up', 100_000), 1)
  t.equal(await requests('made-up', 109_999), 0)
  t.equal(await requests('made-up', 110_000), 1)
  const before = server.received.length
  state.at = 500_000
  await Promise.all(Array.from({ length: 50 }, () => access.mayRead('token-of-prometheus', '/metrics')))
  t.equal(server.received.length - before, 2, 'and asked for once at a time')
})

t.test('while the API server cannot be asked, who was allowed lately still is', async t => {
  const { access, state, problems } = await setUp(t)
  t.equal(await access.mayRead('token-of-prometheus', '/metrics'), 'allowed')
  state.isDown = true
  state.at = 299_999
  t.equal(await access.mayRead('token-of-prometheus', '/metrics'), 'allowed')
  state.at = 300_000
  t.equal(await access.mayRead('token-of-prometheus', '/metrics'), 'unavailable')
  t.equal(await access.mayRead('made-up', '/metrics'), 'unavailable')
  t.equal(problems.length, 1, 'told once')
  t.match(problems[0], /^create tokenreviews.authentication.k8s.io: 500 down/)
  t.notMatch(problems[0], /token-of|made-up/)
})

t.test('made-up tokens cost the API server ten reviews a second, and push out none that is good', async t => {
  const { access, server, state } = await setUp(t)
  t.equal(await access.mayRead('token-of-prometheus', '/metrics'), 'allowed')
  const flood = async (name: string) =>
    Promise.all(Array.from({ length: 2_000 }, (_, at) => access.mayRead(`${name}-${at}`, '/metrics')))
  const first = await flood('first')
  t.equal(first.filter(decision => decision === 'unauthenticated').length, 19)
  t.equal(first.filter(decision => decision === 'unavailable').length, 1_981)
  state.at = 1_000
  const before = server.received.length
  await flood('second')
  t.equal(server.received.length - before, 10)
  state.at = 61_000
  await flood('third')
  t.equal(await access.mayRead('token-of-prometheus', '/metrics'), 'allowed', 'also where it is due')
})
