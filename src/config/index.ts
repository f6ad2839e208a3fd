/** File and environment to one frozen configuration; every problem at once. */
export type {
  Config,
  ConfiguredNotifications,
  ConfiguredRoute,
  ConfigSurroundings,
} from './settings/config.ts'
export { InvalidConfigError, type ConfigProblem } from './settings/invalid-config-error.ts'
export { readConfig, readWorkloads } from './read/read-config.ts'
export { whyUnread } from './read/read-secret.ts'
