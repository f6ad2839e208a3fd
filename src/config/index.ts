/** File and environment to one frozen configuration; every problem at once. */
export {
  InvalidConfigError,
  type Config,
  type ConfigProblem,
  type ConfigSurroundings,
  type ConfiguredRegistry,
} from './config.ts'
export type { ConfiguredChannel, ConfiguredNotifications, ConfiguredRoute } from './notifications.ts'
export { readConfig, readWorkloads } from './read-config.ts'
export { whyUnread } from './why-unread.ts'
