import { randomUUID } from 'node:crypto'
import { open, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** What a file is called that is being written; it ends so, and never bears the name of a finished one. */
export const unfinishedEnd = '.unfinished'

/**
 * Writes a file so that whoever reads it, also after a crash of this process or of the machine, finds the old one or the
 * new one: a file beside it, forced to the disk, takes its name. Of two processes that do so the last one's stays.
 */
export async function writeAtomically(directory: string, name: string, content: Uint8Array): Promise<void> {
  const unfinished = join(directory, `${name}.${randomUUID()}${unfinishedEnd}`)
  try {
    await writeForced(unfinished, content)
    await rename(unfinished, join(directory, name))
  } catch (error) {
    await unlink(unfinished).catch(() => undefined) // what is left is removed at a later start
    throw error
  }
  await forceDirectory(directory)
}

async function writeForced(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

// Without it a crash of the machine may undo the change of name.
async function forceDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
