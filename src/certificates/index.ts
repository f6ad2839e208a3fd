/** Certificates of the webhook and its clients: created by `patchline certs`, read and watched by `serve`. */
export { CertificateError } from './certificate-error.ts'
export { watchClientAuthorities } from './client-authorities.ts'
export { createCertificates, type Certificates, type KeyPair } from './create-certificates.ts'
export type { ServingPair } from './serving-pair.ts'
export type { WatchedFiles } from './files.ts'
export { watchServingPair, type WatchedServingPair } from './serving-pair.ts'
export { writeNew } from './files.ts'
export { nextWebhookPaths, parseWebhookPaths, watchWebhookPaths } from './webhook-paths.ts'
