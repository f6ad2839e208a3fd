import { isJsonObject, itemsOf, member, textOf, at } from '../../json/index.ts'
import { shellWords } from '../../text/index.ts'
import type { Strategy } from '../../version/index.ts'

/** What k8sUpdater was told, by its own names (asicoderOfficial/k8sUpdater, README section 2). */
export interface K8sUpdaterSetup {
  /** The Deployments that VersioningHandlers name. */
  readonly deployments: readonly string[]
  /** Its environment variables. */
  readonly variables: Readonly<Record<string, string>>
}

/** What Patchline is to be told in their place. */
export interface Migration {
  /** A PatchPolicy. */
  readonly policy: object
  /** The configuration file. */
  readonly configuration: object
  /** What a person has to do or to know, as sentences. */
  readonly remarks: readonly string[]
}

/** What some documents (VersioningHandlers, the operator's Deployment or ConfigMap) say. */
export function readSetup(documents: readonly unknown[]): K8sUpdaterSetup {
  const deployments = new Set<string>()
  const variables = new Map<string, string>()
  for (const document of documents) {
    if (member(document, 'kind') === 'VersioningHandler') {
      const name = textOf(at(document, ['spec', 'deployment']))
      if (name !== '') deployments.add(name)
    }
    for (const [name, value] of variablesIn(document)) variables.set(name, value)
  }
  return { deployments: [...deployments], variables: Object.fromEntries(variables) }
}

function variablesIn(document: unknown): readonly (readonly [string, string])[] {
  const data = member(document, 'data')
  if (member(document, 'kind') === 'ConfigMap' && isJsonObject(data))
    return Object.entries(data).map(([name, value]) => [name, textOf(value)] as const)
  const containers = itemsOf(at(document, ['spec', 'template', 'spec', 'containers']))
  return containers
    .flatMap(container => itemsOf(member(container, 'env')))
    .map(variable => [textOf(member(variable, 'name')), textOf(member(variable, 'value'))] as const)
    .filter(([name]) => name !== '')
}

/** The variables of a file of `NAME=VALUE` lines. */
export function readVariables(text: string): K8sUpdaterSetup['variables'] {
  const lines = text.split(/\r?\n/).flatMap(line => {
    const [, name, value = ''] = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? []
    return name === undefined ? [] : [[name, value.trim().replace(/^(['"])(.*)\1$/, '$2')] as const]
  })
  return Object.fromEntries(lines)
}

/** The label that the Deployments of VersioningHandlers get: a policy selects by labels, not by names. */
const watchedLabel = 'k8supdater'

/** The policy, the configuration and the remarks in place of what k8sUpdater was told. */
export function migrate({ deployments, variables }: K8sUpdaterSetup): Migration {
  const frontier = frontierOf(variables['VERSIONS_FRONTIER'])
  const strategy = strategies[Math.min(Math.max(frontier ?? usualFrontier, 0), 3)] ?? 'patch'
  return {
    policy: policyOf(strategy, deployments),
    configuration: configurationOf(strategy, variables),
    remarks: [
      ...frontierRemarks(frontier, variables['VERSIONS_FRONTIER'], strategy),
      ...deploymentRemarks(deployments),
      ...secretRemarks(variables),
      'k8sUpdater patched Deployments by itself. Patchline reports what is newer; it changes no image.',
    ],
  }
}

// As many numbers as stand left of the frontier are held fast.
const strategies: readonly Strategy[] = ['major', 'minor', 'patch', 'rebuild']
const usualFrontier = 2

function frontierOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,4}$/.test(text.trim()) ? Number(text) : undefined
}

function policyOf(strategy: Strategy, deployments: readonly string[]): object {
  const objectSelector = { matchLabels: { [watchedLabel]: 'watched' } }
  return {
    apiVersion: 'patchline.dev/v1alpha1',
    kind: 'PatchPolicy',
    metadata: { name: 'k8supdater' },
    spec: {
      match: { kinds: ['Deployment'], ...(deployments.length > 0 && { objectSelector }) },
      mode: 'warn',
      strategy,
    },
  }
}

function configurationOf(strategy: Strategy, variables: K8sUpdaterSetup['variables']): object {
  const seconds = Number(variables['REFRESH_FREQUENCY_IN_SECONDS'])
  const gitlab = variables['GITLAB_BASE_URL']
  const channels = [...mailChannel(variables), ...telegramChannel(variables)]
  const names = channels.map(({ name }) => name)
  return {
    strategy,
    ...(gitlab !== undefined && URL.canParse(gitlab) && { registries: [gitlabRegistry(gitlab)] }),
    audit: {
      ...(seconds > 0 && { intervalMinutes: Math.max(1, Math.round(seconds / 60)) }),
      ...(/^true$/i.test(variables['LATEST_PREFERENCE'] ?? '') && { movedTags: 'finding' }),
    },
    ...(channels.length > 0 && {
      notifications: { channels, routes: [{ name: 'k8supdater', channels: names }] },
    }),
  }
}

// GitLab serves its registry under a host of its own, which the variables do not name.
function gitlabRegistry(address: string): object {
  const { origin, host } = new URL(address)
  return {
    host: `registry.${host}`,
    kind: 'gitlab',
    apiUrl: origin,
    tokenFrom: { environment: 'GITLAB_TOKEN' },
  }
}

interface NamedChannel {
  readonly name: string
}

function mailChannel(variables: K8sUpdaterSetup['variables']): readonly NamedChannel[] {
  const { EMAIL_HOST: host, EMAIL_PORT: port, EMAIL_SENDER: from, EMAIL_RECIPIENT: to } = variables
  if (host === undefined || from === undefined || to === undefined) return []
  const number = Number(port)
  const login = variables['EMAIL_PASSWORD'] !== undefined && {
    username: from,
    passwordFrom: { environment: 'EMAIL_PASSWORD' },
  }
  const security = login === false ? { security: 'none' } : number === 465 ? { security: 'tls' } : {}
  const place = { host, ...(number > 0 && { port: number }), ...security }
  const channel = { name: 'mail', kind: 'email', ...place, from, to: [to], ...login }
  return [channel]
}

function telegramChannel(variables: K8sUpdaterSetup['variables']): readonly NamedChannel[] {
  const chat = variables['TELEGRAM_CHAT_ID']
  if (chat === undefined) return []
  const tokenFrom = { environment: 'TELEGRAM_TOKEN' }
  const channel = { name: 'telegram', kind: 'telegram', chat, tokenFrom }
  return [channel]
}

function frontierRemarks(
  frontier: number | undefined,
  text: string | undefined,
  strategy: Strategy,
): readonly string[] {
  const newer = 'What is newer left of it is told as newestOverall.'
  if (frontier !== undefined) return [`VERSIONS_FRONTIER=${frontier} is strategy ${strategy}. ${newer}`]
  const why = text === undefined ? 'VERSIONS_FRONTIER is not given' : 'VERSIONS_FRONTIER is no number'
  return [`${why}: strategy ${strategy} is taken. ${newer}`]
}

function deploymentRemarks(deployments: readonly string[]): readonly string[] {
  if (deployments.length === 0)
    return ['No VersioningHandler names a Deployment: the policy is about all of them.']
  const first =
    'A policy selects by labels, not by names. Label the Deployments that the VersioningHandlers name, in each namespace:'
  return [
    first,
    ...deployments.map(
      name => `  kubectl label deployment ${shellWords([name])} -n NAMESPACE ${watchedLabel}=watched`,
    ),
  ]
}

const secrets = ['GITLAB_TOKEN', 'EMAIL_PASSWORD', 'TELEGRAM_TOKEN']

function secretRemarks(variables: K8sUpdaterSetup['variables']): readonly string[] {
  const named = secrets.filter(name => Object.hasOwn(variables, name))
  return named.length === 0
    ? []
    : [
        `Secrets stay out of the configuration: give ${named.join(', ')} to the audit as environment variables.`,
      ]
}
