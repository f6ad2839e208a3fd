/** A problem of a configuration: where (`registries[2].host`) and why, with the line where that is known. */
export interface ConfigProblem {
  readonly path: string
  readonly message: string
  readonly line: number | undefined
}

/** A configuration that cannot be used; the message names every problem, one a line. Has no secrets. */
export class InvalidConfigError extends Error {
  override readonly name = 'InvalidConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[], file?: string) {
    const lines = problems.map(({ path, message, line }) => {
      const at = line === undefined ? '' : ` (line ${line})`
      return `  ${path === '' ? '(whole file)' : path}: ${message}${at}`
    })
    super(
      `the configuration ${file === undefined ? '' : `${file} `}has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${lines.join('\n')}`,
    )
    this.problems = problems
  }
}
