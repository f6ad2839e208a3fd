import * as fc from 'fast-check'
import type { Message, Finding } from '../../src/notification/index.ts'
import { findingsOf } from '../../src/notification/findings.ts'
import { report, type Row } from '../notification/reports.ts'

/** When the messages of these tests are written. */
export const at = Date.UTC(2026, 10, 21, 10, 0)
const day = 86_400_000
const manager = { by: 'helm', name: 'shop', namespace: 'shop', chart: 'shop-2.1.0' } as const

/** What the notification makes of the rows of a report. */
export function findings(rows: readonly Row[]): readonly Finding[] {
  return findingsOf(report(rows), at).findings
}

const none = { overdue: 0, oldestCheckedAt: undefined, missing: 0 }

/** A message of nothing, but for what is given. */
export function messageWith(parts: Partial<Message> = {}): Message {
  return {
    cluster: 'prod-eu',
    at,
    occasion: 'change',
    totals: {
      ...none,
      workloads: 40,
      containers: 240,
      outdated: 12,
      failing: 0,
      snoozed: 0,
      skipped: 0,
      old: 3,
    },
    appeared: [],
    changed: [],
    resolved: [],
    removed: [],
    goneNamespaces: [],
    remaining: [],
    failing: [],
    emergencies: [],
    ...parts,
  }
}

const web: Row = { namespace: 'shop', newest: '1.25.5', since: at - 20 * day }
const migrate: Row = {
  namespace: 'shop',
  container: 'migrate',
  field: 'init',
  image: 'ghcr.io/acme/migrate:2.0.0',
  newest: '2.0.3',
  since: at - 2 * day,
}
const chart: Row = { namespace: 'shop', name: 'cart', newest: '1.25.5', since: at - 30 * 60_000, manager }
const nightly: Row = {
  namespace: 'batch',
  kind: 'CronJob',
  name: 'nightly',
  container: 'run',
  image: 'busybox:1.36.0',
  newest: '1.36.1',
  since: at - 5 * 3_600_000,
}
const linked: readonly Row[] = [
  { ...migrate, source: 'https://github.com/acme/migrate' },
  {
    namespace: 'batch',
    name: 'report',
    image: 'registry.acme.test/report:1.0.0',
    newest: '1.0.2',
    source: 'https://git.acme.test/shop/report',
  },
]
const moved: Row = { namespace: 'batch', name: 'queue', image: 'redis:7', verdict: 'outdated', moved: true }
const unreachable: Row = {
  namespace: 'batch',
  name: 'report',
  image: 'registry.acme.test/report:1.0.0',
  verdict: 'unknown',
  reason: 'unauthorized',
}

/** The emergencies of rows that say nothing else. */
export function emergencies(rows: readonly Row[]): readonly Finding[] {
  const annotations = { 'patchline.dev/break-glass': 'x' }
  const emergency = { policy: 'strict', reason: 'INC-4711, the <shop> is down', channel: 'on-call' }
  const all = findings(rows.map(row => ({ annotations, emergency, ...row })))
  return all.filter(({ kind }) => kind === 'emergency')
}

/** The occasions on which something is said, with what a cluster has. */
export const messages = {
  first: messageWith({ occasion: 'first', appeared: findings([web, migrate, chart, nightly, moved]) }),
  change: messageWith({
    totals: {
      ...none,
      workloads: 40,
      containers: 240,
      outdated: 1,
      failing: 1,
      snoozed: 2,
      skipped: 1,
      old: 0,
    },
    appeared: findings([nightly]),
    changed: findings([{ ...web, newest: '1.25.6' }]),
    resolved: findings([chart]).map(finding => ({ ...finding, now: 'nginx:1.25.5' })),
    removed: findings([{ ...chart, name: 'gone', image: 'quay.io/acme/gone:3.0.1', newest: '3.0.4' }]),
    failing: findings([unreachable]),
  }),
  reminder: messageWith({ occasion: 'reminder', remaining: findings([web]) }),
  heartbeat: messageWith({
    occasion: 'heartbeat',
    totals: {
      ...none,
      workloads: 40,
      containers: 240,
      outdated: 0,
      failing: 0,
      snoozed: 0,
      skipped: 0,
      old: 0,
    },
  }),
  'old lists': messageWith({
    occasion: 'heartbeat',
    totals: {
      workloads: 40,
      containers: 240,
      outdated: 0,
      failing: 0,
      snoozed: 0,
      skipped: 0,
      old: 0,
      overdue: 5,
      oldestCheckedAt: at - 26 * 3_600_000,
      missing: 1,
    },
  }),
  emergency: messageWith({
    resolved: emergencies([nightly]),
    removed: emergencies([{ ...chart, name: 'gone' }]),
    emergencies: emergencies([web, { ...web, name: 'cart' }, { ...migrate, namespace: 'batch' }]),
  }),
  linked: messageWith({ appeared: findings(linked) }),
} as const satisfies Record<string, Message>

const names = fc.oneof(
  fc.constantFrom(
    '<!channel>',
    '<@U012AB3CD>',
    '<#C012AB3CD>',
    '<https://evil.test|click>',
    '@here',
    'https://evil.test',
    '`',
    '```',
    'a`b',
    '*_~',
    '&amp;',
    '&lt;!channel&gt;',
    '\r\nBcc: all@evil.test',
    '\u202Egnp.exe',
    '\uD800',
    '😀'.repeat(200),
    '"'.repeat(400),
    '</pre><b>',
    ' ',
    'x'.repeat(5_000),
  ),
  fc.string({ unit: 'binary', maxLength: 400 }),
)

const managers: fc.Arbitrary<NonNullable<Row['manager']>> = fc.oneof(
  fc.record({ by: fc.constant('helm'), name: names, namespace: names, chart: names }),
  fc.record({ by: fc.constantFrom('flux-helm', 'flux-kustomize'), name: names, namespace: names }),
  fc.record({ by: fc.constant('argo-cd'), name: names, namespace: fc.option(names, { nil: undefined }) }),
  fc.record({ by: fc.constant('kustomize'), path: names }),
)

const sources = fc.oneof(
  names,
  fc.constantFrom(
    'https://github.com/acme/web',
    'https://a.test/we|b',
    'https://a.test/<b>',
    'http://a.test',
  ),
  names.map(name => `https://github.com/acme/${name}`),
)

/** Rows whose every name is somebody's attack. */
export const hostileRows = (most: number): fc.Arbitrary<readonly Row[]> =>
  fc.array(
    fc.record({
      namespace: names,
      kind: fc.oneof(fc.constantFrom('Deployment', 'CronJob', 'Pod', 'Job', 'Rollout'), names),
      name: names,
      container: names,
      newest: names,
      source: sources,
      manager: fc.option(managers, { nil: undefined }),
      since: fc.integer({ min: -8e15, max: 8e15 }),
    }),
    { maxLength: most, size: 'max' },
  )

/** Digests of such names in all lists. */
export const hostileMessages = (most: number): fc.Arbitrary<Message> =>
  fc
    .record({
      cluster: fc.option(names, { nil: undefined }),
      appeared: hostileRows(most),
      changed: hostileRows(most),
      resolved: hostileRows(most),
      removed: hostileRows(most),
      remaining: hostileRows(most),
      failing: hostileRows(most),
      detail: names,
      image: names,
    })
    .map(({ cluster, detail, image, ...rows }) => {
      const all = (list: readonly Row[]): readonly Finding[] =>
        findings(list).map(finding => ({ ...finding, image }))
      return messageWith({
        cluster,
        occasion: 'reminder',
        appeared: all(rows.appeared),
        changed: all(rows.changed),
        resolved: all(rows.resolved).map(finding => ({ ...finding, now: detail })),
        removed: all(rows.removed),
        remaining: all(rows.remaining),
        failing: all(rows.failing).map(finding => ({ ...finding, kind: 'failing', detail })),
        emergencies: all(rows.removed).map((finding, place) => ({
          ...finding,
          kind: 'emergency',
          emergency: place === 0 ? undefined : { policy: image, reason: detail, channel: undefined },
        })),
      })
    })
