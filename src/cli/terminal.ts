/** What a command has of the world: where it writes, what it reads. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Whether a person looks at standard error. */
  readonly isInteractive?: boolean
  /** How wide standard output is, where that is a terminal. */
  readonly columns?: number | undefined
  out(text: string): void
  err(text: string): void
  /** The text of a file; `-` is standard input. Throws what node:fs throws. */
  readFile(path: string): string
  /** Whether there is a file with this name. */
  isFile?(path: string): boolean
}

/** What a command ends with; scripts rely on the numbers. */
export const exitCodes = { fine: 0, usage: 1, outdated: 2, unchecked: 3, missing: 4 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The person asked for something that cannot be done as asked; the message says what to do instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
