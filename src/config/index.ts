/** File and environment to one frozen configuration; every problem at once. */
export {
  InvalidConfigError,
  type Config,
  type ConfigProblem,
  type ConfigSurroundings,
  type ConfiguredRegistry,
} from './config.ts'
export { readConfig } from './read-config.ts'
