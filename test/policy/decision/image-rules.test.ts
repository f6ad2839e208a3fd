import t from 'tap'
import { rulesFor, type ImageRules, type PatchPolicy, type Subject } from '../../../src/policy/index.ts'
import { bookWith, day, exceptionOf, imageOf, policyOf, subjectOf } from './policies.ts'

const mode = 'patchline.dev/mode'
const strategy = 'patchline.dev/strategy'
const emergency = 'patchline.dev/break-glass'

function rules(policies: readonly PatchPolicy[], subject: Partial<Subject> = {}, image?: string): ImageRules {
  return rulesFor(imageOf(image), subjectOf(subject), bookWith(policies))
}

t.test('the configuration alone is enough', async t => {
  t.strictSame(rules([]), {
    mode: 'warn',
    modeFrom: 'configuration',
    strategy: 'patch',
    strategyFrom: 'configuration',
    policy: undefined,
    grace: 0,
    exceptions: [],
    breakGlass: undefined,
    ignored: [],
  })
  t.match(rules([], { namespaceLabels: { [mode]: 'off' } }), { mode: 'off', modeFrom: 'namespace-label' })
  t.match(rules([], { annotations: { [strategy]: 'rebuild' } }), { strategy: 'rebuild' })
})

t.test('which policy decides', async t => {
  const all = policyOf('all', { mode: 'audit' })
  const nginx = policyOf('nginx', { mode: 'enforce', match: { images: ['nginx'] } })
  const high = policyOf('z-high', { priority: 1, mode: 'off', match: { images: ['**/redis'] } })
  const prod = policyOf('prod', {
    priority: 5,
    match: { namespaceSelector: { matchLabels: { env: 'prod' } } },
  })
  const rows: [PatchPolicy[], Partial<Subject>, string, string | undefined][] = [
    [[nginx, all], {}, 'nginx:1.25.1', 'all'],
    [[nginx], {}, 'redis:7', undefined],
    [[high, all], {}, 'redis:7', 'z-high'],
    [[high, nginx], {}, 'nginx:1.25.1', 'nginx'],
    [[prod, all], {}, 'nginx:1', 'prod'],
    [[prod, all], { namespaceLabels: { env: 'dev' } }, 'nginx:1', 'all'],
    [[prod, all], { namespaceLabels: undefined }, 'nginx:1', 'all'],
    [[policyOf('k', { match: { kinds: ['Deployment'] } })], {}, 'nginx:1', 'k'],
    [[policyOf('k', { match: { kinds: ['Deployment.apps'] } })], {}, 'nginx:1', 'k'],
    [[policyOf('k', { match: { kinds: ['Deployment.argoproj.io', 'Pod'] } })], {}, 'nginx:1', undefined],
    [[policyOf('o', { match: { objectSelector: { matchLabels: { app: 'web' } } } })], {}, 'nginx:1', 'o'],
    [
      [policyOf('o', { match: { objectSelector: { matchLabels: { app: 'web' } } } })],
      { labels: {} },
      'nginx:1',
      undefined,
    ],
  ]
  for (const [policies, subject, image, expected] of rows)
    t.equal(
      rules(policies, subject, image).policy?.name,
      expected,
      JSON.stringify([policies.map(p => p.name), subject, image]),
    )
})

t.test('what a policy leaves open is as the configuration has it', async t => {
  t.match(rules([policyOf('p', { strategy: 'minor' })]), {
    mode: 'warn',
    modeFrom: 'configuration',
    strategy: 'minor',
    strategyFrom: 'policy',
  })
})

const none: string[] = []
const onlyStricter = 'policy p can only be made stricter'

t.test('labels and annotations can only make a policy stricter, unless it delegates', async t => {
  const enforce = policyOf('p', { mode: 'enforce', strategy: 'minor' })
  const warn = policyOf('p', { mode: 'warn' })
  const open = policyOf('p', { strategy: 'minor' })
  const delegating = policyOf('p', { mode: 'enforce', strategy: 'minor', delegate: ['mode', 'strategy'] })
  const rows: [
    PatchPolicy[],
    labels: object,
    annotations: object,
    mode: string,
    strategy: string,
    ignored: string[],
  ][] = [
    [
      [enforce],
      { [mode]: 'warn' },
      {},
      'enforce',
      'minor',
      [`namespace label ${mode}=warn is ignored: ${onlyStricter}`],
    ],
    [[warn], { [mode]: 'enforce' }, {}, 'enforce', 'patch', none],
    [[open], { [mode]: 'off' }, {}, 'off', 'minor', none],
    [[delegating], { [mode]: 'audit' }, {}, 'audit', 'minor', none],
    [
      [enforce],
      {},
      { [mode]: 'off' },
      'enforce',
      'minor',
      [`annotation ${mode}=off is ignored: ${onlyStricter}`],
    ],
    [[warn], {}, { [mode]: 'enforce' }, 'enforce', 'patch', none],
    [[delegating], {}, { [mode]: 'off' }, 'off', 'minor', none],
    [
      [enforce],
      {},
      { [strategy]: 'patch' },
      'enforce',
      'minor',
      [`annotation ${strategy}=patch is ignored: ${onlyStricter}`],
    ],
    [[enforce], {}, { [strategy]: 'major' }, 'enforce', 'major', none],
    [
      [warn],
      {},
      { [strategy]: 'rebuild' },
      'warn',
      'patch',
      [`annotation ${strategy}=rebuild is ignored: ${onlyStricter}`],
    ],
    [[delegating], {}, { [strategy]: 'rebuild' }, 'enforce', 'rebuild', none],
    [[], {}, { [strategy]: 'rebuild' }, 'warn', 'rebuild', none],
    [[], {}, { [mode]: 'enforce' }, 'enforce', 'patch', none],
    [
      [],
      {},
      { [mode]: 'off' },
      'warn',
      'patch',
      [`annotation ${mode}=off is ignored: an object can only make its mode stricter`],
    ],
    [[], { [mode]: 'loud' }, { [strategy]: 'minro' }, 'warn', 'patch', none],
  ]
  for (const [policies, namespaceLabels, annotations, ...expected] of rows) {
    const got = rules(policies, { namespaceLabels: { ...namespaceLabels }, annotations: { ...annotations } })
    t.strictSame(
      [got.mode, got.strategy, got.ignored],
      expected,
      JSON.stringify([policies, namespaceLabels, annotations]),
    )
  }
})

t.test('nothing is refused where the cluster heals', async t => {
  const enforce = policyOf('p', { mode: 'enforce' })
  for (const namespace of ['kube-system', 'kube-public', 'kube-node-lease', 'patchline-system'])
    t.match(rules([enforce], { namespace }), { mode: 'warn', modeFrom: 'safety' }, namespace)
  t.match(rules([policyOf('p', { mode: 'audit' })], { namespace: 'kube-system' }), { mode: 'audit' })
})

t.test('the shortest grace that applies', async t => {
  const policy = policyOf('p', {
    mode: 'enforce',
    grace: {
      period: '14d',
      sooner: [
        { period: '2d', images: ['nginx'] },
        { period: '7d', namespaceSelector: { matchLabels: { env: 'prod' } } },
        { period: '0d', images: ['**/log4j-*'], namespaceSelector: { matchLabels: { env: 'dev' } } },
      ],
    },
  })
  const rows: [string, Partial<Subject>, number][] = [
    ['redis:7', { namespaceLabels: {} }, 14],
    ['redis:7', {}, 7],
    ['nginx:1', {}, 2],
    ['a/log4j-x:1', {}, 7],
    ['a/log4j-x:1', { namespaceLabels: { env: 'dev' } }, 0],
    ['nginx:1', { namespaceLabels: undefined }, 2],
    ['redis:7', { namespaceLabels: undefined }, 14],
  ]
  for (const [image, subject, days] of rows)
    t.equal(rules([policy], subject, image).grace, days * day, JSON.stringify([image, subject]))
})

t.test('the exceptions that name an image', async t => {
  const exceptions = [
    exceptionOf('nginx'),
    exceptionOf('tag', { images: ['nginx:1.25.1'] }),
    exceptionOf('side', { containers: ['side'] }),
    exceptionOf('labels', { objectSelector: { matchLabels: { app: 'web' } } }),
    exceptionOf('others', { objectSelector: { matchLabels: { app: 'db' } } }),
    exceptionOf('redis', { images: ['redis'] }),
  ]
  const named = (image: string, container: string, subject: Partial<Subject> = {}) =>
    rulesFor(imageOf(image, container), subjectOf(subject), bookWith([], exceptions)).exceptions.map(
      ({ name }) => name,
    )
  t.strictSame(named('nginx:1.25.1', 'web'), ['nginx', 'tag', 'labels'])
  t.strictSame(named('nginx:1.25.2', 'side'), ['nginx', 'side', 'labels'])
  t.strictSame(named('nginx:1.25.2', 'web', { namespace: 'other' }), [])
})

t.test('an emergency needs a reason, and a policy that allows it', async t => {
  const allowing = policyOf('p', { mode: 'enforce', breakGlass: {} })
  const rows: [PatchPolicy[], string, string | undefined, string[]][] = [
    [[allowing], ' INC-7: site is down ', 'INC-7: site is down', none],
    [[allowing], '  ', undefined, [`annotation ${emergency} is ignored: it gives no reason`]],
    [[policyOf('p', {})], 'x', undefined, [`annotation ${emergency} is ignored: policy p does not allow it`]],
    [[], 'x', undefined, [`annotation ${emergency} is ignored: no policy allows it`]],
  ]
  for (const [policies, reason, expected, ignored] of rows) {
    const got = rules(policies, { annotations: { [emergency]: reason } })
    t.strictSame([got.breakGlass, got.ignored], [expected, ignored], reason)
  }
})
