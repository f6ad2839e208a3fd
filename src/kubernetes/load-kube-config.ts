import type { KubeConfig } from '@kubernetes/client-node'
import { KubernetesError } from './kubernetes-error.ts'

const what = 'load the Kubernetes configuration'

/** Where to look: `path` names a kubeconfig file; without it KUBECONFIG, then ~/.kube/config, then the pod's own. */
export interface KubeConfigOptions {
  readonly path?: string | undefined
  /** The context to use in place of the current one. */
  readonly context?: string | undefined
}

/**
 * Finds out which API server to talk to and as whom. Throws KubernetesError `no-config`. The client library is loaded
 * here and not at import: it costs some 0.3 s and 55 MB, which commands without a cluster must not pay.
 */
export async function loadKubeConfig({ path, context }: KubeConfigOptions = {}): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const kubeConfig = new KubeConfig()
  try {
    if (path === undefined) kubeConfig.loadFromDefault()
    else kubeConfig.loadFromFile(path)
  } catch (cause) {
    // Without its cause: a log would show that, and it quotes the file.
    const why = withoutContent(cause)
    throw new KubernetesError('no-config', { what, why: path === undefined ? why : `${path}: ${why}` })
  }
  if (context !== undefined) useContext(kubeConfig, context)
  assertUsable(kubeConfig, path ?? 'the default places')
  return kubeConfig
}

/**
 * Why a kubeconfig cannot be used, without a word of what stands in it: a parser quotes the lines around a mistake, and one
 * of them is the token. Only what the file system says names no content.
 */
function withoutContent(cause: unknown): string {
  if (cause instanceof Error && 'syscall' in cause) return cause.message
  const place = placeOf(cause)
  return place === undefined ? 'it is no kubeconfig' : `it is not YAML (${place})`
}

function placeOf(cause: unknown): string | undefined {
  const mark = cause instanceof Error && 'mark' in cause ? cause.mark : undefined
  if (typeof mark !== 'object' || mark === null || !('line' in mark) || !('column' in mark)) return undefined
  const { line, column } = mark
  if (typeof line !== 'number' || typeof column !== 'number') return undefined
  return `line ${line + 1}, column ${column + 1}`
}

function useContext(kubeConfig: KubeConfig, context: string): void {
  const names = kubeConfig.getContexts().map(({ name }) => name)
  if (!names.includes(context)) {
    const known = names.length === 0 ? 'there are none' : `known are ${names.join(', ')}`
    throw new KubernetesError('no-config', {
      what,
      why: `there is no context ${JSON.stringify(context)}; ${known}`,
    })
  }
  kubeConfig.setCurrentContext(context)
}

function assertUsable(kubeConfig: KubeConfig, source: string): void {
  const cluster = kubeConfig.getCurrentCluster()
  if (cluster === null) {
    const context = JSON.stringify(kubeConfig.getCurrentContext() ?? '')
    throw new KubernetesError('no-config', {
      what,
      why: `${source}: the current context ${context} names no cluster`,
    })
  }
  // The library's last resort where it found nothing: kubectl's old default, which is never what was meant.
  const isFallback = cluster.name === 'cluster' && cluster.server === 'http://localhost:8080'
  if (isFallback) throw new KubernetesError('no-config', { what, why: `nothing found in ${source}` })
  // A token without KUBERNETES_SERVICE_HOST gives https://undefined:undefined.
  if (!/^https?:/.test(cluster.server) || !URL.canParse(cluster.server)) {
    throw new KubernetesError('no-config', {
      what,
      why: `${source}: ${JSON.stringify(cluster.server)} is not the URL of a server`,
    })
  }
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    throw new KubernetesError('no-config', {
      what,
      why: `${source}: ${cluster.server} is not https, and insecure-skip-tls-verify is not set`,
    })
  }
}
