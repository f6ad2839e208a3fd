/** The HTTP servers: the webhook over TLS, and the operations port. */
export { type MetricsText, type PreparedText } from './operations/metrics-route.ts'
export {
  createOperationsServer,
  type OperationsServer,
  type OperationsServerOptions,
  type Readiness,
} from './operations/operations-server.ts'
export { createApiServer, type ApiServer, type ApiServerOptions } from './api/api-server.ts'
export type { VerdictRequest, VerdictSource } from './api/verdict-source.ts'
export type { ReadAccess } from './operations/read-access.ts'
export { createTokenAccess } from './operations/token-access.ts'
export type { Log } from './server/server.ts'
export type { WebhookLimits } from './webhook/limits.ts'
export type { Recorder, ReviewFailure } from './webhook/review-handler.ts'
export type { PemPair } from './webhook/tls.ts'
export {
  createWebhookServer,
  type WebhookServer,
  type WebhookServerOptions,
} from './webhook/webhook-server.ts'
