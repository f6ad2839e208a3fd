import { resolve } from 'node:path'
import { InvalidConfigError, type Config, type ConfigSurroundings } from './config.ts'
import { checkRegistries } from './check-registries.ts'
import { checkSchemes } from './check-schemes.ts'
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
  if (config === undefined || problems.length > 0)
    throw new InvalidConfigError(problems.map(each => ({ ...each, line: yaml.lineOf(namesOf(each.path)) })))
  return frozen(config)
}

function complete(raw: RawConfig, surroundings: ConfigSurroundings, problems: Problem[]): Config {
  const { environment, baseDirectory } = surroundings
  const absolute = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(baseDirectory, path)
  const { certificateFile, keyFile, clientCaFile, clientNames, pathFile } = raw.webhook
  if ((certificateFile === undefined) !== (keyFile === undefined))
    problems.push({ path: 'webhook', message: 'must have both of certificateFile and keyFile, or neither' })
  if (clientNames.length > 0 && clientCaFile === undefined)
    problems.push({ path: 'webhook.clientCaFile', message: 'is missing: clientNames needs it' })
  problems.push(...checkRegistries(raw.registries), ...checkSchemes(raw.schemes))
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
    kubernetes: { ...raw.kubernetes, kubeconfig: absolute(raw.kubernetes.kubeconfig) },
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
