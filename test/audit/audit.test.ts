import t from 'tap'
import { createAudit, type AuditOptions } from '../../src/audit/index.ts'
import type { Inventory, RunningImage } from '../../src/inventory/index.ts'
import { TagSourceError, type TagCatalog } from '../../src/evaluation/index.ts'
import { bookOf, noPolicies } from '../../src/policy/index.ts'
import {
  builtInReading,
  createChannelRules,
  createSupportTables,
  learnTags,
  tagListOf,
} from '../../src/version/index.ts'
import { bookWith, policyOf } from '../policy/decision/policies.ts'
import { contentOf, digestNamed, digestsOf, type Held } from '../evaluation/fake-catalogs.ts'

const never = new AbortController().signal

interface Given extends Partial<Omit<RunningImage, 'workload'>> {
  readonly name?: string
  readonly namespace?: string
}

function running({ name = 'web', namespace = 'shop', ...image }: Given): RunningImage {
  return {
    workload: { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name, uid: name },
    container: 'web',
    field: 'container',
    origin: 'template',
    image: 'nginx:1.25.1',
    pods: 1,
    digests: [],
    requester: { namespace, serviceAccount: 'default', pullSecrets: [] },
    labels: {},
    annotations: {},
    annotated: 'none',
    manager: undefined,
    ...image,
  }
}

const tags: Readonly<Record<string, readonly string[]>> = {
  'docker.io/library/nginx': ['1.25.1', '1.25.5', '1.26.0', '1.25', 'latest'],
  'docker.io/library/redis': ['7.2.5'],
}

const catalog: TagCatalog = {
  known({ registry, repository }) {
    const listed = tags[`${registry}/${repository}`]
    return (
      listed && { learned: learnTags(tagListOf(listed)), age: 60_000, stale: false, published: () => 5_000 }
    )
  },
  async lookUp({ registry, repository }) {
    throw new TagSourceError('not-found', `${registry}/${repository}: no such repository`)
  },
}

function inventoryOf(images: readonly RunningImage[], given: Partial<Inventory> = {}): Inventory {
  return { synced: true, problems: () => [], images: () => images, labelsOf: () => ({}), ...given }
}

function setUp(
  images: readonly Given[],
  given: Partial<AuditOptions> & { readonly held?: Readonly<Record<string, Held>> } = {},
) {
  const { held = {}, ...options } = given
  const turns = { count: 0 }
  const audit = createAudit({
    inventory: inventoryOf(images.map(running)),
    catalog,
    digests: digestsOf({ '1.25.1': contentOf('1'), '1.25.5': contentOf('5'), ...held }),
    schemes: () => builtInReading,
    channelRules: createChannelRules(createSupportTables([])),
    access: { accessOf: ({ namespace }) => ({ namespace, credentialsFor: () => [], problems: [] }) },
    timeLimit: { wait: async promise => promise },
    book: () =>
      bookOf({ defaults: { mode: 'warn', strategy: 'patch' }, ownNamespace: 'patchline' }, noPolicies),
    movedTags: 'information',
    now: () => 1_000_000,
    turn: async () => void turns.count++,
    atOnce: 8,
    budget: 1_000,
    limit: 60_000,
    ...options,
  })
  return { audit, turns }
}

t.test('what runs, judged', async t => {
  const { audit } = setUp([
    {},
    { name: 'db', image: 'redis:7.2.5' },
    { name: 'gone', image: 'ghcr.io/team/none:1.0.0' },
    { name: 'odd', image: 'NOT AN IMAGE' },
    { name: 'minor', annotations: { 'patchline.dev/strategy': 'minor' } },
  ])
  const { rows, complete, problems } = await audit.run(never)
  t.match(
    rows.map(({ image, evaluation, newestOverall, since, exempt }) => [
      image.workload.name,
      evaluation.verdict,
      evaluation.newest,
      newestOverall,
      since,
      exempt,
    ]),
    [
      ['web', 'outdated', '1.25.5', '1.26.0', 5_000, false],
      ['db', 'current', undefined, undefined, undefined, false],
      ['gone', 'unknown', undefined, undefined, undefined, false],
      ['odd', 'unknown', undefined, undefined, undefined, false],
      ['minor', 'outdated', '1.26.0', '1.26.0', 5_000, false],
    ],
  )
  t.equal(complete, true)
  t.same(problems, [])
})

t.test('the age of what is known is told as of the end of the cycle', async t => {
  let now = 1_000_000
  const { audit } = setUp([{}, { name: 'late', image: 'redis:7.2.5' }], {
    now: () => now,
    atOnce: 1,
    access: {
      accessOf({ namespace }) {
        now += 500
        return { namespace, credentialsFor: () => [], problems: [] }
      },
    },
  })
  const { rows, finishedAt } = await audit.run(never)
  t.equal(finishedAt, 1_001_000)
  t.strictSame(
    rows.map(({ evaluation }) => evaluation.age),
    [60_500, 60_000],
  )
})

t.test('modes come from the labels of namespaces', async t => {
  const images = [running({ namespace: 'off' }), running({ namespace: 'strict' })]
  const labels: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    off: { 'patchline.dev/mode': 'off' },
    strict: { 'patchline.dev/mode': 'enforce' },
  }
  const { audit } = setUp([], {
    inventory: inventoryOf(images, { labelsOf: namespace => labels[namespace] }),
  })
  t.match((await audit.run(never)).rows, [
    { exempt: true, policy: { mode: 'off' } },
    { exempt: false, policy: { mode: 'enforce' }, evaluation: { verdict: 'outdated' } },
  ])
})

const refusing = (): never => {
  throw new Error('asked')
}

t.test('where the mode is off, nothing is asked, and the row says why', async t => {
  const images = [running({ namespace: 'off' }), running({ namespace: 'plain', image: 'NO IMAGE' })]
  const { audit } = setUp([], {
    book: () =>
      bookOf({ defaults: { mode: 'off', strategy: 'patch' }, ownNamespace: 'patchline' }, noPolicies),
    inventory: inventoryOf(images, {
      labelsOf: namespace => (namespace === 'off' ? { 'patchline.dev/mode': 'off' } : undefined),
    }),
    catalog: { known: refusing, lookUp: refusing },
    digests: { knownDigest: refusing, digest: refusing, proven: refusing },
    access: { accessOf: refusing },
  })
  const { rows, problems } = await audit.run(never)
  t.strictSame(problems, [])
  const nothing = { exempt: true, moved: false, newestOverall: undefined, since: undefined }
  t.match(rows, [
    {
      ...nothing,
      evaluation: {
        reason: 'namespace-off',
        detail: 'namespace off has the label patchline.dev/mode=off',
        reference: { registry: 'docker.io', repository: 'library/nginx' },
        newest: undefined,
        age: undefined,
      },
    },
    {
      ...nothing,
      evaluation: {
        reason: 'namespace-off',
        detail: 'the configuration says mode: off, and namespace plain has no label patchline.dev/mode',
        reference: undefined,
      },
    },
  ])
})

t.test('labels and annotations that say nothing known are told, once each', async t => {
  const images = [
    running({ annotations: { 'patchline.dev/strategy': 'minro', 'patchline.dev/moved-tags': 'yes' } }),
    running({ container: 'proxy', annotations: { 'patchline.dev/strategy': 'minro' } }),
    running({ name: 'db', annotations: { 'patchline.dev/strategy': 'minor' } }),
  ]
  const labels = { 'patchline.dev/mode': 'enfroce' }
  const { audit } = setUp([], { inventory: inventoryOf(images, { labelsOf: () => labels }) })
  const report = await audit.run(never)
  t.strictSame(report.ignored, [
    'namespace shop: namespace label patchline.dev/mode=enfroce is none of off, audit, warn, enforce: it is ignored',
    'Deployment shop/web: annotation patchline.dev/strategy=minro is none of rebuild, patch, minor, major: it is ignored',
    'Deployment shop/web: annotation patchline.dev/moved-tags=yes is none of finding, information: information applies',
  ])
  t.match(report, { complete: true, problems: [] })
})

t.test('a channel of a policy that there is none of is told, used or not', async t => {
  const breakGlass = { channel: 'on-cal' }
  const policies = [policyOf('p', { breakGlass }), policyOf('q', { breakGlass: {} }), policyOf('r')]
  const book = () => bookWith(policies)
  const rows: [channels: string[] | undefined, expected: string[]][] = [
    [
      ['on-call'],
      ['policy p: breakGlass.channel on-cal is no channel of the configuration: the routes are told'],
    ],
    [['on-cal'], []],
    [undefined, []],
  ]
  for (const [channels, expected] of rows) {
    const { audit } = setUp([{}], { book, ...(channels && { channels: new Set(channels) }) })
    t.strictSame((await audit.run(never)).ignored, expected)
  }
})

t.test('an emergency is told with its reason, where only it keeps an image from being refused', async t => {
  const annotations = { 'patchline.dev/break-glass': 'INC-7' }
  const policies = [policyOf('p', { mode: 'enforce', breakGlass: { channel: 'on-call' } })]
  const { audit } = setUp([{ annotations }, {}, { annotations, image: 'redis:7.2.5' }], {
    book: () => bookWith(policies),
  })
  t.strictSame(
    (await audit.run(never)).rows.map(({ emergency }) => emergency),
    [{ policy: 'p', reason: 'INC-7', channel: 'on-call' }, undefined, undefined],
  )
})

function catalogKnown(wanted: Parameters<TagCatalog['known']>[0]) {
  const known = catalog.known(wanted)
  if (known === undefined) throw new Error('not known')
  return known
}

t.test('a cycle waits for what is due, and no longer than its limit', async t => {
  let now = 1_000_000
  const fresh: unknown[] = []
  const budgets: number[] = []
  const failure = new TagSourceError('unavailable', 'no answer came in time')
  const waiting: TagCatalog = {
    known(wanted) {
      fresh.push(wanted.fresh)
      return wanted.late === true ? { ...catalogKnown(wanted), failure } : undefined
    },
    lookUp: () => new Promise(() => {}),
  }
  const { audit } = setUp([{}, {}, {}], {
    catalog: waiting,
    now: () => now,
    atOnce: 1,
    budget: 40_000,
    limit: 60_000,
    timeLimit: {
      async wait(_promise, milliseconds) {
        budgets.push(milliseconds)
        now += milliseconds
        return undefined
      },
    },
  })
  const { startedAt, finishedAt, rows } = await audit.run(never)
  t.equal(finishedAt - startedAt, 60_000)
  t.strictSame(budgets, [40_000, 20_000, 0], 'what comes last is judged by what is held')
  t.ok(rows.every(({ evaluation }) => evaluation.overdue && evaluation.detail === failure.message))
  t.equal(fresh[0], startedAt)
})

t.test('a moved tag is compared with what its registry says in this cycle, within the limit too', async t => {
  const asked: unknown[] = []
  const latest = { image: 'nginx:latest', digests: [digestNamed('1')] }
  const digests = {
    proven: () => [],
    knownDigest: ({ fresh }: { readonly fresh?: number }) =>
      fresh === undefined ? { digest: contentOf('1'), age: 0 } : undefined,
    async digest({ fresh, platforms }: { readonly fresh?: number; readonly platforms?: boolean }) {
      asked.push([fresh, platforms])
      return { digest: contentOf('2', {}), age: 0 }
    },
  }
  t.match((await setUp([latest], { digests }).audit.run(never)).rows, [{ moved: true }])
  t.strictSame(asked, [
    [1_000_000, undefined],
    [1_000_000, true],
  ])
  const late = { digests: { ...digests, digest: () => new Promise<never>(() => {}) }, timeLimit: hasty }
  t.match((await setUp([latest], late).audit.run(never)).rows, [{ moved: false }], 'by what is held')
})

t.test('a moved tag is waited for no longer than an image may take', async t => {
  const waits: number[] = []
  const timeLimit = { wait: async (_: unknown, milliseconds: number) => void waits.push(milliseconds) }
  const digests = {
    proven: () => [],
    knownDigest: () => undefined,
    digest: () => new Promise<never>(() => {}),
  }
  const latest = { image: 'nginx:latest', digests: [digestNamed('1')] }
  await setUp([latest], { digests, timeLimit, budget: 40_000, limit: 60_000 }).audit.run(never)
  t.strictSame(waits, [40_000])
})

const hasty = { wait: async () => undefined }

t.test('tags that have moved on', async t => {
  const latest = { image: 'nginx:latest', digests: [digestNamed('1')] }
  const held = { latest: contentOf('2', { 'linux/amd64': '3' }), '1.25': contentOf('4') }
  const rows = async (images: readonly Given[], options: Partial<AuditOptions> = {}) =>
    (await setUp(images, { held, ...options }).audit.run(never)).rows.map(({ moved, evaluation }) => [
      moved,
      evaluation.verdict,
    ])
  t.same(await rows([latest]), [[true, 'floating']], 'for information')
  t.same(await rows([{ ...latest, annotations: { 'patchline.dev/moved-tags': 'finding' } }]), [
    [true, 'outdated'],
  ])
  t.same(await rows([latest], { movedTags: 'finding' }), [[true, 'outdated']])
  t.same(
    await rows([{ ...latest, digests: [digestNamed('2')] }]),
    [[false, 'floating']],
    'the digest of the index',
  )
  t.same(
    await rows([{ ...latest, digests: [digestNamed('3')] }]),
    [[false, 'floating']],
    'the digest of the platform',
  )
  t.same(
    await rows([{ ...latest, digests: [digestNamed('2'), digestNamed('1')] }]),
    [[true, 'floating']],
    'one pod is behind',
  )
  t.same(await rows([{ ...latest, digests: [] }]), [[false, 'floating']], 'nothing runs')
  t.same(await rows([{ image: 'nginx:1.25', digests: [digestNamed('1')] }]), [[true, 'floating']])
  t.same(
    await rows([{ image: 'redis:7.2.5', digests: [digestNamed('1')] }]),
    [[false, 'current']],
    'nobody asks about it',
  )
  const wanted: boolean[] = []
  const platforms = {
    proven: () => [],
    knownDigest: () => ({ digest: contentOf('2'), age: 0 }),
    async digest({ platforms: asked = false }: { readonly platforms?: boolean }) {
      wanted.push(asked)
      return { digest: contentOf('2', asked ? { 'linux/amd64': '3' } : undefined), age: 0 }
    },
  }
  t.same(
    await rows([{ ...latest, digests: [digestNamed('3')] }], { digests: platforms }),
    [[false, 'floating']],
    'the digest of a platform that had to be asked for',
  )
  t.same(wanted, [true])
  t.same(
    await rows([{ ...latest, digests: [digestNamed('3')] }], {
      digests: {
        ...platforms,
        digest: () => Promise.reject(new TagSourceError('unavailable', 'down')),
      },
    }),
    [[false, 'floating']],
    'which platforms there are could not be asked: it may be one of them',
  )
  const failing = new TagSourceError('unavailable', 'down')
  t.same(
    (await setUp([latest], { held: { latest: failing } }).audit.run(never)).rows.map(({ moved }) => moved),
    [false],
    'compared tomorrow',
  )
})

t.test('one object that cannot be judged ends nothing', async t => {
  const { audit } = setUp([{ name: 'a' }, { name: 'poison' }, { name: 'z' }], {
    access: {
      accessOf: ({ namespace }) => {
        if (namespace === 'shop') return { namespace, credentialsFor: () => [], problems: [] }
        throw new Error('poison')
      },
    },
    inventory: inventoryOf([
      running({ name: 'a' }),
      running({ name: 'poison', namespace: 'bad' }),
      running({ name: 'z' }),
    ]),
  })
  const report = await audit.run(never)
  t.match(
    report.rows.map(({ image, evaluation }) => [image.workload.name, evaluation.verdict, evaluation.reason]),
    [
      ['a', 'outdated', 'newer'],
      ['poison', 'unknown', 'not-checked-yet'],
      ['z', 'outdated', 'newer'],
    ],
  )
  t.same(report.problems, ['Deployment bad/poison: container web (nginx:1.25.1) could not be judged: poison'])
  t.equal(report.complete, true, 'all was looked at, so what has no row is gone')
})

t.test('a report of half an inventory says so', async t => {
  const unsynced = setUp([], { inventory: inventoryOf([running({})], { synced: false }) })
  t.match(await unsynced.audit.run(never), { complete: false, rows: { length: 1 } })
  const behind = setUp([], { inventory: inventoryOf([running({})], { problems: () => ['list pods: 403'] }) })
  t.match(await behind.audit.run(never), { complete: false, problems: ['list pods: 403'] })
})

t.test('others have their turn, and the signal ends it', async t => {
  const many = Array.from({ length: 1_000 }, (_, at) => ({ name: `w${at}` }))
  const { audit, turns } = setUp(many)
  const progress: number[] = []
  await audit.run(never, done => void progress.push(done))
  t.ok(turns.count >= 10)
  t.equal(progress.at(-1), 1_000)
  await t.rejects(audit.run(AbortSignal.abort(new Error('stop'))), { message: 'stop' })
})
