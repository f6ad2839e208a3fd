import { composeClientAccess } from '../parts/client-access.ts'
import type { Config } from '../../config/index.ts'
import type { OperationsServerOptions } from '../../http/index.ts'
import type { loadKubeConfig } from '../../kubernetes/index.ts'
import type { Logger } from '../../telemetry/index.ts'

/** Who may read what the audit shows. */
export interface Readers {
  readonly access: Pick<OperationsServerOptions, 'access'>
  /** The report is not shown at all. */
  readonly isOff: boolean
}

interface ReadersParts {
  readonly log: Logger
  readonly kubeConfig: Awaited<ReturnType<typeof loadKubeConfig>>
}

/** Those whose tokens may read; without authentication all who reach the port, where that is only this machine. */
export async function composeReaders(config: Config, { log, kubeConfig }: ReadersParts): Promise<Readers> {
  const { authentication } = config.operations
  const asked = { ...config.api, authentication, log, kubeConfig: async () => kubeConfig }
  const access = await composeClientAccess(asked)
  if (access !== undefined) return { access: { access }, isOff: false }
  const isOff = !isLoopback(config)
  if (isOff)
    log.warn(
      { remedy: 'set operations.authentication to kubernetes or tokens' },
      'no report for readers without a name',
    )
  return { access: {}, isOff }
}

/** How fine the series are: no series names a workload if every client on the network could read it. */
export function metricsLevelOf(config: Config): Config['audit']['metrics'] {
  const { metrics } = config.audit
  const isOpen = config.operations.authentication === 'off' && !isLoopback(config)
  return isOpen && metrics === 'workload' ? 'namespace' : metrics
}

function isLoopback({ operations: { address } }: Config): boolean {
  return address === 'localhost' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address)
}
