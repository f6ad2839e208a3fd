import type * as composition from '../compose.ts'
import type * as auditComposition from '../compose-audit.ts'
import { UsageError } from './terminal.ts'

const oldestNode = [22, 19] as const // what undici 8 needs to be imported at all; also `engines` of package.json

/**
 * The parts that talk to registries and clusters, loaded only by the commands that need them: `check --tags-from`
 * starts in a third of the time without them.
 * @throws UsageError where this Node.js cannot run them.
 */
export async function loadComposition(): Promise<typeof composition> {
  checkNode()
  return import('../compose.ts')
}

/** The same for the audit. @throws UsageError where this Node.js cannot run it. */
export async function loadAuditComposition(): Promise<typeof auditComposition> {
  checkNode()
  return import('../compose-audit.ts')
}

function checkNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]))
    throw new UsageError(
      `needs Node.js ${oldestNode.join('.')} or newer, and this is ${process.versions.node}`,
    )
}
