/** Renders the chart with the helm of the tools folder, or that of PATH. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'

/** The folder of the chart. */
export const chartFolder = join(import.meta.dirname, '../../charts/patchline')

/** What `helm template patchline` prints for the namespace patchline-system. */
export function renderChart(values: object): string {
  const args = ['template', 'patchline', chartFolder, '--namespace', 'patchline-system', '--values', '-']
  return execFileSync(helmPath(), args, { encoding: 'utf8', input: JSON.stringify(values) })
}

// The same folder as that of scripts/install-cluster-tools.sh.
function helmPath(): string {
  const tools =
    env['PATCHLINE_TOOLS'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'patchline')
  const path = join(tools, 'bin/helm')
  return existsSync(path) ? path : 'helm'
}
