import { createHash } from 'node:crypto'
import t, { type Test } from 'tap'
import { createStateStore, loadKubeConfig } from '../../../src/kubernetes/index.ts'
import { refuse, startApiServer } from '../../support/kubernetes/fake-api-server.ts'
import { StoredObjects } from '../../support/kubernetes/stored-objects.ts'

const folder = '/api/v1/namespaces/patchline-system/configmaps'
const { signal } = new AbortController()

async function fixture(t: Test) {
  const fake = new StoredObjects()
  const server = await startApiServer(fake.handler)
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  const store = (mayWrite?: () => boolean) =>
    createStateStore({
      kubeConfig,
      namespace: 'patchline-system',
      name: 'patchline-state',
      ...(mayWrite !== undefined && { mayWrite }),
    })
  const names = () => [...fake.objects.keys()].map(path => path.slice(`${folder}/patchline-state-`.length))
  const objectOf = (name: string) => fake.objects.get(`${folder}/patchline-state-${name}`)
  return { fake, server, store, names, objectOf }
}

/** Text that gzip cannot make smaller than three quarters. */
function noise(megabytes: number): string {
  const pieces: string[] = []
  for (let index = 0; index < megabytes * 23_300; index += 1)
    pieces.push(createHash('sha256').update(String(index)).digest('base64'))
  return pieces.join('')
}

t.test('what is saved is loaded, also by another process', async t => {
  const { store, names, objectOf } = await fixture(t)
  const one = store()
  t.equal(await one.load(signal), undefined)
  await one.save('first', signal)
  t.equal(await store().load(signal), 'first')
  await one.save('second ü', signal)
  await one.save('', signal)
  t.equal(await store().load(signal), '')
  t.strictSame(names(), ['a-0', 'b-0'])
  t.match(objectOf('a-0'), {
    metadata: { labels: { 'app.kubernetes.io/name': 'patchline', 'app.kubernetes.io/component': 'audit' } },
    data: { generation: '3', count: '1', sha256: /^[0-9a-f]{64}$/ },
  })
})

t.test('a large text is kept in parts below the limit, and their garbage removed', async t => {
  const { store, names, objectOf } = await fixture(t)
  const text = noise(3)
  const one = store()
  await one.save(text, signal)
  await one.save(text, signal)
  t.strictSame(names().toSorted(), ['a-0', 'a-1', 'a-2', 'b-0', 'b-1', 'b-2'])
  t.ok(JSON.stringify(objectOf('a-0')).length < 1_400_000, 'of 1.5 MiB that etcd takes')
  t.ok((await store().load(signal)) === text)
  await one.save('small', signal)
  await one.save('small', signal)
  t.strictSame(names().toSorted(), ['a-0', 'b-0'])
  t.equal(await store().load(signal), 'small')
})

t.test('a process that loaded before another one stored cannot store', async t => {
  for (const size of [0.001, 2]) {
    const { store } = await fixture(t)
    const [stale, next] = [store(), store()]
    await stale.save('one', signal)
    await stale.load(signal)
    await next.load(signal)
    await next.save(`${noise(size)}two`, signal)
    const failing = { name: 'StateStoreError', code: 'superseded' }
    await t.rejects(stale.save(`${noise(size)}stale`, signal), failing)
    await t.rejects(stale.save('stale', signal), failing, 'nor the second time')
    t.match(await store().load(signal), /two$/)
    await next.save('three', signal)
    await t.rejects(stale.save('stale', signal), failing)
    t.match(await store().load(signal), 'three')
    await stale.load(signal)
    await stale.save('loaded again', signal)
    t.equal(await store().load(signal), 'loaded again')
  }
})

t.test('a save that breaks off at any request leaves the older text', async t => {
  const { fake, store, server, names } = await fixture(t)
  const text = noise(1.5)
  await store().save('older', signal)
  const one = store()
  await one.load(signal)
  const before = server.received.length
  await one.save(text, signal)
  const requests = server.received.slice(before).filter(({ method }) => method !== 'DELETE').length
  await one.save('older', signal)
  t.ok(requests >= 4, `${requests} requests`)
  for (let at = 0; at < requests; at += 1) {
    const broken = store()
    await broken.load(signal)
    for (let index = 0; index < at; index += 1) server.next(fake.handler)
    server.next(refuse(503, 'gone away'))
    await t.rejects(broken.save(text, signal), { code: 'unavailable' })
    t.equal(await store().load(signal), 'older', `request ${at} of ${requests}`)
  }
  const last = store()
  await last.load(signal)
  await last.save(text, signal)
  t.ok((await store().load(signal)) === text, 'and what it left is in nobody’s way')
  await last.save('x', signal)
  await last.save('y', signal)
  t.strictSame(names().toSorted(), ['a-0', 'b-0'])
})

t.test('a damaged copy gives way to the older one; without one nothing is said to be there', async t => {
  const { store, fake, names } = await fixture(t)
  const one = store()
  await one.save('one', signal)
  await one.save('two', signal)
  const damage = (name: string) => {
    const path = `${folder}/patchline-state-${name}`
    const object = fake.objects.get(path)
    if (object !== undefined) fake.objects.set(path, { ...object, binaryData: { state: 'AAAA' } })
  }
  damage('b-0')
  t.equal(await store().load(signal), 'one')
  damage('a-0')
  await t.rejects(store().load(signal), {
    message:
      'keep the state: no copy is whole (patchline-state-b-0 and patchline-state-a-0); ' +
      'delete these config maps to begin anew: what was told is told once more, and ages begin with it',
  })
  for (const name of names()) fake.objects.delete(`${folder}/patchline-state-${name}`)
  t.equal(await store().load(signal), undefined)
})

t.test('one that does not lead any more sends nothing', async t => {
  const { store, server } = await fixture(t)
  let leads = true
  const one = store(() => leads)
  await one.save('one', signal)
  leads = false
  const before = server.received.length
  await t.rejects(one.save('two', signal), {
    code: 'superseded',
    message: /^create config map patchline-system\/patchline-state-b-0: not the leader any more; /,
  })
  t.equal(server.received.length, before)
})

t.test('what is too large says so', async t => {
  const { store } = await fixture(t)
  await t.rejects(store().save(noise(10), signal), {
    code: 'too-large',
    message: /^keep the state: \d+ bytes, more than 7200000; watch fewer namespaces/,
  })
})
