import { runCommand } from '../../src/cli/index.ts'

/** What a command line printed, and what it ended with. */
export interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line with these files, and nothing else. */
export async function run(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<Run> {
  let out = ''
  let err = ''
  const code = await runCommand(args, {
    environment: {},
    out: text => void (out += text),
    err: text => void (err += text),
    readFile(path) {
      const text = files[path]
      if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`)
      return text
    },
  })
  return { code, out, err }
}
