import { startApi } from '../parts/api.ts'
import { composeCatalog } from '../parts/catalog.ts'
import { watchConfiguration, type ConfigurationFile } from '../process/configuration-file.ts'
import { listenAt, startOrUndo, type Shutdown } from '../process/lifecycle.ts'
import { version } from '../process/version.ts'
import type { Config } from '../../config/index.ts'
import { createOperationsServer } from '../../http/index.ts'
import { createLogger } from '../../telemetry/index.ts'

/** The running server of `patchline watch`. */
export interface RunningWatch {
  readonly apiPort: number
  readonly operationsPort: number
  /** Answers what is under way, and ends everything. */
  close(): Promise<void>
}

// That of image-watcher, so that those who asked it need another host name and nothing else.
const defaultPort = 4006

/**
 * Starts what answers other programs, without a cluster: the API and the operations port.
 * @throws Error that says what is missing, such as a free port.
 */
export async function composeWatch(config: Config, configuration?: ConfigurationFile): Promise<RunningWatch> {
  return startOrUndo(shutdown => start(config, configuration, shutdown))
}

async function start(
  config: Config,
  configuration: ConfigurationFile | undefined,
  shutdown: Shutdown,
): Promise<RunningWatch> {
  const log = createLogger({ level: config.log.level })
  shutdown.defer(() => log.flush())
  const composed = composeCatalog(config, { log, shutdown })
  const { metrics } = composed
  watchConfiguration(configuration, { log, metrics }, { shutdown })
  const problems: string[] = ['starting']
  const operations = createOperationsServer({ readiness: { problems: () => problems }, metrics, log })
  shutdown.defer(() => operations.close())
  const operationsPort = await listenAt({ section: 'operations', ...config.operations }, operations)
  const port = config.api.port ?? defaultPort
  const apiPort = await startApi({ ...config, port }, { ...composed, log }, shutdown)
  problems.pop()
  log.info({ version, apiPort, operationsPort }, 'watching')
  return { apiPort, operationsPort, close: () => shutdown.run() }
}
