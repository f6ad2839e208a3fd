import type { Terminal } from './terminal.ts'

/** One line that says how far something is. */
export interface Progress {
  show(text: string): void
  /** Takes the line away. */
  end(): void
}

/** Progress on standard error for a person who waits: in a pipe, or in a log, it would only be in the way. */
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
