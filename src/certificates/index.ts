/** Certificates of the webhook and its clients: files that `patchline certs` creates and `serve` watches, or an authority of its own. */
export { CertificateError } from './x509/certificate-error.ts'
export { watchClientAuthorities } from './files/client-authorities.ts'
export { createCertificates, type Certificates, type KeyPair } from './x509/create-certificates.ts'
export type { ServingPair } from './files/serving-pair.ts'
export type { WatchedFiles } from './files/watch-files.ts'
export { watchServingPair, type WatchedServingPair } from './files/serving-pair.ts'
export { writeNew } from './files/watch-files.ts'
export { nextWebhookPaths, parseWebhookPaths, watchWebhookPaths } from './files/webhook-paths.ts'
export {
  authorityTiming,
  createAuthority,
  type Authority,
  type AuthorityTiming,
} from './authority/authority.ts'
export { createLeafRequest, readLeaf, type Leaf } from './authority/leaf.ts'
export { bundleOf, nextStep, signingAuthority, type AuthorityStep } from './authority/next-step.ts'
export { nextPathStep, pathKey, readPaths, type PathStep } from './authority/path-step.ts'
export { createRepairLimit, type RepairLimit } from './authority/repair-limit.ts'
export { reviewRequest, servingUsages, signRequest } from './authority/sign-request.ts'
export { readAuthorities, writeAuthorities, type StoredAuthorities } from './authority/stored-authorities.ts'
