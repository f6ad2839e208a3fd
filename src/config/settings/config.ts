import type { EnforcementChoices, WarningChoices } from '../../admission/index.ts'
import type { MovedTags } from '../../audit/index.ts'
import type { ChannelSettings } from '../../channels/index.ts'
import type { CommandForm } from '../../notification/index.ts'
import type { FilePolicies, Mode } from '../../policy/index.ts'
import type { RegistrySettings } from '../../registry/index.ts'
import type { LogLevel, MetricsLevel } from '../../telemetry/index.ts'
import type { SchemeSettings, Strategy, SupportTableSettings } from '../../version/index.ts'
import type { CustomKind } from '../../workload/index.ts'

/** The whole configuration, defaults filled in; frozen. */
export interface Config extends FilePolicies {
  readonly mode: Mode
  readonly strategy: Strategy
  readonly ownNamespace: string
  /** User names that count as controllers, in addition to the service accounts of kube-system. */
  readonly controllers: readonly string[]
  readonly workloads: readonly CustomKind[]
  /** The exceptions of the mode `enforce`. */
  readonly enforcement: EnforcementChoices
  /** The warnings about other things than outdated images. */
  readonly warnings: WarningChoices
  readonly webhook: {
    readonly address: string
    readonly port: number
    /** Where the serving certificate comes from; the names are those of managed ones. */
    readonly certificates: {
      readonly source: 'files' | 'managed'
      readonly service: string
      /** Of both webhook configurations. */
      readonly configuration: string
    }
    /** Absolute paths; undefined without a server. */
    readonly certificateFile: string | undefined
    readonly keyFile: string | undefined
    /** The authorities of the API server's client certificate; undefined: no certificate is required. */
    readonly clientCaFile: string | undefined
    /** Common or DNS names of accepted client certificates; empty: all certificates of the authorities. */
    readonly clientNames: readonly string[]
    /** The file of secret paths; undefined: there are none. */
    readonly pathFile: string | undefined
    readonly lookupBudgetMilliseconds: number
    readonly drainSeconds: number
  }
  readonly operations: {
    readonly address: string
    readonly port: number
    /** The authentication of clients that read the audit's report. */
    readonly authentication: OperationsAuthentication
  }
  /** The server that answers other programs. */
  readonly api: {
    readonly address: string
    /** Undefined: only `patchline watch` has it, at its default port. */
    readonly port: number | undefined
    /** Absolute paths; undefined: plain HTTP. */
    readonly certificateFile: string | undefined
    readonly keyFile: string | undefined
    /** The authorities of client certificates that may read; undefined: none do. */
    readonly clientCaFile: string | undefined
    readonly clientNames: readonly string[]
    readonly authentication: OperationsAuthentication
    readonly tokens: readonly ConfiguredToken[]
    readonly requestsPerMinute: number
    /** How long a first look-up may delay an answer. */
    readonly lookupBudgetMilliseconds: number
  }
  readonly watch: {
    /** Repositories as a person writes them. */
    readonly images: readonly string[]
    readonly intervalMinutes: number
    readonly hooks: readonly ConfiguredHook[]
  }
  /** Whether the well-known public registries may be contacted, in addition to `registries`. */
  readonly publicRegistries: boolean
  readonly registries: readonly RegistrySettings[]
  readonly egress: {
    /** Address ranges that any allowed host may resolve to. */
    readonly allowedRanges: readonly string[]
    /** Those of HTTPS_PROXY, HTTP_PROXY and NO_PROXY (in both cases) that are set; none where they are not to be used. */
    readonly proxyEnvironment: Readonly<Record<string, string>>
  }
  readonly schemes: readonly SchemeSettings[]
  /** Tables of support dates beside the shipped ones; the images by their whole repositories. */
  readonly supportTables: readonly SupportTableSettings[]
  readonly catalog: {
    /** The directory of the copy on disk, absolute; undefined: no copy is kept. */
    readonly directory: string | undefined
    readonly refreshAfterMinutes: number
    readonly staleAfterHours: number
    readonly maximumTags: number
  }
  readonly kubernetes: {
    readonly namespaceLabels: ClusterSwitch
    /** Whether PatchPolicies and PatchExceptions count. */
    readonly policies: ClusterSwitch
    /** Whether the pull secrets of workloads and their service accounts are read. */
    readonly pullSecrets: ClusterSwitch
    readonly kubeconfig: string | undefined
    /** The value of KUBECONFIG, for where no file is named. */
    readonly kubeconfigSearchPath: string | undefined
  }
  readonly audit: {
    readonly intervalMinutes: number
    /** Cron expression, instead of the interval. */
    readonly cron: string | undefined
    readonly timeZone: string
    /** How long a cycle may wait for registries. */
    readonly refreshLimitMinutes: number
    /** Empty: all. */
    readonly namespaces: readonly string[]
    readonly movedTags: MovedTags
    readonly reports: boolean
    readonly events: boolean
    /** Whether annotations of earlier reviews are corrected; the audit then patches workloads. */
    readonly correctAnnotations: boolean
    readonly metrics: MetricsLevel
    readonly maximumSeries: number
  }
  readonly notifications: ConfiguredNotifications
  readonly log: { readonly level: LogLevel }
}

/** Whether something of the cluster is read: `auto` where a cluster can be found. */
export type ClusterSwitch = 'auto' | 'on' | 'off'

/** The authentication of clients; `kubernetes` has the API server review their token, `tokens` are those of `api.tokens`. */
export type OperationsAuthentication = 'kubernetes' | 'tokens' | 'off'

/** A token that clients of the API have. */
export interface ConfiguredToken {
  readonly name: string
  readonly token: string
  readonly write: boolean
}

/** A webhook of a registry that says what was pushed. */
export interface ConfiguredHook {
  readonly name: string
  readonly kind: 'docker-hub' | 'github' | 'gitlab' | 'harbor' | 'distribution'
  readonly registry: string
  readonly secret: string
}

/** The surroundings of a configuration file that are read with it: environment and files. */
export interface ConfigSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Relative paths in the configuration start here. */
  readonly baseDirectory: string
  /** The text of a file; throws what node:fs throws. */
  readonly readFile: (path: string) => string
  /** Whether a path is that of a file; without it, paths of directories are not checked. */
  readonly isFile?: (path: string) => boolean
  /** Whether channels and routes are read: a command that sends nothing does not need their secrets. `true` if not given. */
  readonly notifications?: boolean
}

/** A route: which channels get messages about which namespaces. */
export interface ConfiguredRoute {
  readonly name: string
  readonly channels: readonly string[]
  readonly namespaces: readonly string[]
  readonly matchLabels: Readonly<Record<string, string>>
  readonly remindAfterDays?: number
  readonly heartbeatEveryDays?: number
}

/** The settings of notifications: their content, channels and routes. */
export interface ConfiguredNotifications {
  readonly cluster?: string
  readonly commands: CommandForm | 'none'
  readonly failingAfterHours: number
  readonly channels: readonly ChannelSettings[]
  readonly routes: readonly ConfiguredRoute[]
}
