import type { Mode } from '../policy/index.ts'
import type { Strategy } from '../version/index.ts'

/** A registry that may be asked, with its secrets and files read. */
export interface ConfiguredRegistry {
  readonly host: string
  readonly endpoint?: string
  readonly tokenHost?: string
  readonly insecure?: boolean
  /** PEM text. */
  readonly ca?: string
  readonly credentials?: { readonly username: string; readonly password: string }
}

/** The whole configuration, defaults filled in; frozen. */
export interface Config {
  readonly mode: Mode
  readonly strategy: Strategy
  readonly ownNamespace: string
  /** User names that count as controllers besides the service accounts of kube-system. */
  readonly controllers: readonly string[]
  readonly webhook: {
    readonly address: string
    readonly port: number
    /** Absolute paths; undefined where no server is meant. */
    readonly certificateFile: string | undefined
    readonly keyFile: string | undefined
    readonly lookupBudgetMilliseconds: number
    readonly drainSeconds: number
  }
  readonly operations: { readonly address: string; readonly port: number }
  /** Whether the well-known public registries may be asked besides `registries`. */
  readonly publicRegistries: boolean
  readonly registries: readonly ConfiguredRegistry[]
  readonly catalog: {
    readonly refreshAfterMinutes: number
    readonly staleAfterHours: number
    readonly maximumTags: number
  }
  readonly kubernetes: {
    readonly namespaceLabels: NamespaceLabelsSwitch
    readonly kubeconfig: string | undefined
  }
  readonly log: { readonly level: LogLevel }
}

/** Whether namespaces' labels are read: `auto` where a cluster can be found. */
export const namespaceLabelsSwitches = ['auto', 'on', 'off'] as const
export type NamespaceLabelsSwitch = (typeof namespaceLabelsSwitches)[number]

export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

/** What a configuration is read from besides its text. */
export interface ConfigSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Relative paths in the configuration start here. */
  readonly baseDirectory: string
  /** The text of a file; throws what node:fs throws. */
  readonly readFile: (path: string) => string
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

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, message, line }) => {
      const at = line === undefined ? '' : ` (line ${line})`
      return `  ${path === '' ? '(whole file)' : path}: ${message}${at}`
    })
    super(
      `the configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${lines.join('\n')}`,
    )
    this.problems = problems
  }
}
