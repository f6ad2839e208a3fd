import type { Config } from '../settings/config.ts'
import { section, text, valuesOf } from './schema-parts.ts'

/** The audit: when it runs, of what, and where it reports. */
export const auditSchema = section({
  intervalMinutes: { type: 'number', exclusiveMinimum: 0, maximum: 10_080, default: 60 },
  cron: { ...text, format: 'cron', description: 'cron expression, instead of the interval: 0 6 * * 1-5' },
  refreshLimitMinutes: {
    type: 'number',
    exclusiveMinimum: 0,
    maximum: 1_440,
    // Thousands of repositories at the rate of one host, with an empty catalog.
    default: 30,
    description: 'how long a cycle may wait for registries; results that are still old are marked',
  },
  timeZone: {
    ...text,
    format: 'time-zone',
    default: 'UTC',
    description: 'time zone of the cron expression: Europe/Berlin',
  },
  namespaces: {
    type: 'array',
    items: { ...text, format: 'namespace' },
    default: [],
    description: 'the namespaces to audit; all if empty',
  },
  movedTags: {
    enum: valuesOf<Config['audit']['movedTags']>({ finding: true, information: true }),
    default: 'information',
    description: 'whether a pod that runs older content of its tag is a finding',
  },
  reports: {
    type: 'boolean',
    default: true,
    description: 'write policy reports if the cluster has their kind',
  },
  events: { type: 'boolean', default: true, description: 'write Events about changes' },
  correctAnnotations: {
    type: 'boolean',
    default: false,
    description: 'correct annotations of reviews that are now wrong; this needs additional rights',
  },
  metrics: {
    enum: valuesOf<Config['audit']['metrics']>({ workload: true, namespace: true, off: true }),
    default: 'workload',
    description: 'the detail of the metrics',
  },
  maximumSeries: { type: 'integer', minimum: 0, maximum: 1_000_000, default: 50_000 },
})
