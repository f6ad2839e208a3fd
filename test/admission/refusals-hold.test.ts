import t, { type Test } from 'tap'

import { createReviewer } from '../../src/admission/index.ts'
import type { TimeLimit } from '../../src/evaluation/index.ts'
import type { RegistrySettings } from '../../src/registry/index.ts'
import { hostileScene } from '../support/registry/hostile/hostile-scene.ts'
import type { MemoryRegistry, ReceivedRequest } from '../support/registry/memory-registry.ts'
import { memoryRegistry } from '../support/registry/registry-fixture.ts'
import { deployment, requestOf } from './situations.ts'

// What an ordinary user can do to have an outdated image let through: nothing of it must change a refusal in another namespace.

// What must hold is told by the requests that go before, and not by a clock: a busy machine takes long for a few of them. So
// these reviews have time, and only those that nothing is asked of have as much as is configured where nothing else is.
const patient = 20_000
const usual = 800
const lines = Array.from({ length: 50 }, (_, minor) =>
  [0, 1, 2, 3].map(patch => `2.${minor}.${patch}`),
).flat()
const nginx = ['1.25.1', '1.25.2', '1.25.3', '1.25.4', '1.25.5', ...lines]
const redis = ['7.0.1', '7.0.2']

const timeLimit: TimeLimit = {
  wait: (promise, milliseconds) =>
    Promise.race([
      promise,
      new Promise<undefined>(resolve => setTimeout(() => resolve(undefined), milliseconds).unref()),
    ]),
}

interface Place {
  readonly registry: MemoryRegistry
  readonly positions: () => readonly string[]
  /** `refused`, or what is said of an image that is let in. */
  readonly apply: (namespace: string, ...images: readonly string[]) => Promise<string>
  /** The same, of what has registries asked for nothing. */
  readonly flood: (namespace: string, ...images: readonly string[]) => Promise<string>
  readonly settle: () => Promise<void>
  readonly pass: (milliseconds: number) => void
}

/** How fast the registry answers, 60 ms being one somewhere else, and how fast it may be asked. */
interface Pace {
  readonly latency?: number
  readonly limits?: NonNullable<RegistrySettings['limits']>
}

const isBroken = ({ path }: ReceivedRequest): boolean => path.startsWith('/v2/broken/')

/** A cluster in enforce over a healthy registry with a broken project, in which nginx:1.25.1 was refused. */
async function setUp(t: Test, { latency = 60, limits = {} }: Pace = {}): Promise<Place> {
  const registry = await memoryRegistry(t, {
    repositories: { 'team/nginx': nginx, 'team/redis': redis },
    latency,
  })
  registry.misbehave(request => (isBroken(request) ? { status: 502 } : undefined))
  const { catalog, client, settle, pass } = hostileScene(t, [{ host: registry.host, insecure: true, limits }])
  const reviewer = createReviewer({
    catalog,
    digests: catalog,
    timeLimit,
    now: () => performance.now(),
    namespaces: { labelsOf: () => ({ 'patchline.dev/mode': 'enforce' }) },
    settings: { defaults: { mode: 'warn', strategy: 'patch' }, ownNamespace: 'patchline', controllers: [] },
  })
  const applier =
    (budget: number): Place['apply'] =>
    async (namespace, ...images) => {
      const object = deployment(...images.map(image => `${registry.host}/${image}`))
      const { response } = await reviewer.validate(requestOf({ namespace, object }), budget)
      return response.allowed ? (response.warnings ?? ['allowed']).join('; ') : 'refused'
    }
  const [apply, flood] = [applier(patient), applier(usual)]
  t.equal(await apply('team-b', 'team/nginx:1.25.1'), 'refused')
  await settle()
  const positions = (): readonly string[] => client.circuits().map(({ position }) => position)
  return { registry, positions, apply, flood, settle, pass }
}

/** Which made-up repositories have been asked for. */
const madeUpAsked = ({ requests }: MemoryRegistry): number =>
  new Set(requests.filter(({ path }) => path.includes('/made/')).map(({ path }) => path)).size

// Those that began and those that may wait.
const mostMadeUp = 14

const madeUp = (wave = 0): readonly string[] =>
  Array.from({ length: 100 }, (_, n) => `made/up-${wave}-${n}:1.0.0`)

t.test('one object with 100 made-up repositories', async t => {
  const { apply, flood, registry, settle } = await setUp(t)
  const flooding = flood('team-a', ...madeUp())
  t.equal(await apply('team-b', 'team/nginx:1.25.2'), 'refused', 'a tag that was never seen')
  t.equal(await apply('team-b', 'team/redis:7.0.1'), 'refused', 'a repository that was never seen')
  t.ok(madeUpAsked(registry) <= mostMadeUp, 'after a few requests')
  t.equal(await apply('team-a', 'team/nginx:1.25.3'), 'refused', 'also where the others are from')
  t.not(await flooding, 'refused')
  await settle()
  t.ok(madeUpAsked(registry) <= mostMadeUp, 'and no more of them are asked for later')
})

t.test('wave after wave of them, from several namespaces', async t => {
  const { apply, flood, registry } = await setUp(t)
  const floods = Array.from({ length: 5 }, (_, n) => flood(`team-${n}`, ...madeUp(n)))
  t.equal(await apply('team-b', 'team/nginx:1.25.2'), 'refused')
  floods.push(flood('team-0', ...madeUp(10)))
  t.equal(await apply('team-b', 'team/nginx:1.25.1'), 'refused')
  t.ok(madeUpAsked(registry) <= mostMadeUp, 'after a few requests')
  await Promise.all(floods)
})

t.test(
  'a repository that another namespace has put at the end of a list of slow ones does not wait with them',
  async t => {
    const { apply, flood, registry } = await setUp(t)
    registry.misbehave(({ path }) => (path.startsWith('/v2/made/') ? { pace: 'never' } : undefined))
    const flooding = flood('team-a', ...madeUp().slice(0, 12), 'team/redis:7.0.1')
    t.equal(await apply('team-b', 'team/redis:7.0.1'), 'refused')
    t.ok(madeUpAsked(registry) < 12, 'before all of them had their turn')
    await flooding
  },
)

t.test('five repositories of the host that answer 502', async t => {
  const { apply, flood, registry, positions } = await setUp(t)
  const broken = Array.from({ length: 5 }, (_, n) => `broken/${n}:1.0.0`)
  for (let wave = 0; wave < 3; wave++) t.not(await flood('team-a', ...broken), 'refused')
  t.strictSame(positions(), ['closed'])
  t.equal(await apply('team-b', 'team/nginx:1.25.3'), 'refused', 'a tag that was never seen')
  t.equal(await apply('team-b', 'team/redis:7.0.1'), 'refused', 'a repository that was never seen')
  t.ok(registry.requests.filter(({ path }) => path.startsWith('/v2/broken/')).length <= 5 * 4)
})

t.test('two dry runs with 100 other tags, made up or not, and then a registry that is away', async t => {
  const fast = { requestsPerSecond: 10_000, burst: 10_000 }
  const { apply, registry } = await setUp(t, { latency: 1, limits: fast })
  const madeUpTags = lines.map((_, n) => `2.0.0-made-up.${n}`)
  for (const tags of [
    lines.slice(0, 100),
    lines.slice(100),
    madeUpTags.slice(0, 100),
    madeUpTags.slice(100),
  ]) {
    await apply('team-a', ...tags.map(tag => `team/nginx:${tag}`))
    for (let before = 0; before < registry.requests.length;) {
      before = registry.requests.length
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
  t.ok(registry.requests.filter(({ path }) => path.includes('/manifests/')).length > 200)
  registry.misbehave(() => ({ pace: 'cut' }))
  t.equal(await apply('team-b', 'team/nginx:1.25.1'), 'refused', 'what was refused a moment ago')
  t.equal(
    await apply('team-b', 'team/nginx:1.25.4'),
    'refused',
    'and what never was, for the newest is known',
  )
})

t.test('a still newer tag that cannot be had', async t => {
  const { apply, registry, settle, pass } = await setUp(t)
  registry.setTags('team/nginx', [...nginx, '1.25.6'])
  registry.misbehave(({ path }) => (path.endsWith('/manifests/1.25.6') ? { status: 503 } : undefined))
  pass(31 * 60_000)
  t.equal(await apply('team-b', 'team/nginx:1.25.1'), 'refused')
  await settle()
  t.equal(registry.requests.filter(({ path }) => path.includes('/nginx/tags/')).length, 2, 'it is listed now')
  t.equal(await apply('team-b', 'team/nginx:1.25.1'), 'refused')
  t.ok(
    registry.requests.some(({ path }) => path.endsWith('/1.25.6')),
    'and was asked for',
  )
})
