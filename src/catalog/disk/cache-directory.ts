import { mkdir, readdir, stat, unlink, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { StoreProblems } from './store.ts'

/** The files of a cache in one directory, bounded by age and by their size together. */
export interface CacheDirectory {
  /** Creates the directory, lists its files and removes those that are too old. */
  open(): Promise<void>
  /** The names of the files, the oldest first. */
  names(): ReadonlySet<string>
  /** Writes a file, then removes the oldest while all together take too much. Rejects with the system's error. */
  put(name: string, content: Uint8Array): Promise<void>
  /** Removes a deleted or useless file from the list. */
  forget(name: string): void
}

interface CacheDirectoryOptions {
  readonly directory: string
  readonly maximumBytes: number
  readonly now: () => number
  readonly problems: StoreProblems
}

const day = 24 * 60 * 60_000

// A repository in use is written each hour: this one has not been asked for since.
const unusedAfter = 30 * day

// Another process may be writing it; no write takes an hour.
const abandonedAfter = day / 24

/** Creates a cache over a directory, which need not exist yet. */
export function createCacheDirectory(options: CacheDirectoryOptions): CacheDirectory {
  const { directory, maximumBytes } = options
  const sizes = new Map<string, number>()
  const names = new Set<string>()
  let total = 0

  function forget(name: string): void {
    total -= sizes.get(name) ?? 0
    sizes.delete(name)
    names.delete(name)
  }

  function remember(name: string, size: number): void {
    forget(name) // it becomes the newest
    names.add(name)
    sizes.set(name, size)
    total += size
  }

  async function makeRoom(): Promise<void> {
    for (const name of names) {
      if (total <= maximumBytes) return
      forget(name)
      await unlink(join(directory, name)).catch(() => undefined) // another process was quicker
    }
  }

  return {
    async open() {
      for (const { name, size } of await filesToKeep(options)) remember(name, size)
      await makeRoom()
    },
    names: () => names,
    async put(name, content) {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await writeAtomically(directory, name, content)
      remember(name, content.length)
      await makeRoom()
    },
    forget,
  }
}

interface FoundFile {
  readonly name: string
  readonly size: number
  readonly writtenAt: number
}

// The files that stay, the oldest first; the others are removed.
async function filesToKeep({
  directory,
  now,
  problems,
}: CacheDirectoryOptions): Promise<readonly FoundFile[]> {
  const kept: FoundFile[] = []
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    for (const name of await readdir(directory)) {
      const file = await lookAt(directory, name)
      if (file === undefined) continue
      const age = now() - file.writtenAt
      if (age > (name.endsWith(unfinishedEnd) ? abandonedAfter : unusedAfter))
        await unlink(join(directory, name))
      else if (!name.endsWith(unfinishedEnd)) kept.push(file)
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const next = 'make it a directory that the process may read and write'
    problems.add('unreadable', directory, `${reason}; what was known before the start is not; ${next}`)
  }
  return kept.toSorted((one, other) => one.writtenAt - other.writtenAt)
}

const fileName = /^[0-9a-f]{64}\.tags(?:\.[0-9a-f-]{36}\.unfinished)?$/

// A file with another name was not written by Patchline and stays, whatever its age.
async function lookAt(directory: string, name: string): Promise<FoundFile | undefined> {
  if (!fileName.test(name)) return undefined
  try {
    const { size, mtimeMs } = await stat(join(directory, name))
    return { name, size, writtenAt: mtimeMs }
  } catch {
    return undefined // removed between the two calls
  }
}

/** The suffix of a file that is being written; no finished file has it. */
export const unfinishedEnd = '.unfinished'

/**
 * Replaces a file atomically: a reader finds the old content or the new one, also after a crash of this process or of the machine.
 * A file beside it is written, synced to the disk and renamed. Of two processes that write, the last one wins.
 */
export async function writeAtomically(directory: string, name: string, content: Uint8Array): Promise<void> {
  const unfinished = join(directory, `${name}.${randomUUID()}${unfinishedEnd}`)
  try {
    await writeForced(unfinished, content)
    await rename(unfinished, join(directory, name))
  } catch (error) {
    await unlink(unfinished).catch(() => undefined) // what stays behind is removed at a later start
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

// Without it a crash of the machine may undo the rename.
async function forceDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
