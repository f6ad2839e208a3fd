// The process that run.ts measures.
import { Gauge, Registry } from 'prom-client'
import type { Drift, DriftReport } from '../../../src/audit/index.ts'
import { createOperationsServer, type MetricsText } from '../../../src/http/index.ts'
import { undecided } from '../../support/audit/undecided.ts'
import { createDriftExposition } from '../../../src/telemetry/index.ts'
import type { Order, Spent } from './run.ts'

// Two thirds of them have four series, one third five: 100,000 in all.
const containers = 23_000
const contentType = 'text/plain; version=0.0.4; charset=utf-8'

/** A report of a large cluster: 200 namespaces, a third of the containers behind. */
function reportOf(cycle: number): DriftReport {
  const finishedAt = 1_790_000_000_000 + cycle * 3_600_000
  return {
    startedAt: finishedAt - 60_000,
    finishedAt,
    rows: Array.from({ length: containers }, (_, at) => driftOf(at, finishedAt)),
    complete: true,
    ignored: [],
    problems: [],
  }
}

function driftOf(at: number, finishedAt: number): Drift {
  const namespace = `team-${String(at % 200).padStart(3, '0')}-production`
  const name = `service-${at >> 1}-backend`
  const isBehind = at % 3 === 0
  const repository = `platform/services/component-${at % 5_000}`
  const tag = `1.${at % 30}.${at % 7}`
  return {
    image: {
      workload: { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name, uid: `uid-${at >> 1}` },
      container: at % 2 === 0 ? 'main' : 'proxy-sidecar',
      field: 'container',
      origin: 'template',
      image: `registry.example.com/${repository}:${tag}`,
      pods: 5,
      digests: [],
      requester: { namespace, serviceAccount: 'default', pullSecrets: [] },
      labels: {},
      annotations: {},
      annotated: 'none',
      manager: undefined,
    },
    evaluation: {
      image: `registry.example.com/${repository}:${tag}`,
      reference: { registry: 'registry.example.com', repository, tag, digest: undefined },
      verdict: isBehind ? 'outdated' : 'current',
      reason: isBehind ? 'newer' : 'newest',
      detail: undefined,
      detailForOthers: undefined,
      unproven: false,
      passed: [],
      newest: `1.${at % 30}.${(at % 7) + 4}`,
      newestDigest: undefined,
      source: undefined,
      newestSeenAt: undefined,
      newestPublishedAt: undefined,
      firstSeenNewer: undefined,
      waiting: undefined,
      elsewhere: undefined,
      line: `1.${at % 30}`,
      behind: isBehind ? 4 : 0,
      counted: 'versions',
      age: at * 10,
      stale: false,
      overdue: false,
      wasListed: false,
    },
    policy: { mode: 'warn', strategy: 'patch' },
    ...undecided,
    moved: false,
    newestOverall: undefined,
    since: finishedAt - at * 1_000,
    exempt: false,
  }
}

interface Contender {
  readonly metrics: MetricsText
  update(report: DriftReport): Promise<void>
}

function patchline(): Contender {
  const prepared = createDriftExposition({ level: 'workload', mostSeries: 200_000 })
  return {
    metrics: { contentType, text: async () => 'patchline_build_info 1\n', prepared },
    update: report => prepared.update(report),
  }
}

const ids = ['namespace', 'workload_kind', 'workload', 'container', 'registry', 'repository']

function promClient(): Contender {
  const registry = new Registry()
  const gauge = (name: string, more: readonly string[] = []): Gauge =>
    new Gauge({ name, help: name, labelNames: [...ids, ...more], registers: [registry] })
  const behind = gauge('patchline_image_patches_behind')
  const published = gauge('patchline_image_newer_patch_published_timestamp_seconds')
  const info = gauge('patchline_image_info', ['current', 'newest', 'verdict'])
  const failed = gauge('patchline_image_check_failed')
  const checked = gauge('patchline_image_check_timestamp_seconds')
  return {
    metrics: { contentType, text: () => registry.metrics() },
    async update({ rows, finishedAt }) {
      for (const one of [behind, published, info, failed, checked]) one.reset()
      for (const { image, evaluation, since = 0 } of rows) {
        const labels = labelsOf(image, evaluation)
        const [tag = '', newest = ''] = [evaluation.reference?.tag, evaluation.newest]
        behind.set(labels, evaluation.behind)
        if (evaluation.verdict === 'outdated') published.set(labels, since / 1000)
        info.set({ ...labels, current: tag, newest, verdict: evaluation.verdict }, 1)
        failed.set(labels, 0)
        checked.set(labels, (finishedAt - (evaluation.age ?? 0)) / 1000)
      }
    },
  }
}

function labelsOf({ workload, container }: Drift['image'], { reference }: Drift['evaluation']) {
  const { kind, namespace, name } = workload
  const { registry = '', repository = '' } = reference ?? {}
  return { namespace, workload_kind: kind, workload: name, container, registry, repository }
}

interface Meter {
  readonly stop: () => Pick<Spent, 'turn' | 'cpuTurn'>
}

/** Times each turn of the event loop, by keeping it busy. */
function createTurnMeter(): Meter {
  let isRunning = true
  const worst = { turn: 0, cpuTurn: 0 }
  let last = { at: performance.now(), cpu: threadTime() }
  const tick = (): void => {
    const now = { at: performance.now(), cpu: threadTime() }
    worst.turn = Math.max(worst.turn, now.at - last.at)
    worst.cpuTurn = Math.max(worst.cpuTurn, now.cpu - last.cpu)
    last = now
    if (isRunning) setImmediate(tick)
  }
  setImmediate(tick)
  return {
    stop() {
      isRunning = false
      tick()
      return worst
    },
  }
}

// Of this thread alone, zlib's left out.
function threadTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

function processTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

const contender = process.argv[2] === 'patchline' ? patchline() : promClient()
const server = createOperationsServer({
  readiness: { problems: () => [] },
  metrics: contender.metrics,
  log: { error: (fields, message) => console.error(message, fields) },
})
const port = await server.listen('127.0.0.1', 0)
let cycle = 0
let cpu = 0
let meter: Meter | undefined

const started: Spent = { port, rss: 0, mostRss: 0, cpu: 0, turn: 0, cpuTurn: 0 }

function said(): Spent {
  const { rss } = process.memoryUsage()
  const turns = meter?.stop() ?? { turn: 0, cpuTurn: 0 }
  return { port, rss, mostRss: process.resourceUsage().maxRSS * 1_024, cpu: processTime() - cpu, ...turns }
}

async function obey({ kind, isMetered }: Order): Promise<void> {
  const report = kind === 'update' ? reportOf(cycle++) : undefined
  // The report is the audit's, and so is what was left by making it.
  if (kind !== 'stop') globalThis.gc?.()
  if (kind !== 'stop') {
    cpu = processTime()
    meter = isMetered ? createTurnMeter() : undefined
  }
  if (report !== undefined) await contender.update(report)
  process.send?.(kind === 'start' ? started : said())
}

process.on('message', (order: Order) => void obey(order))
