import { Gauge, Histogram, Registry } from 'prom-client'
import type { Endpoint } from '../admission/index.ts'
import type { Evaluation, TagSourceCode } from '../evaluation/index.ts'
import { createAuditMetrics, type AuditMetrics } from './audit-metrics.ts'
import { addCatalogMetrics, type CatalogState, type DiskErrorKind } from './catalog-metrics.ts'
import { createNamespaceCounter, type CountInNamespace } from './namespace-decisions.ts'
import { createRegistryMetrics, type RegistryRequest, type RegistryState } from './registry-metrics.ts'
import { createTally } from './tally.ts'

export type LookupOutcome = 'listed' | TagSourceCode

export interface MetricsOptions {
  readonly version: string
  /** The hosts that get a label of their own: the ones that the configuration allows. */
  readonly registries: readonly string[]
  /** What the catalog holds, asked for at each scrape. */
  readonly catalogSize: () => CatalogState
  /** What is known of the registries' hosts, asked for at each scrape. */
  readonly registryState?: () => RegistryState
}

/** The metrics of one process, in a registry of their own. Every label has a closed set of values. */
export interface Metrics {
  readonly contentType: string
  /** As Prometheus scrapes them. */
  text(): Promise<string>
  /** `decision` is that of the event, or the failure that took its place. */
  countRequest(endpoint: Endpoint, operation: string, decision: string): void
  /** The same by namespace, for the decisions that are told to a person. */
  readonly countInNamespace: CountInNamespace
  observeDuration(endpoint: Endpoint, seconds: number): void
  countVerdict(verdict: Evaluation['verdict']): void
  countLookup(registry: string, outcome: LookupOutcome): void
  countRegistryRequest(request: RegistryRequest): void
  /** What went wrong with the copy of the catalog on disk. */
  countDiskError(kind: DiskErrorKind): void
  /** An instant in epoch milliseconds. */
  setCertificateExpiry(at: number): void
  /** Whether the configuration file says something else than what this process started with. */
  setConfigurationChanged(isChanged: boolean): void
  /** Adds what concerns the audit; once. */
  forAudit(channels: readonly string[]): AuditMetrics
}

/** Counters and gauges that count nothing yet. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry()
  addBuildInfo(registry, options.version)
  const label = createHostLabel(options.registries)
  const expiry = new Gauge({
    name: 'patchline_webhook_certificate_expiry_timestamp_seconds',
    help: 'When the serving certificate of the webhook expires',
    registers: [registry],
  })
  const changed = new Gauge({
    name: 'patchline_configuration_changed',
    help: 'Whether the configuration file changed since the start, so that a restart is due: 1 if so, else 0',
    registers: [registry],
  })
  expiry.remove() // a process without a certificate has no line: the nought would have expired in 1970
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    countRequest: requestCounter(registry),
    countInNamespace: createNamespaceCounter(registry),
    observeDuration: durationHistogram(registry),
    countVerdict: verdictCounter(registry),
    countLookup: lookupCounter(registry, label),
    countRegistryRequest: createRegistryMetrics(registry, { label, state: options.registryState }),
    countDiskError: addCatalogMetrics(registry, options.catalogSize),
    setCertificateExpiry: at => expiry.set(at / 1000),
    setConfigurationChanged: isChanged => changed.set(isChanged ? 1 : 0),
    forAudit: channels => createAuditMetrics(registry, channels),
  }
}

const operations = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT'])

function requestCounter(registry: Registry): Metrics['countRequest'] {
  const count = createTally(registry, {
    name: 'patchline_admission_requests_total',
    help: 'Admission requests by what came of them',
    labelNames: ['endpoint', 'operation', 'decision'],
  })
  return (endpoint, operation, decision) =>
    count(endpoint, operations.has(operation) ? operation : 'other', decision)
}

// From a decision out of memory to the API server's usual patience.
const durationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3]

function durationHistogram(registry: Registry): Metrics['observeDuration'] {
  const histogram = new Histogram({
    name: 'patchline_admission_duration_seconds',
    help: 'From the decoded review to its answer',
    labelNames: ['endpoint'],
    buckets: durationBuckets,
    registers: [registry],
  })
  return (endpoint, seconds) => histogram.observe({ endpoint }, seconds)
}

function verdictCounter(registry: Registry): Metrics['countVerdict'] {
  return createTally(registry, {
    name: 'patchline_images_evaluated_total',
    help: 'Images judged in admission reviews, by verdict',
    labelNames: ['verdict'],
  })
}

/** The host, if it is one of these; else `other`, for anybody may write a host into a pod. */
function createHostLabel(hosts: readonly string[]): (host: string) => string {
  const known = new Set(hosts)
  return host => (known.has(host) ? host : 'other')
}

function lookupCounter(registry: Registry, label: (host: string) => string): Metrics['countLookup'] {
  const count = createTally(registry, {
    name: 'patchline_tag_lookups_total',
    help: 'Tag lists asked of registries, by what came of it',
    labelNames: ['registry', 'outcome'],
  })
  return (host, outcome) => count(label(host), outcome)
}

function addBuildInfo(registry: Registry, version: string): void {
  const gauge = new Gauge({
    name: 'patchline_build_info',
    help: 'Always 1; the labels say what runs',
    labelNames: ['version', 'node_version'],
    registers: [registry],
  })
  gauge.set({ version, node_version: process.version }, 1)
}
