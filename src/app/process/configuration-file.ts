import { createHash } from 'node:crypto'
import type { Shutdown } from './lifecycle.ts'
import type { Logger, Metrics } from '../../telemetry/index.ts'

/** The file that a process was configured by. */
export interface ConfigurationFile {
  readonly path: string
  /** As it was at the start. */
  readonly text: string
  /** As it is now. @throws Error where it cannot be read. */
  read(): string
  /** Whether a start would take what it holds now. @throws Error that says why not. */
  check(): void
}

interface Observed {
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'setConfigurationChanged'>
}

/** As often as certificates are looked at; a mounted ConfigMap follows its object within a minute or two. */
const lookEvery = 10_000

const remedy =
  'restart to apply it: kubectl -n patchline-system rollout restart deployment/patchline deployment/patchline-audit'

/**
 * Looks for changes of the file, where there is one, and says them: a process keeps the configuration that it started with. By
 * its text, for Kubernetes replaces the folder behind a ConfigMap's volume by a symbolic link, which file events and inodes miss.
 */
export function watchConfiguration(
  file: ConfigurationFile | undefined,
  { log, metrics }: Observed,
  { shutdown, every = lookEvery }: { readonly shutdown: Shutdown; readonly every?: number },
): void {
  if (file === undefined) return
  const { path } = file
  const first = hashOf(file.text)
  let last: string | undefined = first
  const look = (): void => {
    const seen = hashIn(file)
    if (seen === last) return
    last = seen
    metrics.setConfigurationChanged(seen !== first)
    if (seen === first) return log.info({ path }, 'configuration is again as it was at the start')
    const problem = seen === undefined ? 'the file cannot be read' : problemIn(file)
    if (problem === undefined) log.warn({ path, remedy }, 'configuration changed, not applied')
    else log.error({ path, reason: problem }, 'configuration changed, a restart would not take it')
  }
  metrics.setConfigurationChanged(false)
  const timer = setInterval(look, every)
  timer.unref()
  shutdown.defer(() => clearInterval(timer))
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hashIn(file: ConfigurationFile): string | undefined {
  try {
    return hashOf(file.read())
  } catch {
    // Between two versions of a ConfigMap there may be none; one that stays away is told.
    return undefined
  }
}

function problemIn(file: ConfigurationFile): string | undefined {
  try {
    file.check()
    return undefined
  } catch (error) {
    // Problems by name, without secrets; what else may be wrong (an environment variable) names itself too.
    return error instanceof Error ? error.message : String(error)
  }
}
