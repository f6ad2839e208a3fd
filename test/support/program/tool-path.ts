import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'

export type Tool =
  | 'alertmanager'
  | 'docker-registry'
  | 'etcd'
  | 'helm'
  | 'krew'
  | 'helm4'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kubectl'
  | 'prometheus'
  | 'promtool'
  | 'registry-v3'
  | 'validate-krew-manifest'

/** The path of a program that scripts/install-cluster-tools.sh has put into the cache. */
export function toolPath(tool: Tool): string {
  const path = join(toolsFolder(), 'bin', tool)
  if (existsSync(path)) return path
  throw new Error(`${path} does not exist; run scripts/install-cluster-tools.sh`)
}

// The same rule as in the script, where an empty variable counts as unset too: hence || and not ??.
function toolsFolder(): string {
  return env['PATCHLINE_TOOLS'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'patchline')
}
