/** The authority and serving pair of the webhook: made once by `patchline certs`, read and re-read by `serve`. */
export { CertificateError } from './certificate-error.ts'
export { createCertificates, type Certificates, type KeyPair } from './create-certificates.ts'
export type { ServingPair } from './serving-pair.ts'
export { watchServingPair, type WatchedServingPair } from './watch-serving-pair.ts'
