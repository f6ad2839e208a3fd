/** The surroundings of a command: where it writes, what it reads. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Whether standard error is a terminal. */
  readonly isInteractive?: boolean
  /** The width of standard output, where that is a terminal. */
  readonly columns?: number | undefined
  out(text: string): void
  err(text: string): void
  /** The text of a file; `-` is standard input. Throws what node:fs throws. */
  readFile(path: string): string
  /** Whether there is a file with this name. */
  isFile?(path: string): boolean
}

/** The exit codes of the commands; scripts rely on the numbers. */
export const exitCodes = { fine: 0, usage: 1, outdated: 2, unchecked: 3, missing: 4 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** A command line that cannot be carried out; the message says what to do instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The width and colours of the output. */
export interface ScreenOptions {
  /** Columns of a line; Infinity where lines are not wrapped. */
  readonly width: number
  readonly isColoured: boolean
}

export const colorChoices = ['auto', 'always', 'never'] as const
export type ColorChoice = (typeof colorChoices)[number]

/** The width and colours of a terminal, as its environment and the options of the command say. */
export function screenOf(
  terminal: Terminal,
  { color, isWide }: { readonly color: ColorChoice; readonly isWide: boolean },
): ScreenOptions {
  return { width: isWide ? Infinity : widthOf(terminal), isColoured: isColoured(terminal, color) }
}

const usualWidth = 80
// A narrower table cannot be read; a pseudo-terminal may report 0 columns.
const leastWidth = 40

function widthOf({ environment, columns = 0 }: Terminal): number {
  const said = columns > 0 ? columns : Number(environment['COLUMNS'] ?? 0)
  return Number.isInteger(said) && said >= leastWidth ? said : usualWidth
}

// An option overrides the environment (no-color.org, force-color.org), and that overrides the terminal.
function isColoured({ environment, columns }: Terminal, color: ColorChoice): boolean {
  if (color !== 'auto') return color === 'always'
  const { NO_COLOR: none = '', FORCE_COLOR: force = '', TERM: kind } = environment
  if (none !== '') return false
  if (force !== '') return force !== '0' && force !== 'false'
  return columns !== undefined && kind !== 'dumb'
}

/** One line of progress. */
export interface Progress {
  show(text: string): void
  /** Erases the line. */
  end(): void
}

/** Creates a line of progress on standard error; it stays empty in a pipe or a log. */
export function createProgress({ isInteractive, err }: Pick<Terminal, 'isInteractive' | 'err'>): Progress {
  let shown = ''
  return {
    show(text) {
      if (isInteractive !== true || text === shown) return
      err(`\r${text.padEnd(shown.length)}`)
      shown = text
    },
    end() {
      if (shown !== '') err(`\r${' '.repeat(shown.length)}\r`)
      shown = ''
    },
  }
}

/** Resolves once the process gets the signal. */
export function signalled(signal: 'SIGTERM' | 'SIGINT'): Promise<void> {
  return new Promise(resolve => process.once(signal, () => resolve()))
}
