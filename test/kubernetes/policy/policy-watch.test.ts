import t, { type Test } from 'tap'
import {
  createPolicyWatch,
  loadKubeConfig,
  type KubernetesError,
  type PolicyWatchOptions,
} from '../../../src/kubernetes/index.ts'
import { answer, refuse, startApiServer, until } from '../../support/kubernetes/fake-api-server.ts'
import { FakeThings } from '../../support/kubernetes/fake-things.ts'

const root = '/apis/patchline.dev/v1alpha1'
const policyPath = `${root}/patchpolicies`
const exceptionPath = `${root}/patchexceptions`
const timing = {
  answerLimit: 2000,
  silenceLimit: 5000,
  watchSeconds: 60,
  first: 10,
  most: 20,
  refusal: 20,
  absence: 20,
}

async function cluster(t: Test, changes: Partial<PolicyWatchOptions> = {}) {
  const things = new FakeThings()
  let served: readonly string[] = ['patchpolicies', 'patchexceptions']
  const server = await startApiServer((received, response) => {
    if (received.url.pathname !== root) return things.handler(received, response)
    return answer(200, { resources: served.map(name => ({ name })) })(received, response)
  })
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  const problems: KubernetesError[] = []
  let now = 1000
  const watched = createPolicyWatch({
    kubeConfig,
    namespaces: [],
    onProblem: problem => problems.push(problem),
    now: () => now,
    timing,
    ...changes,
  })
  t.teardown(async () => {
    await watched.close()
    await server.close()
  })
  return {
    things,
    server,
    watched,
    problems,
    messages: () => problems.map(({ message }) => message),
    setServed: (names: readonly string[]) => void (served = names),
    setNow: (at: number) => void (now = at),
    names: () => watched.policies().map(({ name }) => name),
    watches: (path: string) => [...things.watchers].filter(watcher => watcher.path === path).length,
    lists: () => server.received.filter(({ url }) => url.searchParams.has('limit')).length,
  }
}

const policy = (name: string, spec: unknown = {}, more: object = {}) => ({
  metadata: { name, generation: 1 },
  spec,
  ...more,
})
const exception = (namespace: string, name: string, spec: object = {}) => ({
  metadata: { namespace, name, generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { images: ['nginx'], until: '2026-12-31T12:00:00Z', reason: 'r', owner: 'o', ...spec },
})
const unreadable = { match: { images: ['a@b'] } }

t.test('policies are there in order, and exceptions by namespace', async t => {
  const { things, watched, names, problems } = await cluster(t)
  things.set(policyPath, policy('b'))
  things.set(policyPath, policy('a'))
  things.set(policyPath, policy('first', { priority: 1 }))
  things.set(exceptionPath, exception('shop', 'nginx'))
  things.set(exceptionPath, exception('other', 'nginx'))
  await watched.start()
  t.strictSame(names(), ['first', 'a', 'b'])
  t.match(watched.exceptionsIn('shop'), [
    { namespace: 'shop', name: 'nginx', createdAt: Date.parse('2026-01-01T00:00:00Z') },
  ])
  t.strictSame(watched.exceptionsIn('none'), [])
  t.equal(watched.now(), 1000)
  const { exceptionsIn } = watched
  t.equal(exceptionsIn('other').length, 1, 'a book takes the function alone')
  t.strictSame(problems, [])
})

t.test('changes are followed, and what is as it was is the same array', async t => {
  const { things, watched, names, watches, setNow } = await cluster(t)
  things.set(policyPath, policy('a'))
  things.set(exceptionPath, exception('shop', 'nginx'))
  await watched.start()
  await until(() => watches(policyPath) === 1 && watches(exceptionPath) === 1)
  const [before, inShop] = [watched.policies(), watched.exceptionsIn('shop')]
  t.equal(watched.policies(), before)

  setNow(2000)
  let changes = 0
  const ended = new AbortController()
  void watched.changed(ended.signal).then(() => (changes += 1))
  things.set(policyPath, policy('a', {}, { status: { workloads: 3 } }))
  await until(() => watched.objects().policies[0]?.status !== undefined)
  t.match(watched.objects().policies, [{ status: { workloads: 3 }, seenAt: 1000 }])
  t.equal(watched.policies(), before, 'a status changes nothing')
  t.equal(changes, 0)

  things.set(policyPath, policy('a', { mode: 'enforce' }))
  await until(() => watched.policies() !== before)
  t.match(watched.policies(), [{ name: 'a', mode: 'enforce' }])
  t.equal(changes, 1)
  const last = watched.changed(ended.signal)
  ended.abort()
  await t.resolves(last)
  t.match(watched.objects().policies, [{ seenAt: 2000 }])
  t.equal(watched.exceptionsIn('shop'), inShop)

  things.set(policyPath, policy('b'))
  await until(() => names().length === 2)
  things.remove(policyPath, '', 'a')
  await until(() => names().length === 1)
  things.remove(exceptionPath, 'shop', 'nginx')
  await until(() => watched.exceptionsIn('shop').length === 0)
  t.strictSame(watched.objects().exceptions, [])
})

t.test('a new list leaves what is the same, and drops what is gone', async t => {
  const { things, watched, lists, watches } = await cluster(t)
  things.set(policyPath, policy('a'))
  things.set(policyPath, policy('b'))
  await watched.start()
  await until(() => watches(policyPath) === 1)
  const before = watched.policies()
  const listed = lists()
  things.compact()
  things.send({ type: 'ERROR', object: { code: 410, message: 'too old' } }, policyPath)
  await until(() => lists() > listed && watches(policyPath) === 1)
  t.equal(watched.policies(), before)
  things.end()
  things.remove(policyPath, '', 'b')
  things.compact()
  await until(() => watched.policies().length === 1)
  t.match(watched.policies(), [{ name: 'a' }])
})

t.test('an object that becomes unreadable holds in its last good version, and is told once', async t => {
  const { things, watched, watches, messages, lists } = await cluster(t)
  things.set(policyPath, policy('a', { mode: 'enforce' }))
  things.set(policyPath, policy('bad', unreadable))
  things.set(exceptionPath, exception('shop', 'nginx'))
  await watched.start()
  await until(() => watches(policyPath) === 1)
  const before = watched.policies()
  t.match(before, [{ name: 'a', mode: 'enforce' }], 'without a good version it does not count')
  t.strictSame(messages(), [
    'read patchpolicy bad: spec.match.images[0]: "a@b" is no pattern of images: a pattern has no digest; it does not count until it is corrected',
  ])

  things.set(policyPath, policy('a', unreadable))
  await until(() => messages().length === 2)
  t.equal(watched.policies(), before)
  t.match(messages()[1], /^read patchpolicy a: .*; its last good version holds until then$/)
  t.match(
    watched.objects().policies.find(({ name }) => name === 'a'),
    { good: { mode: 'enforce' }, problems: [{ path: 'spec.match.images[0]' }] },
  )

  things.set(policyPath, policy('a', { mode: 'nonsense' }))
  await until(() => watched.objects().policies.some(({ problems }) => problems[0]?.path === 'spec.mode'))
  const listed = lists()
  things.compact()
  things.send({ type: 'ERROR', object: { code: 410, message: 'too old' } }, policyPath)
  await until(() => lists() === listed + 1 && watches(policyPath) === 1)
  t.equal(watched.policies(), before, 'after a new list too')
  t.equal(messages().filter(text => text.startsWith('read ')).length, 2, 'the log is told once')

  things.set(policyPath, policy('a', { mode: 'warn' }))
  await until(() => watched.policies() !== before)
  t.match(watched.policies(), [{ mode: 'warn' }])
  things.set(policyPath, policy('a', unreadable))
  await until(() => messages().filter(text => text.startsWith('read ')).length === 3)
  things.remove(policyPath, '', 'a')
  await until(() => watched.policies().length === 0)
  things.set(policyPath, policy('a', unreadable))
  await until(() => messages().at(-1)?.endsWith('it does not count until it is corrected') === true)
  t.strictSame(watched.policies(), [], 'an object of the same name is another one')

  things.set(exceptionPath, exception('shop', 'nginx', { until: 'soon' }))
  await until(() => messages().some(text => text.startsWith('read patchexception shop/nginx: spec.until: ')))
  t.equal(watched.exceptionsIn('shop').length, 1)
})

t.test('whatever an object is, it does to no other what it does to itself', async t => {
  const { things, watched, problems } = await cluster(t)
  const strange = [null, 3, 'x', [], { match: null }, { priority: 1e99 }, { never: 'x'.repeat(100_000) }]
  for (const [at, spec] of strange.entries()) things.set(policyPath, policy(`strange-${at}`, spec))
  things.set(policyPath, policy('good'))
  things.set(policyPath, { metadata: { name: '', uid: '' }, spec: {} })
  await watched.start()
  t.match(
    watched.policies().filter(({ name }) => name === 'good'),
    [{ name: 'good' }],
  )
  t.ok(problems.every(({ code }) => code === 'invalid' || code === 'invalid-answer'))
})

t.test('kinds that the API server does not have are no error, and are found later', async t => {
  const { things, watched, problems, names, lists } = await cluster(t)
  things.absent.add(policyPath)
  things.absent.add(exceptionPath)
  await watched.start()
  t.strictSame(names(), [])
  await until(() => lists() > 4)
  t.strictSame(problems, [])
  things.set(policyPath, policy('a'))
  things.absent.clear()
  await until(() => names().length === 1)
  t.strictSame(problems, [])
})

t.test('where the definitions are removed the objects are gone, and it is no error', async t => {
  const { things, watched, problems, names, watches } = await cluster(t)
  things.set(policyPath, policy('a'))
  await watched.start()
  await until(() => watches(policyPath) === 1)
  things.absent.add(policyPath)
  things.end()
  await until(() => names().length === 0)
  t.strictSame(problems, [])
  things.compact()
  things.absent.clear()
  await until(() => names().length === 1)
})

t.test('a right that is missing is told once, with what grants it', async t => {
  const { things, watched, messages, names, lists, watches } = await cluster(t)
  things.forbidden.add(policyPath)
  things.forbidden.add(exceptionPath)
  things.set(policyPath, policy('a'))
  await watched.start()
  const expected = [
    `list patchexceptions: 403 ${exceptionPath} is forbidden; add to its ClusterRole: { apiGroups: ['patchline.dev'], resources: [patchexceptions], verbs: [list, watch] }`,
    `list patchpolicies: 403 ${policyPath} is forbidden; add to its ClusterRole: { apiGroups: ['patchline.dev'], resources: [patchpolicies], verbs: [list, watch] }`,
  ]
  t.strictSame(messages().toSorted(), expected, 'when it has started')
  t.strictSame(watched.problems().toSorted(), expected)
  await until(() => lists() > 6)
  t.strictSame(messages().toSorted(), expected)
  things.forbidden.clear()
  await until(() => names().length === 1 && watches(policyPath) === 1)
  things.forbidden.add(policyPath)
  things.compact()
  things.send({ type: 'ERROR', object: { code: 410, message: 'too old' } }, policyPath)
  await until(() => watched.problems().length === 1)
  t.strictSame(names(), ['a'], 'what was known holds')
})

t.test('a refusal of kinds that are not there is no missing right', async t => {
  const { things, watched, messages, setServed, lists } = await cluster(t)
  setServed([])
  things.forbidden.add(policyPath)
  things.forbidden.add(exceptionPath)
  await watched.start()
  await until(() => lists() > 6)
  t.strictSame(messages(), [])
  t.strictSame(watched.problems(), [])
  setServed(['patchpolicies'])
  await until(() => watched.problems().length === 1)
  t.match(watched.problems(), [/^list patchpolicies: 403 /])
})

t.test('where the API server does not say whether it has the kinds, a refusal is told', async t => {
  const { things, watched, messages, server } = await cluster(t)
  things.forbidden.add(policyPath)
  server.next(refuse(403, 'forbidden'))
  server.next(refuse(403, 'forbidden'))
  server.next(refuse(500, 'no discovery'))
  server.next(refuse(500, 'no discovery'))
  await watched.start()
  t.equal(messages().length, 2)
})

t.test('only the exceptions of named namespaces are watched', async t => {
  const { things, watched, messages, server } = await cluster(t, { namespaces: ['shop', 'other', 'shop'] })
  for (const namespace of ['shop', 'other', 'third']) things.set(exceptionPath, exception(namespace, 'x'))
  things.set(policyPath, policy('a'))
  await watched.start()
  t.strictSame(
    watched
      .objects()
      .exceptions.map(({ namespace }) => namespace)
      .toSorted(),
    ['other', 'shop'],
  )
  t.equal(watched.policies().length, 1)
  const asked = server.received
    .filter(({ url }) => url.searchParams.has('limit'))
    .map(({ url }) => url.pathname)
  t.strictSame(asked.toSorted(), [
    `${root}/namespaces/other/patchexceptions`,
    `${root}/namespaces/shop/patchexceptions`,
    `${root}/patchpolicies`,
  ])
  t.strictSame(messages(), [])
})

t.test('a flood of one namespace takes no room from the others', async t => {
  const most = { policies: 3, exceptions: 6, exceptionsInNamespace: 4 }
  const { things, watched, messages, watches } = await cluster(t, { most })
  for (let at = 0; at < 10; at += 1) things.set(exceptionPath, exception('flood', `x${at}`))
  things.set(exceptionPath, exception('shop', 'a'))
  await watched.start()
  await until(() => watches(exceptionPath) === 1)
  t.equal(watched.exceptionsIn('flood').length, 4)
  t.equal(watched.exceptionsIn('shop').length, 1)
  t.strictSame(messages(), [
    'read patchexception objects: there are more than 4 in namespace flood, or 6 in all: those past it do not count; remove some, and restart Patchline',
  ])
  things.set(exceptionPath, exception('shop', 'b'))
  await until(() => watched.exceptionsIn('shop').length === 2)
  things.set(exceptionPath, exception('third', 'c'))
  things.set(exceptionPath, exception('shop', 'a', { reason: 'changed' }))
  await until(() => watched.exceptionsIn('shop').some(({ reason }) => reason === 'changed'))
  t.equal(watched.exceptionsIn('third').length, 0)
  things.remove(exceptionPath, 'flood', 'x0')
  things.set(exceptionPath, exception('third', 'd'))
  await until(() => watched.exceptionsIn('third').length === 1)
  for (let at = 0; at < 4; at += 1) things.set(policyPath, policy(`p${at}`))
  await until(() => messages().length === 2)
  t.equal(watched.policies().length, 3)
  t.equal(
    messages()[1],
    'read patchpolicy objects: there are more than 3: those past it do not count; remove some, and restart Patchline',
  )
})
