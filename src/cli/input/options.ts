import { homedir } from 'node:os'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Config } from '../../config/index.ts'
import { isDnsLabel, isDnsSubdomain } from '../../text/index.ts'
import { colorChoices, type Terminal } from '../terminal/terminal.ts'

/** The options of a command that asks registries. */
export interface RegistryOptions {
  readonly dockerConfig?: string
  readonly registry?: readonly string[]
  readonly insecureRegistry?: readonly string[]
}

/** Adds the options to a command that asks registries with a person's credentials. */
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
    // The settings of a configured registry (credentials, an authority) stay in force.
    ...registry.filter(host => !configured.has(host)).map(host => ({ host, insecure: false })),
    ...insecureRegistry.map(host => ({ host, insecure: true })),
  ]
  return { ...config, registries: [...config.registries, ...added] }
}

/** The places of a person's own credentials. */
export interface PersonalPlaces {
  readonly path: string | undefined
  readonly environment: Terminal['environment']
  readonly home: string
}

/** The places of the credentials of the person at a terminal. */
export function personalPlaces(
  { environment }: Pick<Terminal, 'environment'>,
  { dockerConfig }: RegistryOptions,
): PersonalPlaces {
  // `HOME=` means no folder, not the working directory.
  return { path: dockerConfig, environment, home: environment['HOME'] || homedir() }
}

/** `--color`, for the commands that print tables. */
export function colorOption(): Option {
  return new Option('--color <when>', 'auto: on a terminal, unless NO_COLOR is set; FORCE_COLOR means always')
    .choices(colorChoices)
    .default('auto')
}

/** Parses one or several of the choices, separated by commas, and adds them to those of earlier options. */
export function severalOf<const Choice extends string>(choices: readonly Choice[]) {
  return (value: string, before: readonly Choice[] = []): readonly Choice[] => [
    ...before,
    ...value.split(',').map(text => {
      const choice = choices.find(each => each === text.trim())
      if (choice === undefined) throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`)
      return choice
    }),
  ]
}

/**
 * Parses the name of a namespace or a Service. An API server refuses others, and that refusal looks like a bad moment of it.
 * @throws InvalidArgumentError
 */
export function labelOf(kind: 'namespace' | 'Service') {
  return (value: string): string => {
    if (isDnsLabel(value)) return value
    throw new InvalidArgumentError(
      `No ${kind} can have this name: it has lower-case letters, digits and dashes.`,
    )
  }
}

/** Adds a namespace to those of earlier options. */
export function collectNamespaces(value: string, before: readonly string[] = []): readonly string[] {
  if (value.includes(','))
    throw new InvalidArgumentError('No namespace can have this name: repeat -n for each.')
  return [...before, labelOf('namespace')(value)]
}

/** Parses the name of any other object. @throws InvalidArgumentError */
export function nameOf(kind: string) {
  return (value: string): string => {
    if (isDnsSubdomain(value)) return value
    throw new InvalidArgumentError(
      `No ${kind} can have this name: it has lower-case letters, digits, dashes and dots.`,
    )
  }
}

/** Parses labels as kubectl takes them: `env=prod,team=shop`. @throws InvalidArgumentError */
export function labelsFrom(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').map(pair => pair.split('='))
  if (pairs.some(({ length }) => length !== 2))
    throw new InvalidArgumentError('They are written key=value, with commas between them.')
  return Object.fromEntries(pairs)
}
