import { remedyFor, type CommandForm } from './commands.ts'
import type { WorkloadFindings } from './order.ts'

/** What to do about one image in however many workloads. */
export interface Advice {
  /** The command for the first workload that has one. */
  readonly command: string | undefined
  /** For how many more workloads it is the like with their names. */
  readonly likewise: number
  /** What to know or to do instead or besides, each said once. */
  readonly hints: readonly string[]
  /** How many more hints there are. */
  readonly moreHints: number
}

/** The advice for findings about one image. */
export function adviceFor(workloads: readonly WorkloadFindings[], form: CommandForm): Advice {
  const commands = new Set<string>()
  const hints = new Set<string>()
  for (const { findings } of workloads) {
    const { command, hint } = remedyFor(findings, form)
    if (command !== undefined) commands.add(command)
    if (hint !== undefined) hints.add(hint)
  }
  const [command] = commands
  return {
    command,
    likewise: Math.max(0, commands.size - 1),
    hints: [...hints].slice(0, mostHints),
    moreHints: Math.max(0, hints.size - mostHints),
  }
}

// An image in fifty workloads of fifty releases: the first ones show how.
const mostHints = 3
