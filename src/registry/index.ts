/** Tags from OCI registries: the distribution API, its challenges and its limits. Only allowed hosts are contacted. */
export type { RegistryBudget, RequestEvent } from './broker.ts'
export { createRegistryClient, type RegistryClient, type RegistryClientOptions } from './client.ts'
export {
  createDockerConfigAccess,
  DockerConfigError,
  type DockerConfigPlaces,
} from './docker-config-access.ts'
export { createPullAccess, type PullAccessOptions } from './pull-access.ts'
export { publicRegistries } from './public-registries.ts'
export type { SecretReader } from './pull-secret.ts'
export type { RegistryLimits, RegistrySettings } from './settings.ts'
export { EgressSettingsError, type EgressSettings } from './egress.ts'
export { proxyFromEnvironment } from './proxy.ts'
