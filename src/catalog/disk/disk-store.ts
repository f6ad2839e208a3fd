import { createHash } from 'node:crypto'
import { readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'

import { decodeStored, encodeStored, type Stored, type StoredFault } from './format.ts'
import { createShelf, type Shelf } from './shelf.ts'
import { createStoreProblems, type StoreProblems } from './store-problems.ts'
import type { CatalogStore, StoreProblem } from './store.ts'
import { repositoryKey } from '../entry/views.ts'
import { createWriteBehind } from './write-behind.ts'

/** Where a disk store is, and whom it tells; times in milliseconds. */
export interface DiskStoreOptions {
  /** Its files are in a directory of it that is named after the version of their format. */
  readonly directory: string
  readonly now: () => number
  readonly onProblem?: (problem: StoreProblem) => void
  /** What all files together may take; the oldest go first. 1 GiB if not given. */
  readonly maximumBytes?: number
}

// 5,000 repositories of 2,000 tags take 200 MB. Who may create pods may name any public repository: a disk must not fill up.
const defaultMaximum = 2 ** 30

/** A store of one file for each repository. Several processes may share the directory: of two that write a file the last one's stays. */
export function createDiskStore(options: DiskStoreOptions): CatalogStore {
  const { now, onProblem, maximumBytes = defaultMaximum } = options
  const directory = join(options.directory, 'v1')
  const problems = createStoreProblems(onProblem)
  const shelf = createShelf({ directory, maximumBytes, now, problems })
  const writer = createWriteBehind<Stored>({
    write: (key, stored) => shelf.put(fileOf(key), encodeStored(stored)),
    directory,
    problems,
  })
  const parts = { directory, shelf, problems }

  return {
    open: () => shelf.open(),
    has: key => shelf.names().has(fileOf(key)),
    async load(key) {
      const stored = await loadFile(fileOf(key), parts)
      return stored !== undefined && repositoryKey(stored.repository) === key ? stored : undefined
    },
    async *all() {
      for (const name of [...shelf.names()].toReversed()) {
        const stored = await loadFile(name, parts)
        if (stored !== undefined && fileOf(repositoryKey(stored.repository)) === name) yield stored
      }
    },
    save: (key, stored) => writer.add(key, stored),
    close: () => writer.close(),
  }
}

// The name of a repository may be longer than a file's may be, and means nothing to a file system.
function fileOf(key: string): string {
  return `${createHash('sha256').update(key).digest('hex')}.tags`
}

interface StoreParts {
  readonly directory: string
  readonly shelf: Shelf
  readonly problems: StoreProblems
}

async function loadFile(
  name: string,
  { directory, shelf, problems }: StoreParts,
): Promise<Stored | undefined> {
  const file = join(directory, name)
  try {
    const content = await readFile(file)
    problems.solved('unreadable')
    const stored = decodeStored(content)
    if (typeof stored !== 'string') return stored
    problems.add(stored, file, faults[stored])
    if (stored === 'corrupt') await unlink(file)
  } catch (error) {
    if (!isMissing(error)) problems.add('unreadable', file, `${reasonOf(error)}; ${faults.unreadable}`)
  }
  shelf.forget(name)
  return undefined
}

const askedAnew = 'the tags of its repository are asked for again'

const faults: Readonly<Record<StoredFault | 'unreadable', string>> = {
  corrupt: `the file is damaged and was removed; ${askedAnew}`,
  'other-version': `the file is of another version of Patchline or another kind of machine; ${askedAnew}`,
  unreadable: `${askedAnew}; give the process the right to read the file`,
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
