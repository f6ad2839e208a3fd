import { assert, property, record, string } from 'fast-check'
import t, { type Test } from 'tap'
import type { Mode } from '../../../src/policy/index.ts'
import { createPolicyReports, KubernetesError, loadKubeConfig } from '../../../src/kubernetes/index.ts'
import { reportName, reportOf } from '../../../src/kubernetes/report/workload-report.ts'
import { report, type Row } from '../../notification/reports.ts'
import { answer, refuse, startApiServer } from '../../support/kubernetes/fake-api-server.ts'
import { StoredObjects } from '../../support/kubernetes/stored-objects.ts'

function made(row: Row) {
  const { rows, finishedAt } = report([row])
  return reportOf(rows, finishedAt)
}

function resultOf(row: Row, mode: Mode = 'warn') {
  const whole = report([row])
  const rows = whole.rows.map(one => ({ ...one, policy: { ...one.policy, mode } }))
  return reportOf(rows, whole.finishedAt).results[0]
}

t.test('each verdict has its result', t => {
  const table: readonly [row: Row, mode: Mode, result: string, message: string][] = [
    [{}, 'warn', 'pass', 'nginx:1.25.1 is the newest of its line (line 1.25)'],
    [{ newest: '1.25.5' }, 'warn', 'warn', 'nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'],
    [{ newest: '1.25.5' }, 'audit', 'warn', 'nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'],
    [{ newest: '1.25.5' }, 'enforce', 'fail', 'nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'],
    [
      { newest: '1.25.5', emergency: { policy: 'strict', reason: 'INC-7', channel: undefined } },
      'enforce',
      'fail',
      'nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25), not refused by policy strict because of break-glass: INC-7',
    ],
    [
      { verdict: 'outdated', moved: true },
      'warn',
      'warn',
      'nginx:1.25.1 stands for another digest than what runs (line 1.25)',
    ],
    [
      { verdict: 'unknown', reason: 'namespace-off', detail: 'namespace a has …=off', exempt: true },
      'off',
      'skip',
      'nginx:1.25.1 is not judged: namespace a has …=off',
    ],
    [{ reason: 'not-listed' }, 'enforce', 'warn', 'nginx:1.25.1 is not in its registry (line 1.25)'],
    [
      { reason: 'not-listed', wasListed: true, elsewhere: 'v1.25.2' },
      'warn',
      'warn',
      'nginx:1.25.1 is no longer in its registry, but v1.25.2 exists (line 1.25)',
    ],
    [
      { reason: 'unlisted' },
      'warn',
      'pass',
      'nginx:1.25.1 has no newer tag, and is not listed itself (line 1.25)',
    ],
    [
      { reason: 'waiting', waiting: { tag: '1.25.6', until: 777_600_000 } },
      'warn',
      'pass',
      'nginx:1.25.1 has no newer tag that is old enough (line 1.25); 1.25.6 waits until 1970-01-10T00:00Z for the minimum age',
    ],
    [
      { newest: '1.25.5', waiting: { tag: '1.25.6', until: 777_600_000 } },
      'warn',
      'warn',
      'nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25); 1.25.6 waits until 1970-01-10T00:00Z for the minimum age',
    ],
    [
      { reason: 'same-digest' },
      'warn',
      'pass',
      'nginx:1.25.1 has the same content as the newest of its line (line 1.25)',
    ],
    [
      { reason: 'other-variant', elsewhere: '1.25.6-alpine' },
      'warn',
      'pass',
      'nginx:1.25.1 has no newer tag of its kind, but 1.25.6-alpine exists (line 1.25)',
    ],
    [
      { overdue: true, age: 61_000 },
      'warn',
      'pass',
      'nginx:1.25.1 is the newest of its line (line 1.25), as of 1969-12-31T23:59:00.000Z',
    ],
    [
      { verdict: 'unknown' },
      'warn',
      'error',
      'nginx:1.25.1 could not be checked: its registry does not answer',
    ],
    [{ verdict: 'floating' }, 'warn', 'skip', 'nginx:1.25.1 floats: its tag is made to move'],
    [{ verdict: 'unversioned' }, 'warn', 'skip', 'nginx:1.25.1 has no version to compare'],
    [{ image: 'a\u202Eb\n', verdict: 'unversioned' }, 'warn', 'skip', 'ab has no version to compare'],
  ]
  for (const [row, mode, result, message] of table)
    t.match(resultOf(row, mode), { result, message, rule: 'patch', source: 'patchline' }, message)
  t.end()
})

t.test('where a line goes on, which pods are older, and as of when what is old was so', t => {
  const row: Row = { elsewhere: '2-alpine', origin: 'older-pod', overdue: true, age: 1_000 }
  t.match(resultOf(row)?.properties, { elsewhere: '2-alpine', origin: 'older-pod', checkedAt: String })
  const usual = resultOf({ newest: '1.25.5', age: 1_000 })?.properties
  t.strictSame(Object.keys(usual ?? {}), [
    'container',
    'field',
    'image',
    'newest',
    'behind',
    'line',
    'reason',
    'page',
  ])
  t.end()
})

t.test('an image as long as an object may have is cut', t => {
  const result = resultOf({ image: 'x'.repeat(100_000), newest: '2' })
  t.equal(result?.properties['image']?.length, 300)
  t.ok(JSON.stringify(result).length < 1_500)
  t.end()
})

t.test('a report is named after its workload', t => {
  const workload = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'a', name: 'web', uid: '1' }
  t.match(reportName(workload), /^patchline-deployment-[0-9a-f]{16}$/)
  t.equal(reportName({ ...workload, uid: '2', apiVersion: 'apps/v1beta1' }), reportName(workload))
  t.not(reportName({ ...workload, kind: 'StatefulSet' }), reportName(workload))
  t.not(reportName({ ...workload, apiVersion: 'other.example/v1' }), reportName(workload))
  const any = record({
    apiVersion: string(),
    kind: string({ unit: 'binary' }),
    namespace: string(),
    name: string({ unit: 'binary' }),
    uid: string(),
  })
  assert(property(any, one => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])$/.test(reportName(one))))
  t.end()
})

const contentOf = (row: Row) => made(row).content

t.test('the content is the same for the same, whatever the time, and another for anything else', t => {
  const same = contentOf({ newest: '1.25.5', since: 1 })
  t.equal(contentOf({ newest: '1.25.5', since: 1 }), same)
  for (const row of [{ newest: '1.25.6', since: 1 }, { newest: '1.25.5', since: 2 }, { since: 1 }])
    t.not(contentOf(row), same)
  t.end()
})

const folder = '/apis/wgpolicyk8s.io/v1alpha2/namespaces/default/policyreports'

const isOurs = ({ labels }: Readonly<Record<string, unknown>>): boolean =>
  JSON.stringify(labels ?? {}).includes('"app.kubernetes.io/managed-by":"patchline"')

/** What a list finds: all that has our label, or one by its name. */
function listed({ objects }: StoredObjects, { searchParams }: URL): readonly unknown[] {
  const name = searchParams.get('fieldSelector')?.replace('metadata.name=', '')
  return [...objects.values()].filter(({ metadata }) =>
    name === undefined ? isOurs(metadata) : metadata['name'] === name,
  )
}

async function fixture(t: Test) {
  const stored = new StoredObjects()
  const refusals = new Map<string, Refusal>()
  const refuseIn = (namespace: string, code: number, ...methods: readonly string[]): void =>
    void refusals.set(namespace, {
      code,
      methods: methods.length === 0 ? ['POST', 'PATCH'] : methods,
      reason: 'no',
    })
  const mayNotCreateIn = (...namespaces: readonly string[]): void => {
    for (const namespace of namespaces)
      refusals.set(namespace, { code: 403, methods: ['POST'], reason: missingRightIn(namespace) })
  }
  const server = await startApiServer((received, response) => {
    const { method, url } = received
    if (url.pathname === '/apis/wgpolicyk8s.io/v1alpha2')
      return answer(200, { resources: [{ name: 'policyreports' }] })(received, response)
    const refusal = refusals.get(/\/namespaces\/([^/]+)\//.exec(url.pathname)?.[1] ?? '')
    if (refusal !== undefined && refusal.methods.includes(method))
      return refuse(refusal.code, refusal.reason)(received, response)
    if (method !== 'GET') return stored.handler(received, response)
    answer(200, { metadata: {}, items: listed(stored, url) })(received, response)
  })
  t.teardown(() => server.close())
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })
  const problems: string[] = []
  const messages: string[] = []
  const waits: number[] = []
  const pending: number[] = []
  let leads = true
  let now = 0
  const reports = createPolicyReports({
    kubeConfig,
    namespaces: [],
    mayWrite: () => leads,
    now: () => now,
    sleep: milliseconds => {
      waits.push(milliseconds)
      now += milliseconds
      return Promise.resolve()
    },
    onProblem(problem) {
      problems.push(problem.code)
      messages.push(problem.message)
    },
    onPending: count => void pending.push(count),
  })
  const writes = () => server.received.filter(({ method }) => method !== 'GET').length
  const resign = () => void (leads = false)
  return {
    server,
    stored,
    reports,
    problems,
    messages,
    waits,
    pending,
    writes,
    resign,
    refuseIn,
    mayNotCreateIn,
  }
}

interface Refusal {
  readonly code: number
  readonly methods: readonly string[]
  readonly reason: string
}

const missingRightIn = (namespace: string): string =>
  `policyreports.wgpolicyk8s.io is forbidden: User "audit" cannot create resource "policyreports" in API group "wgpolicyk8s.io" in the namespace "${namespace}"`

const names = (count: number): Row[] =>
  Array.from({ length: count }, (_, index) => ({ name: `web-${index}` }))
const signal = new AbortController().signal

t.test('writes are ten in a second', async t => {
  const { reports, waits } = await fixture(t)
  await reports.write(report(names(5)), signal)
  t.strictSame(waits, [100, 100, 100, 100])
})

t.test('a namespace that is being deleted is no problem', async t => {
  const { server, reports, problems } = await fixture(t)
  server.next(answer(200, { resources: [{ name: 'policyreports' }] }))
  server.next(answer(200, { metadata: {}, items: [] }))
  const ending =
    'policyreports.wgpolicyk8s.io "x" is forbidden: unable to create new content in namespace shop because it is being terminated'
  server.next(refuse(403, ending))
  t.match(await reports.write(report(names(2)), signal), { written: 1, failed: 1 })
  t.strictSame(problems, [])
})

t.test('a failure stops nothing, and is told once of its kind', async t => {
  const { server, reports, problems, writes } = await fixture(t)
  server.next(answer(200, { resources: [{ name: 'policyreports' }] }))
  server.next(answer(200, { metadata: {}, items: [] }))
  for (const status of [403, 403, 404, 422]) server.next(refuse(status, 'no'))
  t.match(await reports.write(report(names(6)), signal), { written: 2, failed: 4, unchanged: 0 })
  t.strictSame(problems, ['forbidden', 'invalid'])
  t.match(await reports.write(report(names(6)), signal), { written: 4, failed: 0, unchanged: 2 })
  t.equal(writes(), 10)
})

t.test('an API server that refuses everything is left alone after twenty failures', async t => {
  const { server, reports, writes } = await fixture(t)
  server.next(answer(200, { resources: [{ name: 'policyreports' }] }))
  server.next(answer(200, { metadata: {}, items: [] }))
  for (let index = 0; index < 20; index += 1) server.next(refuse(503, 'no'))
  t.match(await reports.write(report(names(50)), signal), {
    written: 0,
    failed: 20,
    unchanged: 0,
    pending: 30,
  })
  t.equal(writes(), 20)
  t.match(await reports.write(report(names(50)), signal), { written: 50, failed: 0 })
})

t.test('what was not looked at yet leaves the report that there is', async t => {
  const { reports } = await fixture(t)
  const known: Row = { newest: '1.25.5' }
  const unknown: Row = { verdict: 'unknown', reason: 'not-checked-yet' }
  await reports.write(report([known]), signal)
  t.match(await reports.write(report([unknown]), signal), { written: 0, unchanged: 1 })
  t.match(await reports.write(report([{ ...unknown, name: 'other' }], false), signal), { written: 1 })
})

t.test('one that does not lead any more writes nothing', async t => {
  const { reports, resign, writes } = await fixture(t)
  await reports.write(report(names(1)), signal)
  resign()
  const failing = reports.write(report(names(3)), signal)
  await t.rejects(failing, { code: 'superseded' })
  await failing.catch((error: unknown) => t.ok(error instanceof KubernetesError))
  t.equal(writes(), 1)
})

const nameOf = (row: Row): string => made(row).name
const web: Row = { name: 'web', newest: '1.25.5' }
const path = `${folder}/${nameOf(web)}`
const leftAlone = `write policyreports default/${nameOf(web)}: there is one without the label app.kubernetes.io/managed-by=patchline, which is left alone; remove it, if no other tool keeps it`
const another = (labels?: Readonly<Record<string, string>>) => ({ metadata: { name: nameOf(web), labels } })

for (const labels of [undefined, {}, { 'app.kubernetes.io/managed-by': 'another' }]) {
  const what = `a report with the labels ${JSON.stringify(labels)}`
  t.test(`${what}, there before ours: left alone, said and counted`, async t => {
    const { stored, reports, messages } = await fixture(t)
    stored.set(path, another(labels))
    const before = stored.objects.get(path)
    const rows = [web, { name: 'db' }]
    const left = { written: 1, unchanged: 0, removed: 0, failed: 0, foreign: 1 }
    t.match(await reports.write(report(rows), signal), left)
    t.match(await reports.write(report(rows), signal), { ...left, written: 0, unchanged: 1 })
    t.match(await reports.write(report([]), signal), { removed: 1, foreign: 0 })
    t.strictSame([...stored.objects], [[path, before]])
    t.strictSame(messages, [leftAlone, leftAlone])
  })

  t.test(`${what}, in the place of ours: not changed, and not removed`, async t => {
    const { stored, reports, messages } = await fixture(t)
    t.match(await reports.write(report([web]), signal), { written: 1, foreign: 0 })
    stored.set(path, another(labels))
    const before = stored.objects.get(path)
    const newer = { ...web, newest: '1.25.6' }
    t.match(await reports.write(report([newer]), signal), { written: 0, failed: 0, foreign: 1 })
    t.match(await reports.write(report([]), signal), { removed: 0, failed: 0, foreign: 1 })
    t.strictSame([...stored.objects], [[path, before]])
    t.strictSame(messages, [leftAlone, leftAlone])
  })
}

t.test(
  'a report of ours that was changed, removed or made by others meanwhile is ours all the same',
  async t => {
    const { stored, reports, messages } = await fixture(t)
    const cycle = async (row: Row) => reports.write(report([row]), signal)
    await cycle(web)
    const ours = stored.objects.get(path) ?? { metadata: {} }
    stored.set(path, ours)
    t.match(await cycle({ ...web, newest: '1.25.6' }), { written: 1, failed: 0 }, 'touched')
    stored.objects.delete(path)
    t.match(await cycle({ ...web, newest: '1.25.7' }), { written: 1, failed: 0 }, 'removed')
    stored.set(path, ours)
    t.match(await reports.write(report([]), signal), { removed: 1, failed: 0 }, 'touched, then to be removed')
    stored.set(path, ours)
    t.match(await cycle(web), { written: 1, failed: 0 }, 'there unseen')
    stored.objects.delete(path)
    t.match(await reports.write(report([]), signal), { removed: 1, failed: 0 }, 'removed before')
    t.strictSame([...stored.objects], [])
    t.strictSame(messages, [])
  },
)

const four = (newest: string): Row[] => names(4).map(row => ({ ...row, newest }))

t.test(
  'a newer report takes the place of what is not written yet, and each workload has its turn',
  async t => {
    const { reports, server, pending } = await fixture(t)
    const written = (): readonly string[] =>
      server.received
        .filter(({ method }) => method === 'POST' || method === 'PATCH')
        .map(({ body }) => /"name":"(web-\d+)"/.exec(body)?.[1] ?? '')
    /** As many as can be written before the next report comes. */
    const write = (rows: readonly Row[], most: number) => {
      const before = written().length
      return reports.write(report(rows), signal, () => written().length - before >= most)
    }
    t.match(await write(four('1.25.2'), 3), { written: 3, unchanged: 0, pending: 1 })
    t.strictSame(pending, [4, 3, 2, 1])
    t.match(await write(four('1.25.3'), 3), { written: 3, pending: 1 })
    t.strictSame(written().slice(3), ['web-3', 'web-0', 'web-1'], 'what was never written comes first')
    t.match(await write(four('1.25.3'), 3), { written: 1, unchanged: 3, pending: 0 })
    t.strictSame(written().slice(6), ['web-2'], 'the rest, and nothing of the report before')
    t.match(
      await write(four('1.25.4').slice(2), 1),
      { removed: 2, written: 1, pending: 1 },
      'what is gone goes first',
    )
    t.equal(pending.at(-1), 1)
  },
)

const inNamespace = (namespace: string, count: number, newest = '1.25.5'): Row[] =>
  names(count).map(row => ({ ...row, namespace, newest }))

for (const [code, problem] of [
  [403, 'forbidden'],
  [422, 'invalid'],
  [404, undefined],
] as const)
  t.test(`a namespace that answers ${code} to every new report keeps no other one waiting`, async t => {
    const { reports, stored, problems, server, refuseIn } = await fixture(t)
    refuseIn('a', code)
    const rows = [...inNamespace('a', 30), ...inNamespace('b', 30)]
    const all = { written: 30, failed: 30, pending: 0 }
    t.match(await reports.write(report(rows), signal), all)
    t.equal(stored.objects.size, 30)
    const attempts = () => server.received.filter(({ url }) => url.pathname.includes('/namespaces/a/')).length
    t.equal(attempts(), 5, 'the rest of it is not tried')
    t.strictSame(problems, problem === undefined ? [] : [problem])
    t.match(await reports.write(report(rows), signal), { written: 0, unchanged: 30, failed: 30, pending: 0 })
    t.equal(attempts(), 10)
  })

t.test('a right that is missing everywhere is asked for twice in a cycle', async t => {
  const { reports, problems, server, mayNotCreateIn } = await fixture(t)
  const spaces = ['a', 'b', 'c', 'd']
  mayNotCreateIn(...spaces)
  const rows = spaces.flatMap(namespace => inNamespace(namespace, 3))
  const attempts = () => server.received.filter(({ method }) => method === 'POST').length
  t.match(await reports.write(report(rows), signal), { written: 0, failed: 12, pending: 0 })
  t.equal(attempts(), 2)
  t.match(await reports.write(report(rows), signal), { written: 0, failed: 12, pending: 0 })
  t.equal(attempts(), 4)
  t.strictSame(problems, ['forbidden', 'forbidden'], 'once in a cycle')
})

t.test('a right that is missing in some namespaces keeps the others not waiting', async t => {
  const { reports, server, mayNotCreateIn } = await fixture(t)
  mayNotCreateIn('b', 'c')
  const rows = ['a', 'b', 'c', 'd'].flatMap(namespace => inNamespace(namespace, 3))
  t.match(await reports.write(report(rows), signal), { written: 6, failed: 6, pending: 0 })
  t.equal(server.received.filter(({ method }) => method === 'POST').length, 8, 'one in each of them')
})

t.test('where the first have no right, the others come in the next cycle', async t => {
  const { reports, mayNotCreateIn } = await fixture(t)
  mayNotCreateIn('a', 'b')
  const rows = ['a', 'b', 'c'].flatMap(namespace => inNamespace(namespace, 1))
  t.match(await reports.write(report(rows), signal), { written: 0, failed: 3 })
  t.match(await reports.write(report(rows), signal), { written: 1, failed: 2 })
})

t.test('a quota refuses what is new, and what is there is brought up to date all the same', async t => {
  const { reports, refuseIn } = await fixture(t)
  await reports.write(report(inNamespace('a', 8)), signal)
  refuseIn('a', 403, 'POST')
  const rows = [
    ...inNamespace('a', 8, '1.25.6'),
    ...inNamespace('a', 20).map(row => ({ ...row, name: `new-${row.name}` })),
  ]
  t.match(await reports.write(report(rows), signal), { written: 8, failed: 20, pending: 0 })
})

t.test('what was refused comes last in the next cycle', async t => {
  const { reports, stored, server } = await fixture(t)
  server.next(answer(200, { resources: [{ name: 'policyreports' }] }))
  server.next(answer(200, { metadata: {}, items: [] }))
  for (let index = 0; index < 5; index += 1) server.next(refuse(422, 'strange'))
  const first = server.received.length
  t.match(await reports.write(report(names(7)), signal), { written: 0, failed: 7 })
  t.match(await reports.write(report(names(7)), signal), { written: 7, failed: 0 })
  const written = server.received
    .slice(first)
    .flatMap(({ body }) => /"name":"(web-\d)"/.exec(body)?.[1] ?? [])
  t.strictSame(written.map(name => name.slice(4)).join(''), '012345601234')
  t.equal(stored.objects.size, 7)
})

t.test('a kind of reports that is gone is looked for again', async t => {
  const { reports, server, refuseIn } = await fixture(t)
  refuseIn('a', 404)
  await reports.write(report(inNamespace('a', 6)), signal)
  server.next(answer(404, {}))
  server.next(answer(404, {}))
  t.match(await reports.write(report(inNamespace('a', 6)), signal), { resource: undefined, failed: 0 })
})
