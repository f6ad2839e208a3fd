import { join } from 'node:path'

import { execute, type Execution } from '../support/program/execute.ts'
import { toolPath } from '../support/program/tool-path.ts'
import type { ControlPlane } from './control-plane.ts'

interface Input {
  /** The standard input, for `--filename=-` or `--values=-`. */
  readonly input?: string
}

interface Caller extends Input {
  /** Impersonated: `alice`, or `system:serviceaccount:shop:deployer` with the groups of one. */
  readonly as?: string
}

/** Runs kubectl, as the administrator if no other is named; a non-zero exit code is an answer like any other. */
export function kubectl(
  controlPlane: ControlPlane,
  args: readonly string[],
  { as, ...options }: Caller = {},
): Promise<Execution> {
  // Its cache is keyed by host and port, and a port may have been another control plane's.
  const cache = `--cache-dir=${join(controlPlane.directory, 'kubectl-cache')}`
  return execute(toolPath('kubectl'), [cache, ...(as === undefined ? [] : [`--as=${as}`]), ...args], {
    ...options,
    environment: { KUBECONFIG: controlPlane.kubeconfig },
  })
}

interface HelmInput extends Input {
  /** Helm 3 if not given. */
  readonly tool?: 'helm' | 'helm4'
}

/** Runs helm as the administrator, with no repositories and no plugins. */
export function helm(
  controlPlane: ControlPlane,
  args: readonly string[],
  { tool = 'helm', ...options }: HelmInput = {},
): Promise<Execution> {
  const home = join(controlPlane.directory, tool)
  return execute(toolPath(tool), args, {
    ...options,
    environment: {
      KUBECONFIG: controlPlane.kubeconfig,
      HELM_CACHE_HOME: join(home, 'cache'),
      HELM_CONFIG_HOME: join(home, 'config'),
      HELM_DATA_HOME: join(home, 'data'),
    },
  })
}
