import type { Mode } from '../policy/index.ts'
import type { ConfiguredNotifications } from './notifications.ts'
import type { Strategy } from '../version/index.ts'

/** A registry that may be asked, with its secrets and files read and its host in its one spelling. */
export interface ConfiguredRegistry {
  readonly host: string
  readonly name?: string
  readonly prefix?: string
  readonly kind?: RegistryKind
  readonly endpoint?: string
  readonly apiUrl?: string
  readonly apiToken?: string
  readonly tokenHost?: string
  readonly insecure?: boolean
  /** PEM text. */
  readonly ca?: string
  /** Its address may hold a password. */
  readonly proxy?: string
  readonly credentials?: { readonly username: string; readonly password: string }
  /** The text of a docker configuration file. */
  readonly dockerConfig?: string
  readonly provider?: ConfiguredProvider
  readonly limits?: {
    readonly requestsPerSecond?: number
    readonly burst?: number
    readonly concurrency?: number
    readonly pageSize?: number
    /** Milliseconds. */
    readonly requestTimeout?: number
  }
  readonly aliases?: readonly string[]
  /** For workloads of which namespaces its credentials are used (`team-a`, `team-*`); all if not given. */
  readonly namespaces?: readonly string[]
}

/** A cloud that gives out credentials, with what the environment says about it. */
export type ConfiguredProvider =
  | { readonly kind: 'ecr' }
  | {
      readonly kind: 'gar'
      readonly metadataHost?: string
      /** The JSON text of a service account's key. */
      readonly key?: string
    }
  | {
      readonly kind: 'acr'
      readonly clientId: string
      readonly tenantId: string
      readonly authorityHost?: string
      /** Absolute. */
      readonly tokenFile: string
    }

/** How the tags of some images are to be read, where their form alone does not say it. */
export interface ConfiguredScheme {
  readonly name?: string
  readonly images: readonly string[]
  readonly pattern: string
}

/** A custom kind with pod templates; several entries of a kind add up. */
export interface ConfiguredWorkload {
  readonly group: string
  readonly kind: string
  readonly resource?: string
  readonly podTemplate: string
}

/** The whole configuration, defaults filled in; frozen. */
export interface Config {
  readonly mode: Mode
  readonly strategy: Strategy
  readonly ownNamespace: string
  /** User names that count as controllers besides the service accounts of kube-system. */
  readonly controllers: readonly string[]
  readonly workloads: readonly ConfiguredWorkload[]
  /** What the mode `enforce` refuses. */
  readonly enforcement: {
    readonly steps: StepChoice
    readonly copies: OutcomeChoice
    readonly rebuilds: OutcomeChoice
  }
  /** What is told to people besides outdated images. */
  readonly warnings: { readonly unlistedRegistries: boolean; readonly floatingTags: boolean }
  readonly webhook: {
    readonly address: string
    readonly port: number
    /** Absolute paths; undefined where no server is meant. */
    readonly certificateFile: string | undefined
    readonly keyFile: string | undefined
    /** Of the authorities of the API server's client certificate; where missing, none is asked for. */
    readonly clientCaFile: string | undefined
    /** Common or DNS names of the client certificates that are taken; empty: all of the authorities. */
    readonly clientNames: readonly string[]
    /** Of the secret paths; where missing, there are none. */
    readonly pathFile: string | undefined
    readonly lookupBudgetMilliseconds: number
    readonly drainSeconds: number
  }
  readonly operations: {
    readonly address: string
    readonly port: number
    /** By what the audit knows who may read its report. */
    readonly authentication: OperationsAuthentication
  }
  /** Whether the well-known public registries may be asked besides `registries`. */
  readonly publicRegistries: boolean
  readonly registries: readonly ConfiguredRegistry[]
  readonly egress: {
    /** Address ranges to which any allowed host may lead. */
    readonly allowedRanges: readonly string[]
    /** Those of HTTPS_PROXY, HTTP_PROXY and NO_PROXY (in both cases) that are set; none where they are not to be used. */
    readonly proxyEnvironment: Readonly<Record<string, string>>
  }
  readonly schemes: readonly ConfiguredScheme[]
  readonly catalog: {
    /** Of the copy on disk; absolute, undefined where none is kept. */
    readonly directory: string | undefined
    readonly refreshAfterMinutes: number
    readonly staleAfterHours: number
    readonly maximumTags: number
  }
  readonly kubernetes: {
    readonly namespaceLabels: ClusterSwitch
    /** Whether the pull secrets of workloads and their service accounts are read. */
    readonly pullSecrets: ClusterSwitch
    readonly kubeconfig: string | undefined
    /** The value of KUBECONFIG, for where no file is named. */
    readonly kubeconfigSearchPath: string | undefined
  }
  readonly audit: {
    readonly intervalMinutes: number
    /** In place of the interval. */
    readonly cron: string | undefined
    readonly timeZone: string
    /** How long a cycle may wait for registries. */
    readonly refreshLimitMinutes: number
    /** Empty: all. */
    readonly namespaces: readonly string[]
    readonly movedTags: MovedTags
    readonly reports: boolean
    readonly events: boolean
    /** Whether what reviews wrote is put right where it is wrong by now: for that, workloads may be patched. */
    readonly correctAnnotations: boolean
    readonly metrics: MetricsLevel
    readonly maximumSeries: number
  }
  readonly notifications: ConfiguredNotifications
  readonly log: { readonly level: LogLevel }
}

/** Whether something of the cluster is read: `auto` where a cluster can be found. */
export const clusterSwitches = ['auto', 'on', 'off'] as const
export type ClusterSwitch = (typeof clusterSwitches)[number]

/** `kubernetes`: by tokens that the API server reviews. */
export const operationsAuthentications = ['kubernetes', 'off'] as const
export type OperationsAuthentication = (typeof operationsAuthentications)[number]

/** To which tags an update may go under `enforce`; the same list as the admission's. */
export const stepChoices = ['newer', 'newest'] as const
export type StepChoice = (typeof stepChoices)[number]

/** What becomes of some outdated images under `enforce`; the same list as the admission's. */
export const outcomeChoices = ['allowed', 'refused'] as const
export type OutcomeChoice = (typeof outcomeChoices)[number]

/** What a registry may run; the same list as the registry client's. */
export const registryKinds = [
  'oci',
  'docker-hub',
  'gitlab',
  'quay',
  'ghcr',
  'harbor',
  'artifactory',
  'nexus',
] as const
export type RegistryKind = (typeof registryKinds)[number]

export const providerKinds = ['ecr', 'gar', 'acr'] as const
export type ProviderKind = (typeof providerKinds)[number]

/** Whether a tag that has moved on is a finding; the same list as the audit's. */
export const movedTagsChoices = ['finding', 'information'] as const
export type MovedTags = (typeof movedTagsChoices)[number]

/** How fine the series of the drift report are; the same list as the metrics'. */
export const metricsLevels = ['workload', 'namespace', 'off'] as const
export type MetricsLevel = (typeof metricsLevels)[number]

export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

/** What a configuration is read from besides its text. */
export interface ConfigSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Relative paths in the configuration start here. */
  readonly baseDirectory: string
  /** The text of a file; throws what node:fs throws. */
  readonly readFile: (path: string) => string
  /** Whether channels and routes are read: who sends nothing has no need of their secrets. `true` if not given. */
  readonly notifications?: boolean
}

/** What is wrong with a configuration: where (`registries[2].host`) and why, with the line where that is known. */
export interface ConfigProblem {
  readonly path: string
  readonly message: string
  readonly line: number | undefined
}

/** The configuration cannot be used; the message names every problem, one a line. Holds no secrets. */
export class InvalidConfigError extends Error {
  override readonly name = 'InvalidConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[], file?: string) {
    const lines = problems.map(({ path, message, line }) => {
      const at = line === undefined ? '' : ` (line ${line})`
      return `  ${path === '' ? '(whole file)' : path}: ${message}${at}`
    })
    super(
      `the configuration ${file === undefined ? '' : `${file} `}has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${lines.join('\n')}`,
    )
    this.problems = problems
  }
}
