import { Gauge, Registry } from 'prom-client'
import type { TagSourceCode } from '../evaluation/index.ts'
import { addAdmissionMetrics, type AdmissionMetrics } from './admission-metrics.ts'
import { addAuditMetrics, type AuditMetrics } from './audit-metrics.ts'
import { addCertificateMetrics, type CertificateMetrics } from './certificate-metrics.ts'
import { addCatalogMetrics, type CatalogState, type DiskErrorKind } from './catalog-metrics.ts'
import { addCounter, addSwitch } from './instruments.ts'
import { addRegistryMetrics, type CountedRequest, type RegistryState } from './registry-metrics.ts'

/** What came of a request for a tag list. */
export type LookupOutcome = 'listed' | TagSourceCode

export interface MetricsOptions {
  readonly version: string
  /** The hosts that have their own label: those that the configuration allows. */
  readonly registries: readonly string[]
  /** What the catalog holds; called at each scrape. */
  readonly catalogSize: () => CatalogState
  /** The state of the registries' hosts; called at each scrape. */
  readonly registryState?: () => RegistryState
}

/** The metrics of one process, in their own registry. Every label has a closed set of values. */
export interface Metrics extends AdmissionMetrics, CertificateMetrics {
  readonly contentType: string
  /** As Prometheus scrapes them. */
  text(): Promise<string>
  countLookup(registry: string, outcome: LookupOutcome): void
  countRegistryRequest(request: CountedRequest): void
  /** Counts a fault of the copy of the catalog on disk. */
  countDiskError(kind: DiskErrorKind): void
  /** Sets whether the configuration file differs from the one with which this process started. */
  setConfigurationChanged(isChanged: boolean): void
  /** Adds the metrics of the audit; to be called once. */
  forAudit(channels: readonly string[]): AuditMetrics
}

/** Creates the metrics of a process. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry()
  addBuildInfo(registry, options.version)
  const label = createHostLabel(options.registries)
  const setConfigurationChanged = addSwitch(registry, {
    name: 'patchline_configuration_changed',
    help: 'Whether the configuration file changed since the start, so that a restart is due: 1 if so, else 0',
  })
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    ...addAdmissionMetrics(registry),
    countLookup: addLookupCounter(registry, label),
    countRegistryRequest: addRegistryMetrics(registry, { label, state: options.registryState }),
    countDiskError: addCatalogMetrics(registry, options.catalogSize),
    ...addCertificateMetrics(registry),
    setConfigurationChanged,
    forAudit: channels => addAuditMetrics(registry, channels),
  }
}

/** The label of a host: its name if it is one of these, else `other`, because any user may write a host into a pod. */
function createHostLabel(hosts: readonly string[]): (host: string) => string {
  const known = new Set(hosts)
  return host => (known.has(host) ? host : 'other')
}

function addLookupCounter(registry: Registry, label: (host: string) => string): Metrics['countLookup'] {
  const count = addCounter(registry, {
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
