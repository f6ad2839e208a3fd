/**
 * What the webhooks cost on a real control plane: 3,000 Deployments made by 20 clients at once, beside as many without
 * webhooks; times as the API server measures them. `npm run bench:cluster -- [--objects N] [--clients N]`. The tools come
 * from `scripts/install-cluster-tools.sh`. API server, etcd, controllers, clients and webhook share the machine.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startStage, type Stage } from '../../cluster/stage.ts'
import { cpuOf } from '../audit/process.ts'
import { startSpanCollector, type SpanCollector } from './spans.ts'

const { values } = parseArgs({
  options: { objects: { type: 'string', default: '3000' }, clients: { type: 'string', default: '20' } },
})
const [objects, clients] = [Number(values.objects), Number(values.clients)]
if (!(objects > 0) || !(clients > 0)) throw new Error('--objects and --clients take numbers above 0')

const goal = 50 // ms, the 99th percentile of a webhook
const longestExport = 7_000 // ms, within which the API server has sent what it traced: every five seconds

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

function quantile(share: number, durations: readonly number[]): number {
  return durations.toSorted((one, other) => one - other)[Math.floor(share * durations.length)] ?? Number.NaN
}

/** The names of the API server's spans (apiserver pkg/admission/plugin/webhook). */
const calls = { validating: 'Call validating webhook', mutating: 'Call mutating webhook' }

async function measure(stage: Stage, ask: Ask, spans: SpanCollector): Promise<void> {
  await fill(ask, 'warm-up')
  await sleep(longestExport)
  for (const name of Object.values(calls)) spans.take(name)
  const { pid = 0 } = stage.patchline
  const cpuBefore = cpuOf(pid)
  const withWebhooks = await fill(ask, 'with-webhooks')
  const cpu = cpuOf(pid) - cpuBefore
  await sleep(longestExport)
  console.log(
    `${availableParallelism()} cores, load average ${(loadavg()[0] ?? 0).toFixed(1)}; ${objects} Deployments, ${clients} clients`,
  )
  for (const [type, name] of Object.entries(calls)) {
    const durations = spans.take(name)
    const [p50, p99] = [quantile(0.5, durations), quantile(0.99, durations)]
    const met = p99 < goal ? 'met' : 'NOT MET'
    console.log(
      `${type}: ${durations.length} calls, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (goal ${goal} ms: ${met})`,
    )
  }
  console.log(`patchline: ${((1000 * cpu) / objects).toFixed(2)} ms of the processor for each Deployment`)
  const kinds = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations']
  for (const kind of kinds) await stage.kubectl(`delete ${kind} --all`)
  const without = await fill(ask, 'without-webhooks')
  const rate = (seconds: number): string => `${(objects / seconds).toFixed(0)} a second`
  console.log(`with webhooks ${rate(withWebhooks)}, without ${rate(without)}`)
}

/** What the API server is told of the collector. One request in five is traced: tracing all costs it half as much as the rest. */
function tracingOf({ endpoint }: SpanCollector): string {
  const kind = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'TracingConfiguration' }
  return JSON.stringify({ ...kind, endpoint, samplingRatePerMillion: 200_000 })
}

const directory = mkdtempSync(join(tmpdir(), 'bench-cluster-'))
const spans = await startSpanCollector()
try {
  const tracing = join(directory, 'tracing.json')
  writeFileSync(tracing, tracingOf(spans))
  const stage = await startStage({ apiServerArguments: [`--tracing-config-file=${tracing}`] })
  try {
    await measure(stage, askerOf(stage), spans)
  } finally {
    await stage.close()
  }
} finally {
  spans.close()
  rmSync(directory, { recursive: true })
}
