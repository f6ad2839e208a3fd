import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { resolve } from 'node:path'
import {
  applyEdits,
  planFile,
  standardInput,
  unifiedDiff,
  type GivenFile,
  type LeftRow,
  type ScannedImage,
} from '../../scan/index.ts'
import { UsageError } from '../terminal/terminal.ts'

/** What was rewritten, or would be. */
export interface Rewriting {
  /** For all files, as `git apply` takes it. */
  readonly diff: string
  readonly fixed: readonly ScannedImage[]
  readonly left: readonly LeftRow[]
}

interface RewriteOptions {
  /** What the paths of rows are relative to. */
  readonly root: string
  /** Without it, nothing is written. */
  readonly write: boolean
}

/** Gives outdated images their newest tags, file by file; nothing but the characters of tags and digests changes. @throws UsageError */
export function rewriteFiles(
  rows: readonly ScannedImage[],
  files: readonly GivenFile[],
  { root, write }: RewriteOptions,
): Rewriting {
  const byFile = Map.groupBy(rows, ({ file }) => file)
  const plans = files.flatMap(({ path, text }) => {
    const plan = planFile(byFile.get(path) ?? [])
    const fresh = applyEdits(text, plan.edits)
    return fresh === text
      ? [{ ...plan, path, text, fresh, diff: '' }]
      : [{ ...plan, path, text, fresh, diff: unifiedDiff(path, text, fresh) }]
  })
  const changed = plans.filter(({ diff }) => diff !== '')
  if (write && changed.some(({ path }) => path === standardInput))
    throw new UsageError('standard input cannot be rewritten: name files, or add --dry-run')
  if (write) for (const { path, text, fresh } of changed) replaceFile(resolve(root, path), text, fresh)
  return {
    diff: plans.map(({ diff }) => diff).join(''),
    fixed: plans.flatMap(({ fixed }) => fixed),
    left: plans.flatMap(({ left }) => left),
  }
}

// The new file takes the place of the old one at once: a reader, or a process that ends here, never sees half of it.
function replaceFile(path: string, before: string, after: string): void {
  let temporary: string | undefined
  try {
    const real = realpathSync(path)
    if (!readFileSync(real).equals(Buffer.from(before)))
      throw new Error('it was changed meanwhile; scan it again')
    temporary = `${real}.patchline-${process.pid}`
    writeWhole(temporary, after, statSync(real).mode)
    renameSync(temporary, real)
  } catch (error) {
    if (temporary !== undefined) rmSync(temporary, { force: true })
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${path} cannot be rewritten: ${why}`, { cause: error })
  }
}

function writeWhole(path: string, text: string, mode: number): void {
  const file = openSync(path, 'wx', mode)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
