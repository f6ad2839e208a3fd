/** The HTTP edge: the webhook over TLS, and the operations port beside it. */
export {
  createOperationsServer,
  type OperationsServer,
  type OperationsServerOptions,
} from './operations-server.ts'
export type {
  Log,
  MetricsText,
  PreparedText,
  ReadAccess,
  Readiness,
  Recorder,
  ReviewFailure,
} from './ports.ts'
export type { PemPair } from './tls-settings.ts'
export { createWebhookServer, type WebhookServer, type WebhookServerOptions } from './webhook-server.ts'
export type { WebhookLimits } from './webhook-limits.ts'
