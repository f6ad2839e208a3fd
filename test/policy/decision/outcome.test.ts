import t from 'tap'
import {
  datedFinding,
  emergencyOf,
  exceptionState,
  outcomeOf,
  rulesFor,
  type Finding,
  type Outcome,
  type PatchException,
  type PatchPolicy,
  type Subject,
} from '../../../src/policy/index.ts'
import { bookWith, day, exceptionOf, imageOf, outdated, policyOf, subjectOf } from './policies.ts'

interface Given {
  readonly policies?: readonly PatchPolicy[]
  readonly exceptions?: readonly PatchException[]
  readonly subject?: Partial<Subject>
  readonly finding?: Partial<Finding>
  readonly now?: number
}

function outcome({ policies = [], exceptions = [], finding = {}, now = 0, ...given }: Given): Outcome {
  const subject = subjectOf(given.subject)
  const rules = rulesFor(imageOf(), subject, bookWith(policies, exceptions))
  return outcomeOf(rules, { ...outdated, ...finding }, { subject, now })
}

const modeOf = (mode: string) => [policyOf('p', { mode })]
const everywhere = { namespaceSelector: {} }
const excusing = policyOf('p', { mode: 'enforce', exceptions: everywhere })

t.test('what a mode does about each verdict', async t => {
  const verdicts = ['outdated', 'current', 'floating', 'unversioned', 'unknown'] as const
  for (const mode of ['off', 'audit', 'warn', 'enforce'])
    for (const verdict of verdicts) {
      const wanted = mode === 'enforce' ? 'refuse' : mode === 'warn' ? 'warn' : 'nothing'
      const { action } = outcome({ policies: modeOf(mode), finding: { verdict } })
      t.equal(action, verdict === 'outdated' ? wanted : 'nothing', `${mode} ${verdict}`)
    }
})

t.test('what a policy does about what cannot be told to be current', async t => {
  const others = { floating: 'warn', unversioned: 'refuse', unknown: 'refuse' }
  const rows: [mode: string, Partial<Finding>, string][] = [
    ['enforce', { verdict: 'floating' }, 'warn'],
    ['enforce', { verdict: 'unversioned' }, 'refuse'],
    ['warn', { verdict: 'unversioned' }, 'warn'],
    ['audit', { verdict: 'unversioned' }, 'nothing'],
    ['enforce', { verdict: 'unknown', reason: 'not-found' }, 'refuse'],
    ['enforce', { verdict: 'unknown', reason: 'not-allowed' }, 'refuse'],
    ['enforce', { verdict: 'unknown', reason: 'unavailable' }, 'warn'],
    ['enforce', { verdict: 'unknown', reason: 'not-checked-yet' }, 'warn'],
    ['enforce', { verdict: 'unknown', reason: 'rate-limited' }, 'warn'],
    ['enforce', { verdict: 'unknown', reason: 'unauthorized' }, 'warn'],
    ['enforce', { verdict: 'current' }, 'nothing'],
  ]
  for (const [mode, finding, expected] of rows)
    t.equal(
      outcome({ policies: [policyOf('p', { mode, others })], finding }).action,
      expected,
      JSON.stringify([mode, finding]),
    )
})

t.test('data that may be wrong refuses nothing', async t => {
  const policies = modeOf('enforce')
  t.match(outcome({ policies, finding: { stale: true } }), {
    action: 'warn',
    otherwise: 'refuse',
    because: 'stale',
  })
  t.match(outcome({ policies, finding: { unproven: true } }), { action: 'warn', because: 'unproven' })
})

t.test('grace counts from the first newer tag', async t => {
  const policies = [policyOf('p', { mode: 'enforce', grace: { period: '2d' } })]
  const rows: [firstSeenNewer: number | undefined, now: number, action: string, until: number | undefined][] =
    [
      [0, 0, 'warn', 2 * day],
      [0, 2 * day - 1, 'warn', 2 * day],
      [0, 2 * day, 'refuse', undefined],
      [day, 2 * day, 'warn', 3 * day],
      [undefined, 9 * day, 'warn', 11 * day],
    ]
  for (const [firstSeenNewer, now, action, until] of rows)
    t.match(
      outcome({ policies, finding: { firstSeenNewer }, now }),
      { action, otherwise: 'refuse', until, because: action === 'warn' ? 'grace' : undefined },
      `${firstSeenNewer} ${now}`,
    )
})

t.test('the cluster may remember longer than a process', async t => {
  const policies = [policyOf('p', { mode: 'enforce', grace: { period: '2d' } })]
  const subject = subjectOf()
  const graced = rulesFor(imageOf(), subject, bookWith(policies))
  const found = { ...outdated, reference: imageOf().reference, firstSeenNewer: 5 }
  const rows: [number | undefined, number][] = [
    [undefined, 5],
    [3, 3],
    [9, 5],
  ]
  for (const [since, expected] of rows)
    t.equal(datedFinding(found, graced, { behindSince: () => since }).firstSeenNewer, expected)
  const asked = {
    behindSince(): number {
      throw new Error('asked')
    },
  }
  t.equal(datedFinding(found, rulesFor(imageOf(), subject, bookWith()), asked), found, 'without grace')
  t.equal(datedFinding({ ...found, reference: undefined }, graced, asked).firstSeenNewer, 5)
  t.equal(datedFinding(found, graced, {}), found)
})

t.test('an emergency is warned about', async t => {
  const policies = [policyOf('p', { mode: 'enforce', breakGlass: {} })]
  const subject = { annotations: { 'patchline.dev/break-glass': 'INC-7' } }
  t.match(outcome({ policies, subject }), { action: 'warn', otherwise: 'refuse', because: 'break-glass' })
})

t.test('there is no emergency as long as something else lets the image through', async t => {
  const policies = [policyOf('p', { mode: 'enforce', grace: { period: '2d' }, breakGlass: {} })]
  const subject = { annotations: { 'patchline.dev/break-glass': 'INC-7' } }
  const rows: [finding: Partial<Finding>, now: number, because: string][] = [
    [{ firstSeenNewer: 0 }, 2 * day - 1, 'grace'],
    [{ firstSeenNewer: 0 }, 2 * day, 'break-glass'],
    [{ firstSeenNewer: 0, stale: true }, 2 * day, 'stale'],
    [{ firstSeenNewer: 0, unproven: true }, 2 * day, 'unproven'],
  ]
  for (const [finding, now, because] of rows)
    t.match(outcome({ policies, subject, finding, now }), { action: 'warn', because }, because)
})

t.test('what is told of an emergency', async t => {
  const used = { because: 'break-glass' } as const
  const policy = policyOf('p', { mode: 'enforce', breakGlass: { channel: 'on-call' } })
  const silent = policyOf('p', { mode: 'enforce', breakGlass: {} })
  const rows: [
    PatchPolicy | undefined,
    breakGlass: string | undefined,
    because: object,
    expected: unknown,
  ][] = [
    [policy, 'INC-7', used, { policy: 'p', reason: 'INC-7', channel: 'on-call' }],
    [silent, 'INC-7', used, { policy: 'p', reason: 'INC-7', channel: undefined }],
    [silent, 'a\n\u202Eb', used, { policy: 'p', reason: 'ab', channel: undefined }],
    [silent, 'x'.repeat(201), used, { policy: 'p', reason: `${'x'.repeat(199)}…`, channel: undefined }],
    [policy, 'INC-7', { because: undefined }, undefined],
    [policy, 'INC-7', { because: 'grace' }, undefined],
    [policy, undefined, used, undefined],
    [undefined, 'INC-7', used, undefined],
  ]
  for (const [by, breakGlass, outcome, expected] of rows)
    t.strictSame(emergencyOf({ policy: by, breakGlass }, { because: undefined, ...outcome }), expected)
})

t.test('what an exception excuses is decided all the same', async t => {
  const [short, long] = [exceptionOf('short', { until: '1970-01-03T00:00:00Z' }), exceptionOf('long')]
  t.match(outcome({ policies: [excusing], exceptions: [short, long] }), {
    action: 'nothing',
    otherwise: 'refuse',
    because: 'exception',
    until: 10 * day,
    exception: { name: 'long' },
  })
  const warning = policyOf('p', { mode: 'warn', exceptions: everywhere })
  t.match(outcome({ policies: [warning], exceptions: [short] }), { action: 'nothing', otherwise: 'warn' })
  t.match(outcome({ policies: [excusing], exceptions: [short], now: 2 * day }), { action: 'refuse' })
})

t.test('the state of an exception', async t => {
  const inProd = { matchLabels: { env: 'prod' } }
  const limited = policyOf('p', { exceptions: { namespaceSelector: inProd, longest: '3d' } })
  const rows: [PatchPolicy[], object, Partial<Subject>, newest: string | undefined, now: number, string][] = [
    [[excusing], {}, {}, '1.25.5', 0, 'active'],
    [[excusing], {}, {}, '1.25.5', 10 * day - 1, 'active'],
    [[excusing], {}, {}, '1.25.5', 10 * day, 'ended'],
    [[limited], {}, {}, '1.25.5', 3 * day - 1, 'active'],
    [[limited], {}, {}, '1.25.5', 3 * day, 'ended'],
    [[limited], {}, { namespaceLabels: {} }, '1.25.5', 0, 'not-allowed'],
    [[limited], {}, { namespaceLabels: undefined }, '1.25.5', 0, 'active'],
    [[], {}, {}, '1.25.5', 0, 'not-allowed'],
    [modeOf('enforce'), {}, {}, '1.25.5', 0, 'not-allowed'],
    [[excusing], { upTo: '1.25.5' }, {}, '1.25.5', 0, 'active'],
    [[excusing], { upTo: '1.25.5' }, {}, '1.25.4', 0, 'active'],
    [[excusing], { upTo: '1.25.5' }, {}, '1.25.6', 0, 'overtaken'],
    [[excusing], { upTo: '1.25.5' }, {}, '1.25.10', 0, 'overtaken'],
    [[excusing], { upTo: 'nightly' }, {}, '1.25.5', 0, 'overtaken'],
    [[excusing], { upTo: '1.25.5' }, {}, undefined, 0, 'active'],
  ]
  for (const [policies, spec, given, newest, now, expected] of rows) {
    const subject = subjectOf(given)
    const rules = rulesFor(imageOf(), subject, bookWith(policies))
    const state = exceptionState(exceptionOf('x', spec), rules, { subject, now, newest })
    t.equal(state, expected, JSON.stringify([policies.map(one => one.name), spec, given, newest, now]))
  }
})
