import { resolve } from 'node:path'
import {
  InvalidConfigError,
  type Config,
  type ConfigSurroundings,
  type ConfiguredWorkload,
} from './config.ts'
import { checkRegistries } from './check-registries.ts'
import { checkSchemes } from './check-schemes.ts'
import { checkWorkloads } from './check-workloads.ts'
import { parseYaml } from './parse-yaml.ts'
import { readNotifications } from './read-notifications.ts'
import { readRegistry } from './read-registry.ts'
import { validate, type Problem, type RawConfig } from './validate.ts'

/**
 * The configuration of a YAML text (empty: all defaults), whole and frozen.
 * @throws InvalidConfigError that names every problem at once.
 */
export function readConfig(text: string, surroundings: ConfigSurroundings): Config {
  const yaml = parseYaml(text)
  const outcome = validate(yaml.data)
  const problems = 'problems' in outcome ? [...outcome.problems] : []
  const config = 'raw' in outcome ? complete(outcome.raw, surroundings, problems) : undefined
  if (config === undefined || problems.length > 0) throw located(problems, yaml)
  return frozen(config)
}

/**
 * The custom kinds of a YAML text, where nothing else of it is needed: secrets and files that stand elsewhere are not read.
 * @throws InvalidConfigError that names every problem of its form at once.
 */
export function readWorkloads(text: string): readonly ConfiguredWorkload[] {
  const yaml = parseYaml(text)
  const outcome = validate(yaml.data)
  const problems = 'raw' in outcome ? checkWorkloads(outcome.raw.workloads) : outcome.problems
  if (problems.length > 0 || !('raw' in outcome)) throw located(problems, yaml)
  return frozen(outcome.raw.workloads)
}

function located(problems: readonly Problem[], yaml: ReturnType<typeof parseYaml>): InvalidConfigError {
  return new InvalidConfigError(problems.map(each => ({ ...each, line: yaml.lineOf(namesOf(each.path)) })))
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

function checkWebhook({ certificateFile, keyFile, clientCaFile, clientNames }: RawConfig['webhook']) {
  const problems: Problem[] = []
  if ((certificateFile === undefined) !== (keyFile === undefined))
    problems.push({ path: 'webhook', message: 'must have both of certificateFile and keyFile, or neither' })
  if (clientNames.length > 0 && clientCaFile === undefined)
    problems.push({ path: 'webhook.clientCaFile', message: 'is missing: clientNames needs it' })
  return problems
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
