import { anything, assert, property } from 'fast-check'
import t from 'tap'
import { isProblems, readException, readPolicy } from '../../../src/policy/index.ts'

const usual = { images: ['nginx'], until: '2027-01-31T00:00:00Z', reason: 'r', owner: 'o' }

/** An object in an object, and so on. */
function nested(depth: number): unknown {
  return JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)
}

t.test('what is wrong with a policy', async t => {
  const rows: [spec: unknown, problems: string[]][] = [
    [[], ['spec it must be an object']],
    [{ mode: 'loud' }, ['spec.mode must be one of off, audit, warn, enforce']],
    [{ mdoe: 'warn' }, ['spec there is no "mdoe"']],
    [
      { match: { images: ['nginx', 'Nginx', 'a@b'] } },
      [
        'spec.match.images[1] "Nginx" is no pattern of images: the repository must be lower case',
        'spec.match.images[2] "a@b" is no pattern of images: a pattern has no digest',
      ],
    ],
    [
      { mode: 'warn', grace: { period: '2d' } },
      ['spec.grace a grace period needs mode enforce: the other modes refuse nothing'],
    ],
    [{ grace: { period: '2 days' } }, ['spec.grace.period must match pattern "^[1-9][0-9]{0,4}(m|h|d|w)$"']],
    [{ match: nested(30) }, ['spec it is nested too deeply']],
    [{ match: nested(100_000) }, ['spec it is nested too deeply']],
    [{ exceptions: {} }, ["spec.exceptions must have required property 'namespaceSelector'"]],
  ]
  for (const [spec, problems] of rows) {
    const read = readPolicy({ metadata: { name: 'p' }, spec })
    t.ok(isProblems(read), problems.join())
    if (isProblems(read))
      t.strictSame(
        read.map(({ path, message }) => `${path} ${message}`),
        problems,
      )
  }
})

t.test('what is wrong with an exception', async t => {
  const rows: [spec: object, problem: RegExp][] = [
    [{ ...usual, until: '2027-02-30T00:00:00Z' }, /^spec\.until must match format "date-time"$/],
    [{ ...usual, images: [] }, /^spec\.images must NOT have fewer than 1 items$/],
    [{ ...usual, images: ['a b'] }, /^spec\.images\[0\] "a b" is no pattern of images: /],
    [{ images: ['nginx'], until: usual.until, reason: 'r' }, /^spec must have required property 'owner'$/],
  ]
  for (const [spec, problem] of rows) {
    const read = readException({ metadata: { name: 'x', namespace: 'shop' }, spec }, 0)
    t.match(isProblems(read) && read.map(({ path, message }) => `${path} ${message}`), [problem])
  }
})

t.test('the object that is read stays as it is', async t => {
  const object = { metadata: { name: 'p' }, spec: { mode: 'warn' } }
  t.match(readPolicy(object), { name: 'p', priority: 0, match: { images: undefined } })
  t.strictSame(object.spec, { mode: 'warn' })
})

t.test('whatever is read, nothing is thrown', async () => {
  assert(
    property(anything(), anything(), (spec, more) => {
      readPolicy(spec)
      readPolicy({ metadata: more, spec })
      readException({ metadata: more, spec }, 0)
    }),
  )
})
