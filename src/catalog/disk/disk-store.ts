import { createHash } from 'node:crypto'
import { readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeStored, encodeStored, type Stored, type StoredFault } from './format.ts'
import { createCacheDirectory, type CacheDirectory } from './cache-directory.ts'
import { createStoreProblems, type StoreProblems, type CatalogStore, type StoreProblem } from './store.ts'
import { repositoryKey } from '../entry/credential-scope.ts'
import { createWriteBehind } from './write-behind.ts'

/** The options of a disk store; times in milliseconds. */
export interface DiskStoreOptions {
  /** The files are in a subdirectory that is named after the version of their format. */
  readonly directory: string
  readonly now: () => number
  readonly onProblem?: (problem: StoreProblem) => void
  /** The most that all files take together; the oldest are removed first. 1 GiB if not given. */
  readonly maximumBytes?: number
}

// 5,000 repositories of 2,000 tags take 200 MB. A user who may create pods may name any public repository: the disk must not fill up.
const defaultMaximum = 2 ** 30

/** Creates a store of one file for each repository. Several processes may share the directory: of two that write a file, the last one wins. */
export function createDiskStore(options: DiskStoreOptions): CatalogStore {
  const { now, onProblem, maximumBytes = defaultMaximum } = options
  const directory = join(options.directory, 'v1')
  const problems = createStoreProblems(onProblem)
  const files = createCacheDirectory({ directory, maximumBytes, now, problems })
  const writer = createWriteBehind<Stored>({
    write: (key, stored) => files.put(fileOf(key), encodeStored(stored)),
    directory,
    problems,
  })
  const parts = { directory, files, problems }

  return {
    open: () => files.open(),
    has: key => files.names().has(fileOf(key)),
    async load(key) {
      const stored = await loadFile(fileOf(key), parts)
      return stored !== undefined && repositoryKey(stored.repository) === key ? stored : undefined
    },
    async *all() {
      for (const name of [...files.names()].toReversed()) {
        const stored = await loadFile(name, parts)
        if (stored !== undefined && fileOf(repositoryKey(stored.repository)) === name) yield stored
      }
    },
    save: (key, stored) => writer.add(key, stored),
    close: () => writer.close(),
  }
}

// The name of a repository may be longer than that of a file, and may have characters that a file system does not allow.
function fileOf(key: string): string {
  return `${createHash('sha256').update(key).digest('hex')}.tags`
}

interface StoreParts {
  readonly directory: string
  readonly files: CacheDirectory
  readonly problems: StoreProblems
}

async function loadFile(
  name: string,
  { directory, files, problems }: StoreParts,
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
  files.forget(name)
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
