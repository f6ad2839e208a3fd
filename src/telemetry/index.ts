/** What the process tells of itself: log lines on stdout, metrics for Prometheus. */
export type { AuditMetrics, Delivery } from './audit-metrics.ts'
export {
  createDriftExposition,
  type DriftExposition,
  type DriftExpositionOptions,
  type ExpositionSize,
} from './drift-exposition.ts'
export type { MetricsLevel } from './drift-series.ts'
export { createLogger, type LogFields, type Logger, type LoggerOptions, type LogLevel } from './logger.ts'
export type { CatalogState, DiskErrorKind } from './catalog-metrics.ts'
export { createMetrics, type LookupOutcome, type Metrics, type MetricsOptions } from './metrics.ts'
export type { CountedRequest, RegistryState } from './registry-metrics.ts'
export { createRecorder, type Recorder, type RecorderOptions, type ReviewFailure } from './recorder.ts'
