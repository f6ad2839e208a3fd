/** Tags from OCI registries: the distribution API, its challenges and its limits. Only allowed hosts are contacted. */
export { createRegistryClient, type RegistryClient } from './client.ts'
export { publicRegistries } from './public-registries.ts'
export type { RegistryLimits, RegistrySettings } from './settings.ts'
