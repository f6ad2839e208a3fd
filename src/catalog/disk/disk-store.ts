import { createHash } from 'node:crypto'
import { readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { repositoryKey } from '../entry/credential-scope.ts'
import { createCacheDirectory, type CacheDirectory } from './cache-directory.ts'
import { decodeStored, encodeStored, type Stored, type StoredFault } from './format.ts'
import { createStoreProblems, type CatalogStore, type StoreProblem, type StoreProblems } from './store.ts'

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

/** A write-behind queue: values are written later, one after the other, and of several for one key only the last. */
export interface WriteBehind<T> {
  add(key: string, value: T): void
  /** Writes what is left, for a few seconds at most. */
  close(): Promise<void>
}

interface WriteBehindOptions<T> {
  readonly write: (key: string, value: T) => Promise<void>
  readonly directory: string
  readonly problems: StoreProblems
}

// Fifty a second: 5,000 repositories are on the disk two minutes after a cold start, and the disk hardly notices.
const pause = 20

// A full or read-only disk is mended by a person, or by the removal of old files.
const pauseAfterFailure = 60_000

// A value in the queue keeps its tags in memory, also after the catalog has evicted them.
const mostWaiting = 10_000

// Of the forty seconds that a pod has to end, ten go to draining and some to requests under way.
const closeWithin = 5_000

// Disks sync several files in little more time than one; at the end nothing else uses them.
const writersAtTheEnd = 7

/** Creates an empty queue. */
export function createWriteBehind<T>(options: WriteBehindOptions<T>): WriteBehind<T> {
  const waiting = new Map<string, T>()
  const writing = new Map<string, Promise<void>>()
  const hurry = new AbortController()
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    while (waiting.size > 0) {
      const written = await writeFirst(waiting, { ...options, writing })
      if (hurry.signal.aborted && !written) return // at the end a failing disk is not waited for
      if (!hurry.signal.aborted) await interruptible(written ? pause : pauseAfterFailure, hurry.signal)
    }
  }

  function start(): Promise<void> {
    running ??= run().finally(() => {
      running = undefined
    })
    return running
  }

  return {
    add(key, value) {
      if (!waiting.has(key) && waiting.size >= mostWaiting) return
      waiting.set(key, value)
      if (!hurry.signal.aborted) void start()
    },
    async close() {
      hurry.abort()
      const inTime = new AbortController()
      const writers = Array.from({ length: writersAtTheEnd }, () => run())
      await Promise.race([Promise.all([start(), ...writers]), interruptible(closeWithin, inTime.signal)])
      inTime.abort()
      if (waiting.size === 0) return
      const message = `${waiting.size} repositories were not written before the end; they are asked for again`
      options.problems.add('unsaved', options.directory, message)
    },
  }
}

// Writes the first value; false where that failed, and the value stays in the queue.
async function writeFirst<T>(
  waiting: Map<string, T>,
  {
    write,
    directory,
    problems,
    writing,
  }: WriteBehindOptions<T> & { readonly writing: Map<string, Promise<void>> },
): Promise<boolean> {
  const [first] = waiting
  if (first === undefined) return true
  const [key, value] = first
  waiting.delete(key)
  // An older write of the key must not end last and replace the newer one.
  const before = writing.get(key) ?? Promise.resolve()
  const own = before.catch(() => undefined).then(() => write(key, value))
  writing.set(key, own)
  try {
    await own
    problems.solved('unwritable')
    return true
  } catch (error) {
    if (!waiting.has(key) && writing.get(key) === own) waiting.set(key, value)
    const reason = error instanceof Error ? error.message : String(error)
    const remedy =
      'it goes on from memory and tries again; give the disk room and the process the right to write'
    problems.add('unwritable', directory, `${reason}; ${remedy}`)
    return false
  } finally {
    if (writing.get(key) === own) writing.delete(key)
  }
}

// Waiting ends early, without an error, and keeps no process up.
async function interruptible(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal, ref: false }).catch(() => undefined)
}
