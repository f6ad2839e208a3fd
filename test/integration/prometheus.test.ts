import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createOperationsServer } from '../../src/http/index.ts'
import { createDriftExposition, createMetrics } from '../../src/telemetry/index.ts'
import { report, type Row } from '../notification/reports.ts'
import { shippedRules, type Rules } from '../support/kubernetes/monitoring-manifests.ts'
import { startAlertmanager, startPrometheus } from '../support/program/prometheus-process.ts'

/** An alert as Alertmanager posts it to a webhook. */
interface Alert {
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

async function startReceiver() {
  const received: Alert[] = []
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { alerts }: { alerts: readonly Alert[] } = Object(await json(request))
    received.push(...alerts)
    response.end()
  }
  const server = createServer((request, response) => void receive(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { received, url: `http://127.0.0.1:${portOf(server.address())}/` }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not a TCP address')
  return address.port
}

/** What an audit serves, out of the parts of the real one. */
async function startAudit() {
  const metrics = createMetrics({
    version: '1.2.3',
    registries: ['docker.io'],
    catalogSize: () => ({ repositories: 0, tags: 0, bytes: 0, oldestAge: 0 }),
  })
  const audit = metrics.forAudit(['slack'])
  audit.setLeader(true)
  audit.setSynced(true)
  const exposition = createDriftExposition({ level: 'workload', mostSeries: 1_000 })
  const server = createOperationsServer({
    readiness: { problems: () => [] },
    metrics: { contentType: metrics.contentType, text: () => metrics.text(), prepared: exposition },
    log: { error: (fields, message) => t.comment(message, fields) },
  })
  const port = await server.listen('127.0.0.1', 0)
  t.teardown(() => server.close())
  return {
    target: `127.0.0.1:${port}`,
    async publish(rows: readonly Row[]) {
      const now = Date.now()
      const found = { ...report(rows), startedAt: now - 2_000, finishedAt: now }
      audit.audited(found)
      await exposition.update(found)
      audit.exposed(exposition.size())
      return exposition.size().series
    },
  }
}

/** The shipped rules, except that nobody waits. */
function impatient({ groups }: Rules) {
  return {
    groups: groups.map(group => ({
      ...group,
      interval: '1s',
      rules: group.rules.map(rule => (rule.alert === undefined ? rule : { ...rule, for: '0s' })),
    })),
  }
}

interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [at: number, value: string]
}

async function query(address: string, expression: string): Promise<readonly Sample[]> {
  const answer = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(expression)}`)
  const { data }: { readonly data: { readonly result: readonly Sample[] } } = Object(await answer.json())
  return data.result
}

const patience = 60_000 // milliseconds; all of it takes some ten seconds

async function until<T>(what: string, probe: () => T | Promise<T>): Promise<NonNullable<Awaited<T>>> {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(100)) {
    const found = await probe()
    if (found !== undefined && found !== null && found !== false) return found
  }
  throw new Error(`not within a minute: ${what}`)
}

const day = 24 * 60 * 60_000
const since = Date.now() - 15 * day
const hostile = { name: 'a"b\\c\nd\re\u2028é', container: '} 1\n# HELP x', namespace: 'x\0y' }
const behind: Row = { namespace: 'shop', newest: '1.25.5', since }

t.test('from a drift report to the one who is told', { timeout: 120_000 }, async t => {
  const receiver = await startReceiver()
  const audit = await startAudit()
  const series = await audit.publish([behind, { ...hostile, image: 'redis:7.2.1' }])
  const alertmanager = await startAlertmanager(receiver.url)
  t.teardown(() => alertmanager.close())
  const prometheus = await startPrometheus({
    scrape: {
      target: audit.target,
      labels: { namespace: 'patchline-system', pod: 'patchline-audit-0', container: 'audit' },
      honorLabels: true,
    },
    rules: impatient(shippedRules()),
    alertmanager: alertmanager.address,
  })
  t.teardown(() => prometheus.close())

  const fired = await until('the alert', () => receiver.received.find(({ status }) => status === 'firing'))
  t.match(fired.labels, {
    alertname: 'PatchlineImageBehind',
    severity: 'info',
    namespace: 'shop',
    workload_kind: 'Deployment',
    workload: 'web',
    container: 'web',
    registry: 'docker.io',
    repository: 'library/nginx',
  })
  t.match(fired.annotations, {
    summary: /^Deployment shop\/web: web has been behind for 15d 0h 0m \d+s$/,
    description: /nginx has been there for 15d .* or longer\. It runs 1\.25\.1; the newest is 1\.25\.5\.$/,
    runbook_url: /#patchlineimagebehind$/,
  })

  await t.test('what Prometheus holds is what was exposed', async t => {
    const [exact] = await query(prometheus.address, 'patchline_image_patches_behind{workload="web"}')
    t.equal(exact?.value[1], '4')
    t.match(exact?.metric, { namespace: 'shop', container: 'web', pod: 'patchline-audit-0' })
    t.equal(exact?.metric['exported_namespace'], undefined)
    const [other] = await query(prometheus.address, 'patchline_image_info{workload!="web"}')
    t.match(other?.metric, {
      workload: hostile.name,
      container: hostile.container,
      namespace: hostile.namespace,
      current: '7.2.1',
    })
    const held = await query(
      prometheus.address,
      'count({__name__=~"patchline_images|patchline_images_if_enforced|patchline_image_.+"})',
    )
    t.equal(held[0]?.value[1], String(series), 'every series came through')
    const [up] = await query(prometheus.address, 'up')
    t.equal(up?.value[1], '1')
    const inTime = await query(prometheus.address, 'cluster:patchline_workloads_in_time:ratio')
    t.equal(inTime[0]?.value[1], '0.5')
  })

  await t.test('patched: the series are gone and the alert is resolved', async t => {
    await audit.publish([{ namespace: 'shop', image: 'nginx:1.25.5' }])
    const resolved = await until('the end of the alert', () =>
      receiver.received.find(({ status }) => status === 'resolved'),
    )
    t.match(resolved.labels, { alertname: 'PatchlineImageBehind', workload: 'web' })
    t.same(await query(prometheus.address, 'patchline_image_newer_patch_published_timestamp_seconds'), [])
    t.same(await query(prometheus.address, 'patchline_image_info{current!="1.25.5"}'), [])
    t.same(
      new Set(receiver.received.map(({ labels }) => labels['alertname'])),
      new Set(['PatchlineImageBehind']),
      'nobody was told anything else',
    )
  })
})
