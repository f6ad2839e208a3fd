import t from 'tap'
import { startWatch } from './watch-fixture.ts'

// Cases that image-watcher and k8sUpdater got right or wrong: tag, other tags, strategy by its old name, answer.
const cases: readonly (readonly [tag: string, others: string, strategy: string, answer: string | number])[] =
  [
    ['v10.4.0', 'v10.4.0.1-patch v10.4.0.2-patch', 'patch', 'v10.4.0.2-patch'],
    ['v10.4.0', 'v10.4.0.1-patch v10.4.0.2-patch', 'bugfix', 'v10.4.0.2-patch'],
    ['v10.4.0.1-patch', 'v10.4.0 v10.4.0.2-patch', 'patch', 'v10.4.0.2-patch'],
    ['v10.4.0.9-patch', 'v10.4.0.10-patch', 'patch', 'v10.4.0.10-patch'],
    ['v10.4.0.2-patch', 'v10.4.0 v10.4.0.1-patch v10.4.1', 'patch', 'v10.4.0.2-patch'],
    ['v10.4.0.2-patch', 'v10.4.0 v10.4.0.1-patch v10.4.1', 'bugfix', 'v10.4.1'],
    ['v10.4.1', 'v10.4.0.9-patch', 'bugfix', 'v10.4.1'],
    ['v11.0.0', 'v11.0.0-patch.1', 'patch', 'v11.0.0-patch.1'],
    ['v11.0.0', 'v11.0.0-patch.1', 'bugfix', 'v11.0.0-patch.1'],
    ['v11.0.0-patch.2', 'v11.0.0 v11.0.0-patch.1 v11.0.0-patch.10', 'patch', 'v11.0.0-patch.10'],
    ['v11.0.0-patch.1', 'v11.0.0', 'bugfix', 'v11.0.0-patch.1'],
    ['v11.0.0-patch.1', 'v11.0.0 v11.0.1', 'bugfix', 'v11.0.1'],
    ['v11.0.0', 'v11.0.0-hotfix.1', 'patch', 'v11.0.0-hotfix.1'],
    ['v11.0.0', 'v11.0.1 v11.1.0 v12.0.0', 'bugfix', 'v11.0.1'],
    ['v11.0.0', 'v11.0.1 v11.1.0 v12.0.0', 'minor', 'v11.1.0'],
    ['v11.0.0', 'v11.0.1 v11.1.0 v12.0.0', 'major', 'v12.0.0'],
    ['v8.8.0-snapshot', 'v8.8.0 v8.8.1 v8.8.2-snapshot v8.9.0 v9.0.0', 'bugfix', 'v8.8.2-snapshot'],
    ['v8.8.0-snapshot', 'v8.8.0 v8.8.1 v8.8.2-snapshot v8.9.0 v9.0.0', 'patch', 'v8.8.0'],
    ['v11.0.0', 'v11.0.1-snapshot.3', 'bugfix', 'v11.0.0'],
    ['v11.0.1-snapshot.9', 'v11.0.1-snapshot.10 v11.0.1', 'bugfix', 'v11.0.1'],
    ['v10.3.0.2-pisp', 'v10.3.0.3-pisp v10.3.0.4-patch', 'patch', 'v10.3.0.3-pisp'],
    ['v11.0.9', 'v11.0.10 v11.1.0', 'bugfix', 'v11.0.10'],
    ['1.9.0', '1.10.0', 'minor', '1.10.0'],
    ['1.9.0', '1.10.0', 'bugfix', '1.9.0'],
    ['11.0.0', 'v11.0.1', 'bugfix', 'v11.0.1'],
    ['v11.0.1', 'v11.0.01', 'bugfix', 'v11.0.1'],
    ['20230101', '20230201', 'bugfix', 422],
    ['1.2.3', '1.2.5 20230101', 'major', '1.2.5'],
    ['1.21.6', '1 1.21', 'bugfix', '1.21.6'],
    ['1.21', '1 1.21.6 1.22', 'bugfix', 422],
    ['3.1.5', '3.1.5.1', 'bugfix', '3.1.5.1'],
    ['3.1.5', '3.1.5.1', 'patch', '3.1.5.1'],
    ['3.1.5.1', '3.1.5', 'bugfix', '3.1.5.1'],
    ['5.3.2.0', '5.3.2.1 5.3.3.2 5.4.1', 'bugfix', '5.3.3.2'],
    ['1.2.3', '1.2.4-rc.1', 'bugfix', '1.2.3'],
    ['1.2.4-rc.9', '1.2.4-rc.10', 'bugfix', '1.2.4-rc.10'],
    ['1.2.4-rc.1', '1.2.4', 'bugfix', '1.2.4'],
    ['1.2.3', '1.2.3_build.5', 'bugfix', '1.2.3'],
    ['1.2.3', '1.2.4+build.1', 'bugfix', '1.2.3'],
    ['1.21.3-alpine', '1.21.5-alpine 1.21.6 1.21.6-alpine 1.21.6-alpine3.15', 'bugfix', '1.21.6-alpine'],
    ['3.2.1-alpine3.14', '3.2.2-alpine3.14 3.2.3-alpine3.15', 'bugfix', '3.2.2-alpine3.14'],
    ['1.21.3', '1.21.4 1.21.6-alpine', 'bugfix', '1.21.4'],
    ['1.0.0', '1.0.1 x.y.z', 'major', '1.0.1'],
    ['v9999.0.0', 'v10000.0.0', 'major', 'v10000.0.0'],
    ['1.2.99999999999999999998', '1.2.99999999999999999999', 'bugfix', '1.2.99999999999999999999'],
    ['5.2.8', '5.2.9 5.3.0', 'bugfix', '5.2.9'],
    ['1.2.3', '1.2.4 1.2.5-broken', 'bugfix', '1.2.4'],
    ['v1.2.3', 'V1.2.4', 'bugfix', 'v1.2.3'],
    ['v1.2.3', `v1.2.४ ${'1'.repeat(200)}`, 'bugfix', 'v1.2.3'],
    ['bullseye', '1.0.0', 'bugfix', 422],
    ['sha-abc123def', '1.0.0', 'bugfix', 422],
    ['latest', '1.0.0', 'bugfix', 422],
    ['v1.1.0-alpha.439', 'v1.1.0-alpha.440 v1.0.0', 'bugfix', 'v1.1.0-alpha.440'],
  ]

// The tag is not in the registry: never an older one.
const unlisted: typeof cases = [
  ['v11.0.5', 'v11.0.0 v11.0.4', 'bugfix', 'v11.0.5'],
  ['v12.0.0', 'v11.0.0 v13.0.0', 'bugfix', 'v12.0.0'],
]

t.test('the cases of its predecessors', async t => {
  const repositories = Object.fromEntries([
    ...cases.map(([tag, others], at) => [`mojaloop/case-${at}`, [tag, ...others.split(' ')]] as const),
    ...unlisted.map(([, others], at) => [`mojaloop/unlisted-${at}`, others.split(' ')] as const),
  ])
  const { get } = await startWatch(t, { repositories })
  for (const [name, rows] of [
    ['case', cases],
    ['unlisted', unlisted],
  ] as const)
    for (const [at, [tag, others, strategy, expected]] of rows.entries()) {
      const { status, body } = await get(`/images/mojaloop/${name}-${at}/${tag}?strategy=${strategy}`)
      const what = `${tag} among ${others} by ${strategy}`
      if (typeof expected === 'number') t.equal(status, expected, what)
      else
        t.strictSame(
          { status, body },
          { status: 200, body: { tag: expected, fullImage: `mojaloop/${name}-${at}:${expected}` } },
          what,
        )
    }
})

const tags = ['1.25.1', '1.25.5', '1.26.0', 'v1.0.0']

t.test('names of images', async t => {
  const { get, registry } = await startWatch(t, {
    repositories: { 'library/nginx': tags, 'org/image': tags, 'a/b/c/app': tags, app: tags },
  })
  const { host } = registry
  const encoded = encodeURIComponent(host)
  for (const [path, image] of [
    ['/images/org/image/1.25.1', 'org/image'],
    ['/image/org/image/1.25.1', 'org/image'],
    ['/images/nginx/1.25.1', 'nginx'],
    ['/images/_/nginx/1.25.1', 'library/nginx'],
    ['/images/docker.io/nginx/1.25.1', 'docker.io/nginx'],
    [`/images/${host}/app/1.25.1`, `${host}/app`],
    [`/images/${encoded}/a/b/c/app/1.25.1`, `${host}/a/b/c/app`],
    [`/images/${encoded}%2Fa%2Fb%2Fc%2Fapp/1.25.1`, `${host}/a/b/c/app`],
    ['/images/org%2Fimage/1%2E25.1', 'org/image'],
    ['/images/org/image/1.25.1?strategy=bugfix', 'org/image'],
  ] as const) {
    const { status, body } = await get(path)
    t.strictSame(
      { status, body },
      { status: 200, body: { tag: '1.25.5', fullImage: `${image}:1.25.5` } },
      path,
    )
  }
})

t.test('what is wrong with a request, or with what is known', async t => {
  const { get } = await startWatch(t, { repositories: { 'org/image': tags, 'org/empty': [] } })
  for (const [path, status, title, detail] of [
    ['/images/org/image/:', 400, 'The image cannot be read', /^the last part of the path is no tag/],
    ['/images/1.25.1', 400, 'The image cannot be read', /^image ":1\.25\.1" is not a reference/],
    ['/images//image/1.25.1', 400, 'The image cannot be read', /a part of the repository is empty/],
    ['/images/Org/Image/1.25.1', 400, 'The image cannot be read', /must be lower case/],
    [`/images/${'a'.repeat(400)}/1`, 400, 'The image cannot be read', /longer than 255/],
    ['/images/org/image/%ZZ', 400, 'The path cannot be read', /percent/],
    [
      '/images/org/image/1.25.1?strategy=PATCH',
      400,
      'The query cannot be read',
      /^strategy must be one of patch, bugfix, minor, major$/,
    ],
    [
      '/images/org/image/1.25.1?strategy=patch&strategy=minor',
      400,
      'The query cannot be read',
      /^strategy must be one of/,
    ],
    [
      '/images/org/image/1.25.1?stratgey=patch',
      400,
      'The query cannot be read',
      /^the query has no "stratgey"$/,
    ],
    ['/images/quay.io/org/image/1.25.1', 403, 'The registry is not allowed', /quay\.io/],
    ['/images/org/none/1.25.1', 404, 'There is no such image', /docker\.io\/org\/none/],
    ['/images/org/empty/1.25.1', 404, 'There is no such image', /^the repository has no tags$/],
    [
      '/images/org/image/latest',
      422,
      'The tag has no version',
      /^the tag floats: it stands for whatever is newest$/,
    ],
    ['/images/org/image/main', 422, 'The tag has no version', /^no version can be read in the tag$/],
    ['/hello', 404, 'There is no such path', /openapi/],
  ] as const) {
    const answer = await get(path)
    t.match(answer, { status, body: { type: 'about:blank', status, title, detail } }, path)
    t.match(answer.headers['content-type'], /^application\/problem\+json/, path)
  }
  for (const options of [{ method: 'DELETE' }, { method: 'PATCH', body: 'x' }, { method: 'QUERY' }])
    t.match(await get('/images/org/image/1.0.0', options), { status: 405, headers: { allow: 'GET, HEAD' } })
})

t.test('where the registry does not answer, and what is known is old', async t => {
  const { get, registry } = await startWatch(t, {
    repositories: { 'org/image': tags },
    yaml: 'catalog: { staleAfterHours: 0.001 }\napi: { address: 127.0.0.1, port: 0, lookupBudgetMilliseconds: 2000 }',
  })
  t.match(await get('/images/org/image/1.25.1'), { status: 200, headers: { 'patchline-reason': 'newer' } })
  registry.misbehave(() => ({ status: 500 }))
  await new Promise(resolve => setTimeout(resolve, 3_700))
  const old = await get('/images/org/image/1.25.1')
  t.match(old, {
    status: 503,
    headers: { 'retry-after': '60' },
    body: { title: 'Only old data', ageSeconds: Number },
  })
  t.match(old.body, {
    checkedAt: /^20..-..-..T/,
    detail: /^what is known is of 20..-.*, older than catalog\.staleAfterHours/,
  })
  registry.misbehave(() => ({ pace: 'never' }))
  t.match(await get('/images/org/other/1.0.0'), {
    status: 503,
    headers: { 'retry-after': '5' },
    body: { title: 'Not known yet', detail: 'a first look-up of its tags goes on in the background' },
  })
})

t.test('the health of image-watcher', async t => {
  const { get } = await startWatch(t, { repositories: {} })
  t.match(await get('/health'), { status: 200, body: { status: 'OK', uptime: Number, startTime: String } })
})
