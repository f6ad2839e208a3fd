import { Registry } from 'prom-client'
import t, { type Test } from 'tap'
import { createPublisher } from '../../../src/app/audit/publish-report.ts'
import { readConfig } from '../../../src/config/index.ts'
import { loadKubeConfig, type WatchedPolicies } from '../../../src/kubernetes/index.ts'
import { noPolicies } from '../../../src/policy/index.ts'
import { ChannelError } from '../../../src/notification/index.ts'
import { addAuditMetrics } from '../../../src/telemetry/audit-metrics.ts'
import { createLogger } from '../../../src/telemetry/index.ts'
import { startApiServer, until } from '../../support/kubernetes/fake-api-server.ts'
import { StoredObjects } from '../../support/kubernetes/stored-objects.ts'
import { report } from '../../notification/reports.ts'

const configuration = `
notifications:
  channels: [{ name: team, kind: slack, urlFrom: { environment: SLACK_URL } }]
  routes: [{ name: all, channels: [team] }]
`

type ApiServer = Awaited<ReturnType<typeof startApiServer>>

/** One term's publisher to a cluster and a channel whose attempts end when the test says so. */
async function fixture(
  t: Test,
  events = false,
  { cluster, policies }: { readonly cluster?: ApiServer; readonly policies?: WatchedPolicies } = {},
) {
  const server = cluster ?? (await startApiServer(new StoredObjects().handler))
  if (cluster === undefined) t.teardown(() => server.close())
  const attempts: ReturnType<typeof Promise.withResolvers<void>>[] = []
  const channel = {
    name: 'team',
    send() {
      const attempt = Promise.withResolvers<void>()
      attempts.push(attempt)
      return attempt.promise
    },
  }
  const environment = { SLACK_URL: 'https://hooks.slack.example/services/T/B/x' }
  const dependencies = {
    config: readConfig(`${configuration}audit: { reports: false, events: ${events} }`, {
      environment,
      baseDirectory: '/',
      readFile: () => '',
    }),
    log: createLogger({ level: 'error' }),
    kubeConfig: await loadKubeConfig({ path: server.kubeconfig(t.testdir()) }),
    metrics: addAuditMetrics(new Registry(), ['team']),
    channels: [channel],
    policies,
  }
  const ending = new AbortController()
  t.teardown(() => ending.abort())
  const term = { mayWrite: () => true, signal: ending.signal }
  const publisher = createPublisher(dependencies, term, () => ({}))
  return { publisher, attempts, server, end: () => ending.abort() }
}

const found = report([{ newest: '1.25.5' }])

t.test('what is still being told counts as undelivered, and is not told a second time beside it', async t => {
  const { publisher, attempts, server } = await fixture(t)
  t.equal(publisher.hasUndelivered(), false)
  await publisher.deliver()
  t.equal(server.received.length, 0, 'there was no report yet')
  publisher.publish(found)
  t.equal(publisher.hasUndelivered(), true, 'it may come to wait')
  await until(() => attempts.length === 1)
  t.equal(publisher.hasUndelivered(), true)
  await publisher.deliver()
  attempts[0]?.reject(new ChannelError('temporary', 'down', { retryAt: Date.now() }))
  await publisher.ended()
  t.equal(publisher.hasUndelivered(), true, 'its channel could not take it')
  t.equal(attempts.length, 1)
})

t.test('only what waits is told again between cycles', async t => {
  const { publisher, attempts, server } = await fixture(t)
  publisher.publish(found)
  await until(() => attempts.length === 1)
  attempts[0]?.resolve()
  await publisher.ended()
  t.equal(publisher.hasUndelivered(), false)
  const requests = server.received.length
  await publisher.deliver()
  await publisher.ended()
  t.equal(server.received.length, requests, 'all is told')
})

t.test('its end is that of its Events too', async t => {
  const { publisher, attempts, server } = await fixture(t, true)
  publisher.publish(report(['a', 'b', 'c'].map(name => ({ name, newest: '1.25.5' }))))
  await until(() => attempts.length === 1)
  attempts[0]?.resolve()
  await publisher.ended()
  t.equal(server.received.filter(({ url }) => url.pathname.endsWith('/events')).length, 3)
})

t.test('Events that a leader has not written are written by the next one', async t => {
  const first = await fixture(t, true)
  const { server } = first
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const written = () =>
    server.received
      .filter(({ url, method }) => method === 'POST' && url.pathname.endsWith('/events'))
      .map(({ body }) => String(JSON.parse(body).regarding.name))
  const rows = report(names.map(name => ({ name, newest: '1.25.5' })))
  first.publisher.publish(rows)
  await until(() => written().length === 2)
  first.end()
  first.attempts[0]?.resolve()
  await first.publisher.ended()
  const before = written().length
  t.ok(before < names.length, 'it ended too early')
  const next = await fixture(t, true, { cluster: server })
  next.publisher.publish(rows)
  await until(() => new Set(written()).size === names.length)
  next.attempts[0]?.resolve()
  await next.publisher.ended()
  t.equal(next.publisher.hasUndelivered(), true, 'that they are written is still to be stored')
  const saves = () => server.received.filter(({ url }) => url.pathname.includes('/configmaps')).length
  const stored = saves()
  await next.publisher.deliver()
  await next.publisher.ended()
  t.ok(saves() > stored)
  t.equal(next.publisher.hasUndelivered(), false)
})

t.test('policies are told what came of them, and again soon after one changed', async t => {
  const production = { namespace: '', name: 'production', resourceVersion: '7', generation: 1, seenAt: 0 }
  const changes: (() => void)[] = []
  const policies: WatchedPolicies = {
    ...noPolicies,
    objects: () => ({
      policies: [{ ...production, good: undefined, problems: [], status: undefined }],
      exceptions: [],
    }),
    changed: () => new Promise(resolve => void changes.push(resolve)),
    problems: () => [],
    start: async () => {},
    close: async () => {},
  }
  const { publisher, attempts, server } = await fixture(t, false, { policies })
  const path = '/apis/patchline.dev/v1alpha1/patchpolicies/production/status'
  const written = () => server.received.filter(({ url }) => url.pathname === path)
  publisher.publish(found)
  await until(() => attempts.length === 1 && written().length === 1)
  t.equal(written()[0]?.method, 'PATCH')
  changes[0]?.()
  await until(() => written().length === 2 && changes.length === 2)
  attempts[0]?.resolve()
  await publisher.ended()
})
