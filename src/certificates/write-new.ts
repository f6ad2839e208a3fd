import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Writes a file anew, readable for its owner alone where it is `secret`, and puts it in the place of an older one. Writing
 * into that one would leave its mode, and its readers, as they are. A symbolic link is replaced, not followed.
 * @throws the error of the file system; an older file is then as it was.
 */
export function writeNew(path: string, text: string, { secret }: { readonly secret: boolean }): void {
  const mode = secret ? 0o600 : 0o644
  const temporary = `${path}.${process.pid}.new`
  try {
    // `wx`: whatever lies there under this name is not written into.
    writeFileSync(temporary, text, { mode, flag: 'wx', flush: true })
    chmodSync(temporary, mode) // whatever the umask is
    renameSync(temporary, path)
  } catch (error) {
    if (!isTaken(error)) rmSync(temporary, { force: true })
    throw error
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
