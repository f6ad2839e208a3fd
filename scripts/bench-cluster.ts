/**
 * What the webhooks cost on a real control plane: 3,000 Deployments made by 20 clients at once, beside as many without
 * webhooks; times as the API server measures them. `npm run bench:cluster -- [--objects N] [--clients N]`. The tools come
 * from `scripts/install-cluster-tools.sh`. API server, etcd, controllers, clients and webhook share the machine.
 */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { availableParallelism, loadavg } from 'node:os'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { startStage, type Stage } from '../test/cluster/stage.ts'

const { values } = parseArgs({
  options: { objects: { type: 'string', default: '3000' }, clients: { type: 'string', default: '20' } },
})
const [objects, clients] = [Number(values.objects), Number(values.clients)]
if (!(objects > 0) || !(clients > 0)) throw new Error('--objects and --clients take numbers above 0')

const goal = 50 // ms, the 99th percentile of a webhook

/** Asks the API server; the text of its answer. */
type Ask = (method: string, path: string, body?: object) => Promise<string>

function decoded(text: string): Buffer {
  return Buffer.from(text, 'base64')
}

function askerOf({ cluster: { kubeconfig, server } }: Stage): Ask {
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8'))
  const { user } = config.users[0]
  const { cluster } = config.clusters[0]
  const agent = new Agent({
    keepAlive: true,
    maxSockets: clients,
    ca: decoded(cluster['certificate-authority-data']),
    cert: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  })
  return (method, path, content) =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' }
      const asked = request(server + path, { method, agent, headers }, response => {
        const { statusCode = 0 } = response
        const answered = text(response).then(body => {
          if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${body.slice(0, 200)}`)
          return body
        })
        answered.then(resolve, reject)
      })
      asked.once('error', reject).end(content && JSON.stringify(content))
    })
}

function deployment(name: string): object {
  const labels = { app: name }
  const containers = [{ name: 'web', image: `nginx:1.25.${1 + (name.length % 5)}` }]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    // Without pods: what is measured is what people apply, not what controllers make of it.
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  }
}

async function fill(ask: Ask, namespace: string): Promise<number> {
  await ask('POST', '/api/v1/namespaces', { metadata: { name: namespace } })
  const started = performance.now()
  let next = 0
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (next < objects) {
        const name = `web-${next++}`
        // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other, as a client does
        await ask('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, deployment(name))
      }
    }),
  )
  return (performance.now() - started) / 1000
}

/** The buckets of a histogram: how many took at most so many seconds. */
type Buckets = ReadonlyMap<number, number>

const histogram = /^apiserver_admission_webhook_admission_duration_seconds_bucket\{(.*)\} (\d+)/gm

function bucketsIn(metrics: string, type: string): Buckets {
  const buckets = new Map<number, number>()
  for (const [, labels = '', count] of metrics.matchAll(histogram)) {
    if (!labels.includes(`type="${type}"`) || !labels.includes('operation="CREATE"')) continue
    const limit = Number(/le="([^"]+)"/.exec(labels)?.[1]?.replace('+Inf', 'Infinity'))
    buckets.set(limit, (buckets.get(limit) ?? 0) + Number(count))
  }
  return buckets
}

// As Prometheus's histogram_quantile has it: linear within the bucket.
function quantile(share: number, before: Buckets, after: Buckets): number {
  const counts = [...after].map(([limit, count]) => [limit, count - (before.get(limit) ?? 0)] as const)
  const all = counts.toSorted(([a], [b]) => a - b)
  const wanted = share * (all.at(-1)?.[1] ?? 0)
  let [low, below] = [0, 0]
  for (const [limit, count] of all) {
    if (count >= wanted) return low + ((limit - low) * (wanted - below)) / Math.max(count - below, 1)
    ;[low, below] = [limit, count]
  }
  return low
}

async function measure(stage: Stage, ask: Ask): Promise<void> {
  await fill(ask, 'warm-up')
  const before = await ask('GET', '/metrics')
  const withWebhooks = await fill(ask, 'with-webhooks')
  const after = await ask('GET', '/metrics')
  const milliseconds = (share: number, type: string): number =>
    1000 * quantile(share, bucketsIn(before, type), bucketsIn(after, type))
  console.log(
    `${availableParallelism()} cores, load average ${(loadavg()[0] ?? 0).toFixed(1)}; ${objects} Deployments, ${clients} clients`,
  )
  for (const type of ['validating', 'admit']) {
    const [p50, p99] = [milliseconds(0.5, type), milliseconds(0.99, type)]
    const met = p99 < goal ? 'met' : 'NOT MET'
    console.log(
      `${type === 'admit' ? 'mutating' : type}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (goal ${goal} ms: ${met})`,
    )
  }
  const kinds = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations']
  for (const kind of kinds) await stage.kubectl(`delete ${kind} --all`)
  const without = await fill(ask, 'without-webhooks')
  const rate = (seconds: number): string => `${(objects / seconds).toFixed(0)} a second`
  console.log(`with webhooks ${rate(withWebhooks)}, without ${rate(without)}`)
}

const stage = await startStage()
try {
  await measure(stage, askerOf(stage))
} finally {
  await stage.close()
}
