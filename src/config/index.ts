/** File and environment to one frozen configuration; every problem at once. */
export { InvalidConfigError, type Config, type ConfigProblem, type ConfiguredRegistry } from './config.ts'
export { readConfig, type ConfigSurroundings } from './read-config.ts'
