import { homedir } from 'node:os'
import type { Command } from 'commander'
import type { Config } from '../config/index.ts'
import type { Terminal } from './terminal.ts'

/** As whom registries are asked, and which besides those of the configuration. */
export interface RegistryOptions {
  readonly dockerConfig?: string
  readonly registry?: readonly string[]
  readonly insecureRegistry?: readonly string[]
}

/** Adds the options to a command that asks registries for a person. */
export function addRegistryOptions(command: Command): Command {
  return command
    .option(
      '--docker-config <file>',
      'credentials as docker keeps them; without it, those of docker or podman, where there are any',
    )
    .option('--registry <host>', 'a registry that may be asked besides (repeatable)', collect)
    .option('--insecure-registry <host>', 'the same over plain HTTP (repeatable)', collect)
}

/** Gathers the values of a repeatable option. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** The configuration with the registries that the command line names. */
export function allowing(config: Config, { registry = [], insecureRegistry = [] }: RegistryOptions): Config {
  const configured = new Set(
    config.registries.flatMap(({ host, prefix }) => (prefix === undefined ? host : [])),
  )
  const added = [
    // What the configuration says of it (credentials, an authority) holds on.
    ...registry.filter(host => !configured.has(host)).map(host => ({ host, insecure: false })),
    ...insecureRegistry.map(host => ({ host, insecure: true })),
  ]
  return { ...config, registries: [...config.registries, ...added] }
}

/** Where a person's own credentials are. */
export interface PersonalPlaces {
  readonly path: string | undefined
  readonly environment: Terminal['environment']
  readonly home: string
}

/** Where those of the person at a terminal are. */
export function personalPlaces(
  { environment }: Pick<Terminal, 'environment'>,
  { dockerConfig }: RegistryOptions,
): PersonalPlaces {
  // `HOME=` means no folder, not the working directory.
  return { path: dockerConfig, environment, home: environment['HOME'] || homedir() }
}
