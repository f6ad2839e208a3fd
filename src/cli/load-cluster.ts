import { loadKubeConfig } from '../kubernetes/index.ts'
import type { Terminal } from './terminal.ts'

/** How a person names a cluster. */
export interface ClusterOptions {
  readonly kubeconfig?: string
  readonly context?: string
}

/**
 * The kubeconfig of `--kubeconfig`, else KUBECONFIG's, else that of the usual places; for commands that need no configuration.
 * @throws KubernetesError `no-config`
 */
export function loadCluster(
  { kubeconfig: path, context }: ClusterOptions,
  { environment }: Terminal,
): ReturnType<typeof loadKubeConfig> {
  return loadKubeConfig({ path, searchPath: environment['KUBECONFIG'], context })
}
