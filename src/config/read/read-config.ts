import { resolve } from 'node:path'
import type { CustomKind } from '../../workload/index.ts'
import type { Config, ConfigSurroundings } from '../settings/config.ts'
import { InvalidConfigError, type ConfigProblem } from '../settings/invalid-config-error.ts'
import { checkRegistries } from './check-registries.ts'
import { checkSchedule, checkSchemes, checkWebhook, checkWorkloads } from './check-settings.ts'
import { parseYaml, type ParsedYaml, type RepeatedKey } from './parse-yaml.ts'
import { channelProblems, readNotifications } from './read-notifications.ts'
import { readRegistry } from './read-registry.ts'
import { keyProblem } from '../schema/schema-problem.ts'
import { validate, type Problem, type RawConfig, type Validated } from '../schema/validate.ts'

/**
 * Reads the configuration of a YAML text (empty: all defaults), whole and frozen.
 * @throws InvalidConfigError that names every problem at once.
 */
export function readConfig(text: string, surroundings: ConfigSurroundings): Config {
  const yaml = parseYaml(text)
  const problems: Problem[] = [...checkSchedule(yaml.data)]
  const config = completeOrTell(
    validate(yaml.data, names => yaml.sourceOf(names)),
    surroundings,
    problems,
  )
  assertNone(problems, yaml)
  if (config === undefined) throw new Error('a configuration is refused without a problem')
  return frozen(config)
}

/**
 * Reads the custom kinds of a YAML text alone: the secrets and files that the rest names are not read.
 * @throws InvalidConfigError that names every problem of its form at once.
 */
export function readWorkloads(text: string): readonly CustomKind[] {
  const yaml = parseYaml(text)
  const outcome = validate(yaml.data, names => yaml.sourceOf(names))
  assertNone('raw' in outcome ? checkWorkloads(outcome.raw.workloads) : outcome.problems, yaml)
  return frozen('raw' in outcome ? outcome.raw.workloads : [])
}

function assertNone(problems: readonly Problem[], yaml: ParsedYaml): void {
  const all = [
    ...yaml.repeated.map(repeatedProblem),
    ...problems.map(each => ({ ...each, line: yaml.lineOf(namesOf(each.path)) })),
  ]
  if (all.length > 0) throw new InvalidConfigError(all)
}

function repeatedProblem({ path, key, lines }: RepeatedKey): ConfigProblem {
  const last = lines.at(-1)
  const count = lines.length === 2 ? 'twice' : `${lines.length} times`
  const message = `is there ${count} (lines ${lines.slice(0, -1).join(', ')} and ${last})`
  return { ...keyProblem(path, key, message), line: undefined }
}

// Secrets and files are read also where the form of something else is wrong, so that all problems are reported at once.
function completeOrTell(
  outcome: Validated,
  surroundings: ConfigSurroundings,
  problems: Problem[],
): Config | undefined {
  if ('raw' in outcome) return complete(outcome.raw, surroundings, problems)
  const { registries, channels } = outcome.parts
  problems.push(
    ...outcome.problems,
    ...registries.flatMap((registry, at) =>
      registry === undefined
        ? []
        : readRegistry(registry, { path: `registries[${at}]`, surroundings }).problems,
    ),
    ...channelProblems(channels, surroundings),
  )
  return undefined
}

function complete(raw: RawConfig, surroundings: ConfigSurroundings, problems: Problem[]): Config {
  const { environment, baseDirectory } = surroundings
  const { KUBECONFIG: kubeconfigSearchPath } = environment
  const absolute = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(baseDirectory, path)
  const { kubernetes, webhook } = raw
  const { certificateFile, keyFile, clientCaFile, pathFile } = webhook
  problems.push(
    ...checkWebhook(webhook),
    ...checkRegistries(raw.registries),
    ...checkSchemes(raw.schemes),
    ...checkWorkloads(raw.workloads),
  )
  return {
    ...raw,
    ownNamespace: raw.ownNamespace ?? (environment['POD_NAMESPACE'] || 'patchline-system'),
    webhook: {
      ...raw.webhook,
      certificateFile: absolute(certificateFile),
      keyFile: absolute(keyFile),
      clientCaFile: absolute(clientCaFile),
      pathFile: absolute(pathFile),
    },
    registries: raw.registries.flatMap((registry, at) => {
      const read = readRegistry(registry, { path: `registries[${at}]`, surroundings })
      problems.push(...read.problems)
      return [read.registry]
    }),
    egress: {
      allowedRanges: raw.egress.allowedRanges,
      proxyEnvironment: raw.egress.proxyFromEnvironment ? proxyEnvironment(environment) : {},
    },
    catalog: { ...raw.catalog, directory: absolute(raw.catalog.directory) },
    kubernetes: { ...kubernetes, kubeconfig: absolute(kubernetes.kubeconfig), kubeconfigSearchPath },
    audit: { ...raw.audit, cron: raw.audit.cron },
    notifications: readNotifications(raw.notifications, { surroundings, problems }),
  }
}

function proxyEnvironment(environment: ConfigSurroundings['environment']): Readonly<Record<string, string>> {
  const names = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'].flatMap(name => [name, name.toLowerCase()])
  const set = names.flatMap(name => {
    const value = environment[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(set)
}

function namesOf(path: string): readonly string[] {
  return path.split(/[.[\]]+/).filter(name => name !== '')
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen)
  return value
}
