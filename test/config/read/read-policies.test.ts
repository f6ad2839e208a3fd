import t from 'tap'
import { InvalidConfigError, readConfig } from '../../../src/config/index.ts'

const surroundings = {
  environment: {},
  baseDirectory: '/etc/patchline',
  readFile: () => {
    throw new Error('nothing is read')
  },
}

t.test('policies and exceptions of the file', async t => {
  const text = `
policies:
  - name: production
    spec:
      match: { images: [nginx] }
      mode: enforce
      releaseChannel: lts
      exceptions: { namespaceSelector: {} }
  - name: rest
    spec:
exceptions:
  - name: nginx-for-the-shop
    namespace: shop
    created: 2026-11-01
    spec: { images: [nginx], until: '2026-12-01T00:00:00Z', reason: it breaks, owner: team-shop }`
  const { policies, exceptions } = readConfig(text, surroundings)
  t.match(policies, [
    { name: 'file/production', origin: 'file', priority: 0, mode: 'enforce', rule: { channel: 'lts' } },
    { name: 'file/rest', mode: undefined },
  ])
  t.match(exceptions, [
    {
      name: 'file/nginx-for-the-shop',
      namespace: 'shop',
      createdAt: 1_793_491_200_000,
      until: 1_796_083_200_000,
    },
  ])
})

t.test('all problems at once, by path and line', async t => {
  const text = `
mode: loud
policies:
  - name: First
    spec: {}
  - name: broken
    spec: { range: one, match: { images: ['nginx@x'] }, minimumAge: 0d }
  - name: broken
    spec: { mode: warn, grace: { period: 2w } }
  - name: unknown
    spec: { startegy: patch }
exceptions:
  - { name: a, namespace: shop, created: soon, spec: {} }
  - { name: b, namespace: shop, created: 2026-11-01, spec: { images: [nginx] } }`
  const error = t.throws(() => readConfig(text, surroundings), { name: 'InvalidConfigError' })
  const problems = error instanceof InvalidConfigError ? error.problems : []
  t.strictSame(
    problems.map(({ path, message, line }) => `${line} ${path}: ${message}`),
    [
      '2 mode: must be one of off, audit, warn, enforce, not "loud"',
      '4 policies[0].name: must be a name of lower-case letters, digits and dashes, not "First"',
      '13 exceptions[0].created: must be a day like 2026-10-28, not "soon"',
      '7 policies[1].spec.minimumAge: must match pattern "^[1-9][0-9]{0,4}(m|h|d|w)$"',
      '9 policies[2].spec.grace: a grace period needs mode enforce: the other modes refuse nothing',
      '11 policies[3].spec: there is no "startegy"',
      `14 exceptions[1].spec: must have required property 'until'`,
      `14 exceptions[1].spec: must have required property 'reason'`,
      `14 exceptions[1].spec: must have required property 'owner'`,
      '8 policies[2].name: broken is there already, as policies[1]',
    ],
  )
})
