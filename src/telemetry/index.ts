/** What the process tells of itself: log lines on stdout, metrics for Prometheus. */
export { createLogger, type LogFields, type Logger, type LoggerOptions, type LogLevel } from './logger.ts'
export { createMetrics, type LookupOutcome, type Metrics, type MetricsOptions } from './metrics.ts'
export { createRecorder, type Recorder, type RecorderOptions, type ReviewFailure } from './recorder.ts'
