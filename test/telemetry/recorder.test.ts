import t from 'tap'
import type { Decision, ReviewEvent } from '../../src/admission/index.ts'
import type { Evaluation } from '../../src/evaluation/index.ts'
import { createRecorder } from '../../src/telemetry/index.ts'

const evaluation: Evaluation = {
  image: 'nginx:1.25.1',
  reference: undefined,
  verdict: 'outdated',
  reason: 'newer',
  detail: undefined,
  detailForOthers: undefined,
  newest: '1.25.5',
  newestDigest: undefined,
  source: undefined,
  newestSeenAt: undefined,
  newestPublishedAt: undefined,
  firstSeenNewer: undefined,
  waiting: undefined,
  elsewhere: undefined,
  line: '1.25',
  behind: 4,
  counted: 'versions',
  age: 1000,
  stale: false,
  overdue: false,
  unproven: false,
  passed: [],
  wasListed: false,
}

function eventOf(decision: Decision, evaluations: readonly Evaluation[] = [evaluation]): ReviewEvent {
  const object = { operation: 'CREATE', kind: 'Deployment', namespace: 'web', name: 'shop' }
  return {
    endpoint: 'validate',
    uid: 'u',
    ...object,
    user: 'operator',
    decision,
    emergency: undefined,
    evaluations,
  }
}

function world(debug = false) {
  const lines: unknown[] = []
  const counts: unknown[] = []
  const inNamespaces: unknown[] = []
  const emergencies: unknown[] = []
  const recorder = createRecorder({
    log: {
      debug: (fields, message) => void lines.push(['debug', message, fields]),
      info: (fields, message) => void lines.push(['info', message, fields]),
      isLevelEnabled: level => level !== 'debug' || debug,
    },
    metrics: {
      countRequest: (...labels) => void counts.push(labels),
      countInNamespace: (...labels) => void inNamespaces.push(labels),
      countEmergency: (...labels) => void emergencies.push(labels),
      observeDuration: (...labels) => void counts.push(labels),
      countVerdict: (...labels) => void counts.push(labels),
    },
  })
  return { recorder, lines, counts, inNamespaces, emergencies }
}

const fields = {
  uid: 'u',
  endpoint: 'validate',
  operation: 'CREATE',
  kind: 'Deployment',
  namespace: 'web',
  name: 'shop',
  images: [{ image: 'nginx:1.25.1', verdict: 'outdated', newest: '1.25.5' }],
}

t.test('what a person was told is a line, the rest only for debugging', async t => {
  const rows: readonly (readonly [Decision, readonly unknown[], readonly unknown[]])[] = [
    ['denied', [['info', 'review denied', fields]], [['info', 'review denied', fields]]],
    ['warned', [['info', 'review warned', fields]], [['info', 'review warned', fields]]],
    [
      'spared',
      [['info', 'review spared', { ...fields, user: 'operator' }]],
      [['info', 'review spared', { ...fields, user: 'operator' }]],
    ],
    ['patched', [], [['debug', 'review passed', { ...fields, decision: 'patched' }]]],
    ['allowed', [], [['debug', 'review passed', { ...fields, decision: 'allowed' }]]],
    ['skipped', [], [['debug', 'review passed', { ...fields, decision: 'skipped' }]]],
  ]
  for (const [decision, usual, debugging] of rows) {
    const quiet = world()
    quiet.recorder.reviewed(eventOf(decision), 0.25)
    t.strictSame(quiet.lines, usual, decision)
    t.strictSame(quiet.counts, [['validate', 'CREATE', decision], ['validate', 0.25], ['outdated']])
    const loud = world(true)
    loud.recorder.reviewed(eventOf(decision), 0.25)
    t.strictSame(loud.lines, debugging, `${decision}, at level debug`)
  }
})

t.test('an emergency is counted, and a line with who and why', async t => {
  const { recorder, lines, emergencies } = world()
  recorder.reviewed(eventOf('warned'), 0)
  t.strictSame([lines.length, emergencies], [1, []])
  recorder.reviewed({ ...eventOf('warned'), emergency: { policy: 'strict', reason: 'INC-7' } }, 0)
  t.strictSame(lines.slice(1), [
    ['info', 'review warned', fields],
    [
      'info',
      'break-glass used',
      {
        uid: 'u',
        operation: 'CREATE',
        kind: 'Deployment',
        namespace: 'web',
        name: 'shop',
        user: 'operator',
        policy: 'strict',
        reason: 'INC-7',
      },
    ],
  ])
  t.strictSame(emergencies, [['web', 'strict']])
})

t.test('a long image is cut, and where there is no newest the reason stands', async t => {
  const { recorder, lines } = world()
  const unknown = {
    ...evaluation,
    image: 'x'.repeat(1000),
    verdict: 'unknown',
    reason: 'invalid-reference',
  } as const
  recorder.reviewed(eventOf('warned', [{ ...unknown, newest: undefined }]), 0)
  t.match(lines, [
    [
      'info',
      'review warned',
      { images: [{ image: `${'x'.repeat(300)}…`, verdict: 'unknown', reason: 'invalid-reference' }] },
    ],
  ])
})

const unlistedIn = (registry: string) => {
  const reference = { registry, repository: 'app', tag: '1', digest: undefined }
  return { ...evaluation, reference, verdict: 'unknown', reason: 'not-allowed', newest: undefined } as const
}

t.test('a registry that the configuration does not list is told to the operator, once', async t => {
  const { recorder, lines } = world()
  recorder.reviewed(eventOf('allowed', [unlistedIn('one.example'), unlistedIn('two.example')]), 0)
  recorder.reviewed(eventOf('allowed', [unlistedIn('one.example')]), 0)
  const text = 'registry not in the configuration'
  t.strictSame(lines, [
    ['info', text, { registry: 'one.example', namespace: 'web' }],
    ['info', text, { registry: 'two.example', namespace: 'web' }],
  ])
  for (let at = 0; at < 2000; at++) recorder.reviewed(eventOf('allowed', [unlistedIn(`${at}.example`)]), 0)
  t.equal(lines.length, 1000)
})

t.test('a failure is counted in the place of a decision', async t => {
  const { recorder, counts, lines } = world()
  recorder.failed('mutate', 'shed')
  t.strictSame(counts, [['mutate', 'other', 'shed']])
  t.strictSame(lines, [])
})

t.test('what is decided is counted for its namespace', async t => {
  const { recorder, inNamespaces } = world()
  recorder.reviewed(eventOf('denied'), 0.001)
  t.strictSame(inNamespaces, [['web', 'validate', 'denied']])
})
