/** Tags from OCI registries: the distribution API, its challenges and its limits. Only allowed hosts are contacted. */
export type { RegistryBudget, RequestEvent } from './broker/broker.ts'
export { createConfiguredCredentials } from './credentials/extended-credentials.ts'
export { createRegistryClient, type RegistryClient, type RegistryClientOptions } from './client.ts'
export { createLocalCredentials, type DockerConfigPlaces } from './credentials/local-credentials.ts'
export { createExtendedCredentials } from './credentials/extended-credentials.ts'
export {
  createPullSecretCredentials,
  type PullSecretCredentialsOptions,
} from './credentials/pull-secret-credentials.ts'
export type { AdviceTexts } from './response/advice.ts'
export { publicRegistries } from './settings/built-in.ts'
export type { SecretReader } from './credentials/pull-secret.ts'
export type { RegistryLimits, RegistrySettings } from './settings/settings.ts'
export type { EgressSettings } from './transport/egress.ts'
