import { resolve } from 'node:path'
import { parseReferences } from '../../image/index.ts'
import type { FilePolicies } from '../../policy/index.ts'
import type { SupportTableSettings } from '../../version/index.ts'
import type { CustomKind } from '../../workload/index.ts'
import type { Config, ConfigSurroundings } from '../settings/config.ts'
import { InvalidConfigError, type ConfigProblem } from '../settings/invalid-config-error.ts'
import { checkRegistries } from './check-registries.ts'
import {
  checkApi,
  checkDirectory,
  checkPorts,
  checkSchedule,
  checkSchemes,
  checkSupportTables,
  checkWebhook,
  checkWorkloads,
} from './check-settings.ts'
import { parseYaml, type ParsedYaml, type RepeatedKey } from './parse-yaml.ts'
import { checkTokens, readHooks, readTokens } from './read-api.ts'
import { readChannels } from './read-notifications.ts'
import { readPolicies } from './read-policies.ts'
import { readRegistries } from './read-registry.ts'
import { keyProblem } from '../schema/schema-problem.ts'
import { validate, type Problem, type RawConfig, type ValidParts } from '../schema/validate.ts'

/**
 * Reads the configuration of a YAML text (empty: all defaults), whole and frozen.
 * @throws InvalidConfigError that names every problem at once.
 */
export function readConfig(text: string, surroundings: ConfigSurroundings): Config {
  const yaml = parseYaml(text)
  const { raw, problems, parts } = validate(yaml.data, names => yaml.sourceOf(names))
  // Secrets, files and contradictions are looked at also where the form of something else is wrong: one round shows all problems.
  const registries = readRegistries(parts.registries, surroundings)
  const tokens = readTokens(parts.api, surroundings)
  const hooks = readHooks(parts.watch, surroundings)
  const channels = readChannels(parts, surroundings, raw?.notifications.commands)
  const policies = readPolicies(parts)
  assertNone(
    [
      ...checkSchedule(yaml.data),
      ...problems,
      ...checkParts(parts, surroundings),
      ...registries.problems,
      ...tokens.problems,
      ...hooks.problems,
      ...channels.problems,
      ...policies.problems,
    ],
    yaml,
  )
  if (raw === undefined) throw new Error('a configuration is refused without a problem')
  const read = {
    registries: registries.read,
    channels: channels.read,
    policies: policies.read,
    tokens: tokens.read,
    hooks: hooks.read,
  }
  return frozen(complete(raw, surroundings, read))
}

/**
 * Reads the custom kinds of a YAML text alone: the secrets and files that the rest names are not read.
 * @throws InvalidConfigError that names every problem of its form, and of these kinds, at once.
 */
export function readWorkloads(text: string): readonly CustomKind[] {
  const yaml = parseYaml(text)
  const { raw, problems, parts } = validate(yaml.data, names => yaml.sourceOf(names))
  assertNone([...problems, ...checkWorkloads(parts.workloads)], yaml)
  return frozen(raw?.workloads ?? [])
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

function checkParts(parts: ValidParts, surroundings: ConfigSurroundings): readonly Problem[] {
  return [
    ...checkWebhook(parts.webhook),
    ...checkApi(parts.api),
    ...checkTokens(parts),
    ...checkPorts(parts),
    ...checkDirectory(parts.catalog, surroundings),
    ...checkRegistries(parts.registries),
    ...checkSchemes(parts.schemes, parts.registries),
    ...checkSupportTables(parts.supportTables),
    ...checkWorkloads(parts.workloads),
  ]
}

interface Resolved {
  readonly registries: Config['registries']
  readonly channels: Config['notifications']['channels']
  readonly policies: FilePolicies
  readonly tokens: Config['api']['tokens']
  readonly hooks: Config['watch']['hooks']
}

function complete(
  raw: RawConfig,
  { environment, baseDirectory, notifications }: ConfigSurroundings,
  { registries, channels, policies, tokens, hooks }: Resolved,
): Config {
  const { KUBECONFIG: kubeconfigSearchPath } = environment
  const absolute = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(baseDirectory, path)
  const { kubernetes } = raw
  const { certificateFile, keyFile, clientCaFile, pathFile } = raw.webhook
  return {
    ...raw,
    ...policies,
    ownNamespace: raw.ownNamespace ?? (environment['POD_NAMESPACE'] || 'patchline-system'),
    webhook: {
      ...raw.webhook,
      certificateFile: absolute(certificateFile),
      keyFile: absolute(keyFile),
      clientCaFile: absolute(clientCaFile),
      pathFile: absolute(pathFile),
    },
    api: { ...completeApi(raw.api, absolute), tokens },
    watch: { ...raw.watch, hooks },
    registries,
    egress: {
      allowedRanges: raw.egress.allowedRanges,
      proxyEnvironment: raw.egress.proxyFromEnvironment ? proxyEnvironment(environment) : {},
    },
    supportTables: raw.supportTables.map(withWholeNames),
    catalog: { ...raw.catalog, directory: absolute(raw.catalog.directory) },
    kubernetes: { ...kubernetes, kubeconfig: absolute(kubernetes.kubeconfig), kubeconfigSearchPath },
    audit: { ...raw.audit, cron: raw.audit.cron },
    notifications: { ...raw.notifications, channels, ...(notifications === false && { routes: [] }) },
  }
}

// `node` is `docker.io/library/node`, as in a reference.
function withWholeNames({ images, lines }: SupportTableSettings): SupportTableSettings {
  const names = parseReferences(images).map(({ registry, repository }) => `${registry}/${repository}`)
  return { images: names, lines }
}

function completeApi(
  api: RawConfig['api'],
  absolute: (path: string | undefined) => string | undefined,
): Omit<Config['api'], 'tokens'> {
  return {
    ...api,
    port: api.port,
    certificateFile: absolute(api.certificateFile),
    keyFile: absolute(api.keyFile),
    clientCaFile: absolute(api.clientCaFile),
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
