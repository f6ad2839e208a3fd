import { mkdir, readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'

import { unfinishedEnd, writeAtomically } from './atomic-write.ts'
import type { StoreProblems } from './store-problems.ts'

/** The files of a directory, with an eye on their age and on what they take together. */
export interface Shelf {
  /** Makes the directory, finds what is in it, and removes what is too old. */
  open(): Promise<void>
  /** What is there, the oldest first. */
  names(): ReadonlySet<string>
  /** Writes a file; the oldest go if all together take too much. Rejects with the system's error. */
  put(name: string, content: Uint8Array): Promise<void>
  /** The file is not there any more, or of no use. */
  forget(name: string): void
}

interface ShelfOptions {
  readonly directory: string
  readonly maximumBytes: number
  readonly now: () => number
  readonly problems: StoreProblems
}

const day = 24 * 60 * 60_000

// A repository in use is written each hour: nobody has asked for this one since.
const unusedAfter = 30 * day

// Another process may be at it; no write takes an hour.
const abandonedAfter = day / 24

/** The shelf of a directory that need not be there. */
export function createShelf(options: ShelfOptions): Shelf {
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
    forget(name) // it is the newest now
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

// The oldest first; what is to go is removed.
async function filesToKeep({ directory, now, problems }: ShelfOptions): Promise<readonly FoundFile[]> {
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

// Somebody else's file is none of ours, whatever its age.
async function lookAt(directory: string, name: string): Promise<FoundFile | undefined> {
  if (!fileName.test(name)) return undefined
  try {
    const { size, mtimeMs } = await stat(join(directory, name))
    return { name, size, writtenAt: mtimeMs }
  } catch {
    return undefined // it went between the two looks
  }
}
