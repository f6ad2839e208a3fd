/** Where the servers log their own faults: a constant message and fields. */
export interface Log {
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}
