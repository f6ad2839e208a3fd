import t from 'tap'
import { createWebhookChannel } from '../../../src/channels/transport/webhook.ts'
import type { Channel } from '../../../src/notification/index.ts'
import { isSigned, webhookReceiver } from '../../support/channels/webhook-receiver.ts'
import { webhookServer, type Reply } from '../../support/channels/webhook-server.ts'
import { direct } from '../direct.ts'
import { refusalOf } from '../leaks.ts'
import { at, emergencies, messageWith, messages, findings } from '../messages.ts'

const key = 'a-key-that-nobody-knows'
const path = '/hooks/pathSecret123?token=querySecret456'
const secrets = [key, 'pathSecret123', 'querySecret456']

function channelTo(origin: string, { secret = key, timeout = 10_000 } = {}): Channel {
  const url = `${origin}${path}`
  return createWebhookChannel({ name: 'bus', url, secret, timeout, now: () => at, connections: direct() })
}

t.test('a receiver that checks the signature takes the document', async t => {
  const receiver = await webhookReceiver(t, { key, now: () => at })
  await channelTo(receiver.origin).send(messages.change, new AbortController().signal)
  const [request] = receiver.received
  t.equal(request?.path, path)
  t.match(request?.headers, {
    'content-type': 'application/json',
    'x-patchline-timestamp': String(at / 1000),
    'x-patchline-delivery': /^[0-9a-f]{8}-[0-9a-f-]{27}$/,
  })
  t.strictSame(JSON.parse(request?.body ?? ''), {
    apiVersion: 'patchline.dev/v1',
    kind: 'DriftDigest',
    text: 'patchline (prod-eu): 1 new, 1 newer still, 1 resolved, 1 removed, 1 cannot be checked; 1 of 240 containers is outdated',
    cluster: 'prod-eu',
    at: '2026-11-21T10:00:00.000Z',
    occasion: 'change',
    totals: {
      workloads: 40,
      containers: 240,
      outdated: 1,
      failing: 1,
      snoozed: 2,
      skipped: 1,
      old: 0,
      overdue: 0,
      oldestCheckedAt: null,
      missing: 0,
    },
    images: [
      {
        list: 'new',
        repository: 'busybox',
        tags: ['1.36.0'],
        newest: '1.36.1',
        distance: '4 versions',
        workloads: 1,
        namespaces: 1,
        page: 'https://hub.docker.com/_/busybox/tags?name=1.36.1',
        source: null,
      },
      {
        list: 'changed',
        repository: 'nginx',
        tags: ['1.25.1'],
        newest: '1.25.6',
        distance: '4 versions',
        workloads: 1,
        namespaces: 1,
        page: 'https://hub.docker.com/_/nginx/tags?name=1.25.6',
        source: null,
      },
      {
        list: 'resolved',
        repository: 'nginx',
        tags: ['1.25.1'],
        newest: '1.25.5',
        distance: '4 versions',
        workloads: 1,
        namespaces: 1,
        page: 'https://hub.docker.com/_/nginx/tags?name=1.25.5',
        source: null,
      },
      {
        list: 'removed',
        repository: 'quay.io/acme/gone',
        tags: ['3.0.1'],
        newest: '3.0.4',
        distance: '4 versions',
        workloads: 1,
        namespaces: 1,
        page: 'https://quay.io/repository/acme/gone?tab=tags&tag=3.0.4',
        source: null,
      },
      {
        list: 'failing',
        repository: 'registry.acme.test/report',
        tags: ['1.0.0'],
        newest: null,
        distance: null,
        workloads: 1,
        namespaces: 1,
        page: null,
        source: null,
      },
    ],
    new: [
      {
        kind: 'outdated',
        workload: {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          namespace: 'batch',
          name: 'nightly',
        },
        container: 'run',
        field: 'container',
        image: 'busybox:1.36.0',
        newest: '1.36.1',
        newestImage: 'busybox:1.36.1',
        behind: 4,
        distance: '4 versions',
        now: null,
        since: '2026-11-21T05:00:00.000Z',
        reason: 'newer',
        detail: null,
        policy: null,
        breakGlass: null,
      },
    ],
    changed: [
      {
        kind: 'outdated',
        workload: {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          namespace: 'shop',
          name: 'web',
        },
        container: 'web',
        field: 'container',
        image: 'nginx:1.25.1',
        newest: '1.25.6',
        newestImage: 'nginx:1.25.6',
        behind: 4,
        distance: '4 versions',
        now: null,
        since: '2026-11-01T10:00:00.000Z',
        reason: 'newer',
        detail: null,
        policy: null,
        breakGlass: null,
      },
    ],
    resolved: [
      {
        kind: 'outdated',
        workload: {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          namespace: 'shop',
          name: 'cart',
        },
        container: 'web',
        field: 'container',
        image: 'nginx:1.25.1',
        newest: '1.25.5',
        newestImage: 'nginx:1.25.5',
        behind: 4,
        distance: '4 versions',
        now: 'nginx:1.25.5',
        since: '2026-11-21T09:30:00.000Z',
        reason: 'newer',
        detail: null,
        policy: null,
        breakGlass: null,
      },
    ],
    removed: [
      {
        kind: 'outdated',
        workload: {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          namespace: 'shop',
          name: 'gone',
        },
        container: 'web',
        field: 'container',
        image: 'quay.io/acme/gone:3.0.1',
        newest: '3.0.4',
        newestImage: 'quay.io/acme/gone:3.0.4',
        behind: 4,
        distance: '4 versions',
        now: null,
        since: '2026-11-21T09:30:00.000Z',
        reason: 'newer',
        detail: null,
        policy: null,
        breakGlass: null,
      },
    ],
    removedNamespaces: [],
    failing: [
      {
        kind: 'failing',
        workload: {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          namespace: 'batch',
          name: 'report',
        },
        container: 'web',
        field: 'container',
        image: 'registry.acme.test/report:1.0.0',
        newest: null,
        newestImage: null,
        behind: 0,
        distance: null,
        now: null,
        since: null,
        reason: 'unauthorized',
        detail: 'its registry does not answer',
        policy: null,
        breakGlass: null,
      },
    ],
    emergencies: [],
    omitted: 0,
  })
})

t.test('the document has emergencies', async t => {
  const receiver = await webhookReceiver(t, { key, now: () => at })
  const given = emergencies([{ namespace: 'shop', newest: '1.25.5' }])
  const message = messageWith({ emergencies: given, resolved: given })
  await channelTo(receiver.origin).send(message, new AbortController().signal)
  const emergency = {
    kind: 'emergency',
    workload: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
    container: 'web',
    image: 'nginx:1.25.1',
    policy: 'strict',
    breakGlass: 'INC-4711, the <shop> is down',
  }
  t.match(JSON.parse(receiver.received[0]?.body ?? ''), {
    text: 'patchline (prod-eu): break-glass: nginx 1.25.1; break-glass over: nginx 1.25.1; 12 of 240 containers are outdated',
    images: [
      { list: 'emergencies', repository: 'nginx' },
      { list: 'resolved', repository: 'nginx' },
    ],
    emergencies: [emergency],
    resolved: [emergency],
    omitted: 0,
  })
})

t.test('the document says what was judged by old lists', async t => {
  const receiver = await webhookReceiver(t, { key, now: () => at })
  await channelTo(receiver.origin).send(messages['old lists'], new AbortController().signal)
  t.match(JSON.parse(receiver.received[0]?.body ?? ''), {
    text: 'patchline (prod-eu): none of 240 containers is known to be outdated, 1 names a tag that does not exist, 5 judged by old lists (oldest 26h)',
    totals: { outdated: 0, missing: 1, overdue: 5, oldestCheckedAt: '2026-11-20T08:00:00.000Z' },
  })
})

t.test('the document has the source of an image', async t => {
  const receiver = await webhookReceiver(t, { key, now: () => at })
  await channelTo(receiver.origin).send(messages.linked, new AbortController().signal)
  t.match(JSON.parse(receiver.received[0]?.body ?? ''), {
    images: [
      { repository: 'ghcr.io/acme/migrate', source: 'https://github.com/acme/migrate' },
      { repository: 'registry.acme.test/report', page: null, source: 'https://git.acme.test/shop/report' },
    ],
  })
})

t.test('what was changed on the way is not taken', async t => {
  const { received, origin } = await webhookReceiver(t, { key, now: () => at })
  await channelTo(origin).send(messages.heartbeat, new AbortController().signal)
  const [request] = received
  if (request === undefined) throw new Error('nothing was received')
  t.ok(isSigned(request, key))
  t.notOk(isSigned({ ...request, body: request.body.replace('prod-eu', 'prod-us') }, key))
  t.notOk(isSigned({ ...request, headers: { ...request.headers, 'x-patchline-timestamp': '1' } }, key))
  const error = await refusalOf(t, channelTo(origin, { secret: 'another-key-of-nobody' }), [
    ...secrets,
    'another-key-of-nobody',
  ])
  t.equal(error.code, 'permanent')
  t.equal(error.message, 'bus: it answered 401 "the signature is wrong": check its address and its secret')
})

t.test('without a key there is no signature', async t => {
  const { received, origin } = await webhookServer(t, { reply: () => ({ status: 200 }) })
  const channel = createWebhookChannel({
    name: 'bus',
    url: origin,
    timeout: 10_000,
    now: () => at,
    connections: direct(),
  })
  await channel.send(messages.heartbeat, new AbortController().signal)
  t.equal(received[0]?.headers['x-patchline-signature-256'], undefined)
})

t.test('more than a thousand findings are counted', async t => {
  const { received, origin } = await webhookServer(t, { reply: () => ({ status: 200 }) })
  const rows = Array.from({ length: 900 }, (_, at) => ({ name: `web-${at}`, newest: '1.25.5' }))
  const list = findings(rows)
  const given = messageWith({ occasion: 'reminder', cluster: undefined, appeared: list, remaining: list })
  await channelTo(origin).send(given, new AbortController().signal)
  const document = JSON.parse(received[0]?.body ?? '')
  t.equal(document.cluster, null)
  t.equal(document.new.length, 900)
  t.equal(document.remaining.length, 100)
  t.equal(document.omitted, 800)
})

const remedy = 'check its address and its secret'
const refusals: readonly (readonly [Reply, 'temporary' | 'permanent', string, number?])[] = [
  [{ status: 408 }, 'temporary', 'bus: it answered 408'],
  [{ status: 425 }, 'temporary', 'bus: it answered 425'],
  [
    { status: 429, headers: { 'retry-after': '120' }, body: 'slow down' },
    'temporary',
    'bus: it answered 429 "slow down"',
    at + 120_000,
  ],
  [{ status: 500, body: 'größer' }, 'temporary', 'bus: it answered 500 "gr er"'],
  [{ status: 599 }, 'temporary', 'bus: it answered 599'],
  [
    { status: 400, body: '{"error":"no"}' },
    'permanent',
    `bus: it answered 400 "{\\"error\\":\\"no\\"}": ${remedy}`,
  ],
  [{ status: 413 }, 'permanent', `bus: it answered 413: ${remedy}`],
  [
    { status: 304 },
    'permanent',
    'bus: it answered 304: redirects are not followed: configure where it leads to',
  ],
  [
    { status: 307, headers: { location: 'http://127.0.0.1:1/' } },
    'permanent',
    'bus: it answered 307: redirects are not followed: configure where it leads to',
  ],
  [
    { status: 404, body: `Cannot POST ${path} nor token=querySecret456` },
    'permanent',
    `bus: it answered 404 "Cannot POST *** nor token=***": ${remedy}`,
  ],
  ['reset', 'temporary', 'bus: it closed the connection'],
  ['silence', 'temporary', 'bus: no answer within 1 s'],
]

for (const [reply, code, message, retryAt] of refusals)
  t.test(`${typeof reply === 'string' ? reply : JSON.stringify(reply)} is ${code}`, async t => {
    const { origin, received } = await webhookServer(t, { reply: () => reply })
    const timeout = reply === 'silence' ? 1_000 : 10_000
    const error = await refusalOf(t, channelTo(origin, { timeout }), secrets)
    t.equal(error.code, code)
    t.equal(error.message, message)
    t.equal(error.retryAt, retryAt)
    t.equal(received.length, 1)
  })

t.test('an address with escapes, written in other ways', async t => {
  const { origin } = await webhookServer(t, {
    reply: () => ({ status: 404, body: 'no /höök-secret/%zz-secret' }),
  })
  const url = `${origin}/h%C3%B6%C3%B6k-secret/%zz-secret/hook%2Dsecret`
  const channel = createWebhookChannel({
    name: 'bus',
    url,
    timeout: 10_000,
    now: () => at,
    connections: direct(),
  })
  const error = await refusalOf(t, channel, ['zz-secret', 'hook-secret'])
  t.equal(error.message, `bus: it answered 404 "no /h k-secret/***": ${remedy}`)
})
