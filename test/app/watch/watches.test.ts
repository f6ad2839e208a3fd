import { createHmac } from 'node:crypto'
import t from 'tap'
import { startOver, startWatch } from './watch-fixture.ts'

const secret = 's'.repeat(32)
const reader = 'r'.repeat(32)
const writer = 'w'.repeat(32)
const environment = { READER: reader, WRITER: writer, SECRET: secret }
const tokens =
  'tokens: [{ name: ci, tokenFrom: { environment: READER } }, { name: admin, tokenFrom: { environment: WRITER }, write: true }]'
const api = `api: { address: 127.0.0.1, port: 0, authentication: tokens, ${tokens} }`
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const repositories = { 'org/image': ['1.0.0', '1.0.1'], 'org/other': ['1.0.0'], 'a/b/app': ['1.0.0'] }

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 20))
}

t.test('the watch list is seen and changed by those who may, and kept on disk', async t => {
  const baseDirectory = t.testdir()
  const yaml = `${api}\nwatch: { images: [org/image] }\ncatalog: { directory: state }`
  const settings = { repositories, environment, yaml, baseDirectory }
  const { get, registry, running } = await startWatch(t, settings)
  const as = (token: string, method: string, path: string) => get(path, { method, headers: bearer(token) })
  t.equal((await get('/watches')).status, 401)
  t.match(await as(reader, 'GET', '/watches'), {
    status: 200,
    body: { kind: 'WatchList', items: [{ image: 'org/image', source: 'configuration' }] },
  })
  t.equal((await as(reader, 'PUT', '/watches/org/other')).status, 403)
  t.match(await as(writer, 'PUT', '/watches/org/other'), {
    status: 201,
    body: { image: 'org/other', source: 'api', lookedAt: null, tags: null, problem: null },
  })
  t.equal((await as(writer, 'PUT', '/watches/org/other')).status, 200)
  t.equal((await as(writer, 'PUT', `/watches/${encodeURIComponent(`${registry.host}/a/b/app`)}`)).status, 201)
  for (const [method, path, status] of [
    ['PUT', '/watches/org/image:1.0.0', 400],
    ['PUT', '/watches/Wrong', 400],
    ['GET', '/watches/org/none', 404],
    ['DELETE', '/watches/org/none', 404],
    ['DELETE', '/watches/org/image', 409],
    ['POST', '/watches', 405],
  ] as const)
    t.equal((await as(writer, method, path)).status, status, `${method} ${path}`)
  await until(async () => {
    const { body } = await as(reader, 'GET', '/watches/org/image')
    return JSON.stringify(body).includes('"tags":2')
  })
  await running.close()
  const again = await startOver(t, registry, settings)
  const { body } = await again.get('/watches', { headers: bearer(reader) })
  t.match(body, {
    items: [
      { image: `${registry.host}/a/b/app` },
      { image: 'org/image' },
      { image: 'org/other', source: 'api' },
    ],
  })
  const gone = await again.get('/watches/org/other', { method: 'DELETE', headers: bearer(writer) })
  t.strictSame([gone.status, gone.body], [204, ''])
})

t.test('without authentication the watch list is off', async t => {
  const { get } = await startWatch(t, { repositories })
  for (const [method, path] of [
    ['GET', '/watches'],
    ['PUT', '/watches/org/image'],
  ] as const)
    t.match(await get(path, { method }), { status: 403, body: { title: 'The watch list is off' } })
})

const hooks = `
watch:
  images: [org/image]
  hooks:
    - { name: hub, kind: docker-hub, secretFrom: { environment: SECRET } }
    - { name: packages, kind: github, registry: docker.io, secretFrom: { environment: SECRET } }
    - { name: lab, kind: gitlab, registry: docker.io, secretFrom: { environment: SECRET } }
    - { name: harbor, kind: harbor, registry: docker.io, secretFrom: { environment: SECRET } }
    - { name: plain, kind: distribution, registry: docker.io, secretFrom: { environment: SECRET } }
`
const signed = (text: string) => `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`
const forms: readonly (readonly [
  path: string,
  body: unknown,
  headers: (text: string) => Record<string, string>,
])[] = [
  [
    `/hooks/hub?token=${secret}`,
    { push_data: { tag: '1' }, repository: { repo_name: 'org/image' } },
    () => ({}),
  ],
  [
    '/hooks/packages',
    { action: 'published', package: { namespace: 'Org', name: 'Image', package_type: 'CONTAINER' } },
    text => ({ 'x-hub-signature-256': signed(text) }),
  ],
  [
    '/hooks/lab',
    { object_kind: 'tag_push', project: { path_with_namespace: 'org/image' } },
    () => ({ 'x-gitlab-token': secret }),
  ],
  [
    '/hooks/harbor',
    { type: 'PUSH_ARTIFACT', event_data: { repository: { repo_full_name: 'org/image' } } },
    () => ({ authorization: secret }),
  ],
  [
    '/hooks/harbor',
    {
      specversion: '1.0',
      type: 'harbor.artifact.pushed',
      data: { repository: { repo_full_name: 'org/image' } },
    },
    () => ({ authorization: secret }),
  ],
  [
    '/hooks/plain',
    { events: [{ action: 'push', target: { repository: 'org/image', tag: '1' } }] },
    () => ({ authorization: secret }),
  ],
]

t.test('hints of registries', async t => {
  const { get, registry } = await startWatch(t, { repositories, environment, yaml: hooks })
  const send = (path: string, text: string, headers: Record<string, string>) =>
    get(path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: text })
  for (const [path, body, headersOf] of forms) {
    const text = JSON.stringify(body)
    t.match(await send(path, text, headersOf(text)), { status: 202, body: { accepted: 1 } }, path)
    const [bare = ''] = path.split('?')
    t.equal((await send(bare, text, {})).status, 401, `${path} without its secret`)
    const wrong = Object.fromEntries(
      Object.entries(headersOf(text)).map(([name, value]) => [name, `${value}x`]),
    )
    t.equal((await send(bare, text, wrong)).status, 401, `${path} with another secret`)
  }
  const [, body, headersOf] = forms[1] ?? ['', '', () => ({})]
  const text = JSON.stringify(body)
  t.equal(
    (await send('/hooks/packages', `${text} `, headersOf(text))).status,
    401,
    'the signature is of the bytes',
  )
  const other = JSON.stringify({ repository: { repo_name: 'org/never-asked' } })
  t.match(await send(`/hooks/hub?token=${secret}`, other, {}), { status: 202, body: { accepted: 0 } })
  t.match(await send(`/hooks/hub?token=${secret}`, '{"repository":{"repo_name":"evil.example/x"}}', {}), {
    body: { accepted: 0 },
  })
  for (const [path, content, status] of [
    [`/hooks/hub?token=${secret}`, '{', 400],
    [`/hooks/hub?token=${secret}`, 'null', 202],
    [`/hooks/hub?token=${secret}`, ' '.repeat(300_000), 413],
    [`/hooks/none?token=${secret}`, '{}', 404],
  ] as const)
    t.equal((await send(path, content, {})).status, status, `${path} ${content.slice(0, 9)}`)
  await until(() => registry.requests.some(({ path }) => path.includes('tags/list')))
  const walks = registry.requests.filter(({ path }) => path.includes('tags/list'))
  t.equal(walks.length, 1, 'all hints together are one look')
  t.notOk(registry.requests.some(({ path }) => path.includes('never-asked')))
})
