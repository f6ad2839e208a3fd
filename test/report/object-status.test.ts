import t from 'tap'
import type { Drift, NamedException } from '../../src/audit/index.ts'
import type { ExceptionState, PatchException, PatchPolicy } from '../../src/policy/index.ts'
import { statusChanges, type ObservedObject } from '../../src/report/index.ts'
import { drift, type Row } from '../notification/reports.ts'
import { exceptionOf, policyOf } from '../policy/decision/policies.ts'

const startedAt = 1_000_000
const finishedAt = 1_060_000
const at = '1970-01-01T00:17:40.000Z'
const hour = 3_600_000

const reportOf = (rows: readonly Drift[], end = finishedAt) => ({
  startedAt,
  finishedAt: end,
  rows,
  complete: true,
  problems: [],
  ignored: [],
})

const usual = { resourceVersion: '7', generation: 2, seenAt: 0, problems: [], status: undefined }
const policy = (differences: Partial<ObservedObject<PatchPolicy>> = {}): ObservedObject<PatchPolicy> => ({
  ...usual,
  namespace: '',
  name: 'production',
  good: policyOf('production'),
  ...differences,
})
const exception = (
  differences: Partial<ObservedObject<PatchException>> = {},
): ObservedObject<PatchException> => ({
  ...usual,
  namespace: 'shop',
  name: 'nginx',
  good: exceptionOf('nginx'),
  ...differences,
})

type Decision = Partial<Pick<Drift, 'decidedBy' | 'enforced' | 'outcome' | 'exceptions'>>
const plain = { because: undefined, until: undefined, exception: undefined } as const
const nothing = { ...plain, action: 'nothing', otherwise: 'nothing' } as const
const refused = { ...plain, action: 'refuse', otherwise: 'refuse' } as const
const warned = { ...plain, action: 'warn', otherwise: 'warn' } as const
const excusedBy = (by: PatchException, otherwise: 'warn' | 'refuse' = 'refuse') =>
  ({ ...nothing, otherwise, because: 'exception', exception: by }) as const
const named = (state: ExceptionState, name = 'nginx'): NamedException => ({
  exception: exceptionOf(name),
  state,
})
const row = (decision: Decision, about: Row = { newest: '1.25.5' }): Drift => ({
  ...drift({ namespace: 'shop', ...about }),
  ...decision,
})

const ready = (differences: object = {}) => ({
  type: 'Ready',
  status: 'True',
  observedGeneration: 2,
  lastTransitionTime: at,
  reason: 'Valid',
  message: 'it is in force',
  ...differences,
})

t.test('a policy counts workloads, each once', t => {
  const by = { decidedBy: 'production' }
  const table: readonly (readonly [name: string, rows: readonly Drift[], counts: readonly number[]])[] = [
    ['nothing runs', [], [0, 0, 0, 0]],
    ['another policy decides', [row({ decidedBy: 'other', enforced: refused }), row({})], [0, 0, 0, 0]],
    [
      'two containers are one workload',
      [row({ ...by, enforced: refused }), row({ ...by, enforced: refused }, { container: 'b', newest: '2' })],
      [1, 1, 1, 0],
    ],
    [
      'two workloads of one name are two',
      [row(by), row(by, { kind: 'DaemonSet', newest: '2' }), row(by, { namespace: 'other' })],
      [3, 2, 0, 0],
    ],
    [
      'an exempt one is outdated too, and not refused',
      [
        row({
          ...by,
          enforced: excusedBy(exceptionOf('nginx')),
          outcome: excusedBy(exceptionOf('nginx')),
        }),
      ],
      [1, 1, 0, 1],
    ],
    ['a warning is no refusal', [row({ ...by, enforced: warned })], [1, 1, 0, 0]],
    ['one that is not judged is not outdated', [row(by, { exempt: true, newest: '2' })], [1, 0, 0, 0]],
  ]
  for (const [name, rows, [workloads, outdated, wouldRefuse, exempt]] of table)
    t.strictSame(
      statusChanges(reportOf(rows), { policies: [policy()], exceptions: [] }),
      [
        {
          kind: 'PatchPolicy',
          namespace: '',
          name: 'production',
          resourceVersion: '7',
          status: {
            observedGeneration: 2,
            workloads,
            outdated,
            wouldRefuse,
            exempt,
            lastEvaluated: at,
            conditions: [ready()],
          },
        },
      ],
      name,
    )
  t.end()
})

t.test('an exception says what came of it', t => {
  const own = exceptionOf('nginx')
  const longer = exceptionOf('longer')
  const table: readonly (readonly [
    name: string,
    rows: readonly Drift[],
    expected: readonly [state: string, workloads: number, wouldRefuse: number],
    object?: ObservedObject<PatchException>,
  ])[] = [
    ['it matches nothing', [row({})], ['NotNeeded', 0, 0]],
    ['it excuses', [row({ exceptions: [named('active')], enforced: excusedBy(own) })], ['Active', 1, 1]],
    [
      'it excuses a floating tag that is only warned about',
      [row({ exceptions: [named('active')], enforced: excusedBy(own, 'warn') }, { verdict: 'floating' })],
      ['Active', 1, 0],
    ],
    [
      'what it names is current',
      [row({ exceptions: [named('active')], enforced: nothing }, {})],
      ['NotNeeded', 1, 0],
    ],
    [
      'another one excuses the same for longer',
      [row({ exceptions: [named('active'), named('active', 'longer')], enforced: excusedBy(longer) })],
      ['Active', 1, 0],
    ],
    [
      'the policy does not allow it',
      [row({ exceptions: [named('not-allowed')], enforced: refused })],
      ['NotAllowed', 1, 1],
    ],
    [
      'not allowed, and not needed there',
      [row({ exceptions: [named('not-allowed')], enforced: nothing }, {})],
      ['NotAllowed', 1, 0],
    ],
    [
      'where it is needed it is not allowed',
      [
        row({ exceptions: [named('active')], enforced: nothing }, { name: 'current' }),
        row({ exceptions: [named('not-allowed')], enforced: refused }),
      ],
      ['NotAllowed', 2, 1],
    ],
    ['it is overtaken', [row({ exceptions: [named('overtaken')], enforced: refused })], ['Ended', 1, 1]],
    [
      'the policy ended it, and nothing is outdated',
      [row({ exceptions: [named('ended')], enforced: nothing }, {})],
      ['Ended', 1, 0],
    ],
    [
      'its author ended it, and it matches nothing',
      [],
      ['Ended', 0, 0],
      exception({ good: exceptionOf('nginx', { until: at }) }),
    ],
    ['it cannot be read', [], ['Invalid', 0, 0], exception({ good: undefined })],
  ]
  for (const [name, rows, [state, workloads, wouldRefuse], object = exception()] of table)
    t.strictSame(
      statusChanges(reportOf(rows), { policies: [], exceptions: [object] }),
      [
        {
          kind: 'PatchException',
          namespace: 'shop',
          name: 'nginx',
          resourceVersion: '7',
          status: {
            observedGeneration: 2,
            state,
            workloads,
            wouldRefuse,
            lastEvaluated: at,
            conditions: [ready()],
          },
        },
      ],
      name,
    )
  t.end()
})

t.test('Ready says whether the object is in force, and what is wrong with it', t => {
  const problem = { path: 'spec.match.images[0]', message: '"a@b" is no pattern of images' }
  const many = Array.from({ length: 12 }, () => ({ path: 'spec', message: 'x'.repeat(600) }))
  const invalid = (message: string) => ready({ status: 'False', reason: 'Invalid', message })
  const table = [
    [policy(), ready()],
    [
      policy({ problems: [problem] }),
      invalid(
        'the last version without problems is in force; spec.match.images[0]: "a@b" is no pattern of images',
      ),
    ],
    [
      policy({ good: undefined, problems: [problem] }),
      invalid('it does not count; spec.match.images[0]: "a@b" is no pattern of images'),
    ],
    [
      policy({ good: undefined, problems: many }),
      invalid(`it does not count; ${`${`spec: ${'x'.repeat(600)}`.slice(0, 500)}; `.repeat(10)}and 2 more`),
    ],
  ] as const
  for (const [object, condition] of table) {
    const [change] = statusChanges(reportOf([]), { policies: [object], exceptions: [] })
    t.strictSame(change?.status.conditions, [condition])
  }
  t.end()
})

const conditionsAfter = (conditions: readonly unknown[], differences = {}) =>
  statusChanges(reportOf([]), {
    policies: [policy({ status: { conditions }, ...differences })],
    exceptions: [],
  })[0]?.status.conditions

t.test('the time of a transition stays while the status does, and conditions of others stay', t => {
  const before = '1969-12-31T00:00:00.000Z'
  const other = { ...ready({ type: 'Synced', message: '' }), lastTransitionTime: before }
  const old = ready({ lastTransitionTime: before, message: 'in other words' })
  t.strictSame(conditionsAfter([old, other]), [other, ready({ lastTransitionTime: before })])
  const problems = [{ path: 'spec', message: 'no' }]
  t.match(conditionsAfter([old], { problems }), [{ status: 'False', lastTransitionTime: at }])
  t.strictSame(conditionsAfter([{ type: 'Bad' }, 3, { ...other, status: 'yes' }]), [ready()])
  t.strictSame(
    conditionsAfter([], { seenAt: finishedAt + 1000 }),
    [ready({ lastTransitionTime: '1970-01-01T00:17:41.000Z' })],
    'a version that came after the report is not older than itself',
  )
  t.end()
})

t.test('what is as it was is not written, but for the time after an hour', t => {
  const [first] = statusChanges(reportOf([]), { policies: [policy()], exceptions: [] })
  const written = policy({ status: first?.status })
  const again = (end: number, object = written) =>
    statusChanges(reportOf([], end), { policies: [object], exceptions: [] })
  t.strictSame(again(finishedAt), [])
  t.strictSame(again(finishedAt + hour - 1), [])
  t.match(again(finishedAt + hour), [
    { status: { lastEvaluated: '1970-01-01T01:17:40.000Z', conditions: [ready()] } },
  ])
  t.match(again(finishedAt, { ...written, generation: 3 }), [{ status: { observedGeneration: 3 } }])
  t.match(again(finishedAt, { ...written, status: { ...first?.status, lastEvaluated: 'never' } }), [
    { status: { lastEvaluated: at } },
  ])
  t.end()
})

t.test('a report that began before a version says nothing of it but whether it can be read', t => {
  const objects = { seenAt: startedAt + 1 }
  const changes = statusChanges(reportOf([row({ decidedBy: 'production', enforced: refused })]), {
    policies: [policy(objects)],
    exceptions: [exception(objects)],
  })
  t.strictSame(
    changes.map(({ status }) => status),
    [{ conditions: [ready()] }, { conditions: [ready()] }],
  )
  t.end()
})
