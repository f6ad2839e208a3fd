/** How the webhook and the API server know each other: made once by `patchline certs`, read and re-read by `serve`. */
export { CertificateError } from './certificate-error.ts'
export { watchClientAuthorities } from './client-authorities.ts'
export { createCertificates, type Certificates, type KeyPair } from './create-certificates.ts'
export type { ServingPair } from './serving-pair.ts'
export type { WatchedFiles } from './files.ts'
export { watchServingPair, type WatchedServingPair } from './serving-pair.ts'
export { writeNew } from './files.ts'
export { nextWebhookPaths, parseWebhookPaths, watchWebhookPaths } from './webhook-paths.ts'
